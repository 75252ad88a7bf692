package io.webdnn.graph.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.Sizes;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepsTest {
    private static Buffer buffer(DType dtype, int... shape) {
        return Buffer.of("y", TensorType.of(dtype, shape));
    }

    private static Index index(int extent) {
        return new Index("i", Dimension.of(extent));
    }

    private static Tensor evaluate(int n, Bounds bounds, Function<Index, Expr> value) {
        var i = index(n);
        var e = value.apply(i);
        var y = buffer(e.dtype(), n);
        var environment = new Environment(new Sizes(), bounds);
        Interpreter.run(
                List.of(new Stage(List.of(i), List.of(new Stage.Output(y, e)))), environment);
        return environment.get(y);
    }

    private static Buffer known(float... values) {
        return Buffer.constant("x", Tensor.of(values, values.length));
    }

    @ParameterizedTest
    @CsvSource({
        "ADD, INT32, 2147483647, 1, -2147483648",
        "ADD, UINT8, 200, 100, 44",
        "SUBTRACT, UINT32, 0, 1, 4294967295",
        "MULTIPLY, INT8, 16, 8, -128",
        "DIVIDE, INT32, -7, 2, -3",
        "DIVIDE, INT32, -7, 0, 0",
        "DIVIDE, INT32, -2147483648, -1, -2147483648",
        "REMAINDER, INT32, -7, 2, -1",
        "FLOOR_DIVIDE, INT32, -7, 2, -4",
        "FLOOR_MODULO, INT32, -7, 2, 1",
        "FLOOR_MODULO, INT64, 7, -3, -2",
        "FLOOR_MODULO, INT64, 7, 0, 0",
        "DIVIDE, UINT64, -1, 2, 9223372036854775807",
        "MAX, UINT64, -1, 1, -1",
        "MAX, INT64, -1, 1, 1",
        "POWER, INT32, -3, 3, -27",
        "POWER, INT32, 2, -1, 0",
        "POWER, INT32, -1, -3, -1",
        "SHIFT_LEFT, INT32, 1, 33, 2",
        "SHIFT_LEFT, INT64, 1, 33, 8589934592",
        "SHIFT_RIGHT, INT32, -8, 1, -4",
        "SHIFT_RIGHT, UINT32, 4294967288, 1, 2147483644",
        "MULTIPLY_HIGH, UINT32, 4294967295, 4294967295, 4294967294",
        "XOR, UINT16, 65535, 1, 65534"
    })
    void integersWrap(Binary.Operator operator, DType dtype, long a, long b, long expected) {
        var result =
                evaluate(
                        1,
                        Bounds.CHECKED,
                        _ -> new Binary(operator, Literal.of(dtype, a), Literal.of(dtype, b)));
        assertThat(result.getLong(0)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, INT32, 2.9, 2",
        "FLOAT32, INT32, -2.9, -2",
        "FLOAT32, INT32, NaN, 0",
        "FLOAT32, INT32, 1e30, 2147483647",
        "FLOAT32, UINT8, -1, 0",
        "FLOAT32, UINT8, 300, 255",
        "FLOAT64, UINT64, 1e30, -1",
        "FLOAT64, UINT64, 18446744073709549568, -2048",
        "INT32, INT8, 200, -56",
        "INT64, UINT32, -1, 4294967295",
        "INT32, INT4, 9, -7",
        "FLOAT32, BOOL, 0.5, 1",
        "FLOAT32, BOOL, NaN, 1",
        "FLOAT32, BOOL, 0, 0"
    })
    void castsConvert(DType from, DType to, double value, long expected) {
        var result = evaluate(1, Bounds.CHECKED, _ -> new Cast(to, Literal.of(from, value), true));
        assertThat(result.getLong(0)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "REMAINDER, -7, 3, -1",
        "FLOOR_MODULO, -7, 3, 2",
        "FLOOR_DIVIDE, -7, 3, -3",
        "MIN, NaN, 1, NaN",
        "MAX, 1, NaN, NaN",
        "POWER, -2, 3, -8",
        "DIVIDE, 1, 0, Infinity"
    })
    void floats(Binary.Operator operator, double a, double b, double expected) {
        var result =
                evaluate(
                        1,
                        Bounds.CHECKED,
                        _ ->
                                new Binary(
                                        operator,
                                        Literal.of(DType.FLOAT32, a),
                                        Literal.of(DType.FLOAT32, b)));
        assertThat(result.getDouble(0)).isEqualTo(Double.valueOf(expected));
    }

    /// Values from tables of the functions, to 16 digits.
    @ParameterizedTest
    @CsvSource({
        "ERF, 0.5, 0.5204998778130465",
        "ERF, 2, 0.9953222650189527",
        "ERF, -3.5, -0.9999992569016276",
        "ERF, 1e-10, 1.1283791670955126e-10",
        "ASINH, 1, 0.881373587019543",
        "ASINH, -1e-9, -1e-9",
        "ACOSH, 1.5, 0.9624236501192069",
        "ATANH, 0.5, 0.5493061443340549",
        "ROUND, 2.5, 2",
        "ROUND, -0.5, -0.0",
        "SIGN, NaN, NaN"
    })
    void functions(Unary.Operator operator, double x, double expected) {
        var result =
                evaluate(1, Bounds.CHECKED, _ -> new Unary(operator, Literal.of(DType.FLOAT64, x)));
        if (Double.isNaN(expected)) assertThat(result.getDouble(0)).isNaN();
        else
            assertThat(result.getDouble(0))
                    .isCloseTo(expected, org.assertj.core.api.Assertions.withinPercentage(1e-13));
    }

    @Test
    void float32IsRoundedAfterEveryOperation() {
        var big = Literal.of(DType.FLOAT32, 1 << 24);
        var one = Literal.of(DType.FLOAT32, 1);
        var result = evaluate(1, Bounds.CHECKED, _ -> big.plus(one).minus(big));
        assertThat(result.floats()).containsExactly(0);
    }

    @Test
    void sumsOfFloat32AreRoundedOnce() {
        var x = known(1 << 24, 1, 1);
        var r = index(3);
        var result =
                evaluate(1, Bounds.CHECKED, _ -> Expr.sum(List.of(r), new Load(x, List.of(r))));
        assertThat(result.floats()).containsExactly((1 << 24) + 2);
    }

    @Test
    void reductionsOverNothingGiveTheIdentity() {
        var none = index(0);
        var one = Literal.of(DType.FLOAT32, 1);
        for (var operator : List.of(Reduce.Operator.MAX, Reduce.Operator.PRODUCT)) {
            var result = evaluate(1, Bounds.CHECKED, _ -> new Reduce(operator, List.of(none), one));
            assertThat(result.floats())
                    .containsExactly(operator == Reduce.Operator.MAX ? Float.NEGATIVE_INFINITY : 1);
        }
        var least =
                evaluate(
                        1,
                        Bounds.CHECKED,
                        _ ->
                                new Reduce(
                                        Reduce.Operator.MIN,
                                        List.of(none),
                                        Literal.of(DType.INT8, 0L)));
        assertThat(least.bytes()).containsExactly((byte) 127);
    }

    @Test
    void loadsOutsideAreClamped() {
        var x = known(1, 2, 3);
        var result = evaluate(5, Bounds.CLAMPED, i -> new Load(x, List.of(i.minus(1))));
        assertThat(result.floats()).containsExactly(1, 1, 2, 3, 3);
    }

    @Test
    void aValueOutsideThatIsUsedIsFoundWhenChecked() {
        var x = known(1, 2, 3);
        assertThatThrownBy(() -> evaluate(5, Bounds.CHECKED, i -> new Load(x, List.of(i.minus(1)))))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("Load: x: expected 0 ... 2 on axis 0 of [3], got -1");
    }

    @Test
    void aValueOutsideThatIsNotChosenIsFine() {
        var x = known(1, 2, 3);
        var local = new Local("v", DType.FLOAT32);
        var result =
                evaluate(
                        5,
                        Bounds.CHECKED,
                        i -> {
                            var at = i.minus(1);
                            var inside = at.isWithin(Dimension.of(3));
                            return new Let(
                                    local,
                                    new Load(x, List.of(at)),
                                    inside.select(local, Literal.of(DType.FLOAT32, 9)));
                        });
        assertThat(result.floats()).containsExactly(9, 1, 2, 3, 9);
    }

    @Test
    void aLetMayShareItsIndexWithItsBody() {
        var x = known(1, 2, 3);
        var r = index(3);
        var element = new Load(x, List.of(r));
        for (var bounds : Bounds.values()) {
            var mean = new Local("sum", DType.FLOAT32);
            var result =
                    evaluate(
                            1,
                            bounds,
                            _ ->
                                    new Let(
                                            mean,
                                            Expr.sum(List.of(r), element),
                                            Expr.sum(List.of(r), element.times(mean))));
            assertThat(result.floats()).containsExactly(36);
        }
    }

    @Test
    void accumulatorsAreUpdatedTogether() {
        var a = new Local("a", DType.INT32);
        var b = new Local("b", DType.INT32);
        var fibonacci =
                new Fold(
                        List.of(index(10)),
                        List.of(
                                new Accumulator(a, Expr.of(0), b),
                                new Accumulator(b, Expr.of(1), a.plus(b))),
                        a);
        assertThat(evaluate(1, Bounds.CHECKED, _ -> fibonacci).ints()).containsExactly(55);
    }

    @Test
    void theLastOfEqualTargetsReplacesAndTheConditionSkips() {
        var at = Buffer.constant("at", Tensor.of(new int[] {1, 0, 1, 7, 2}, 5));
        var u = index(5);
        var target = new Load(at, List.of(u));
        for (var combine : List.of(Push.Combine.REPLACE, Push.Combine.ADD)) {
            var y = buffer(DType.INT32, 3);
            var push =
                    new Push(
                            y,
                            List.of(index(3)),
                            Expr.of(100),
                            List.of(u),
                            u.less(Expr.of(4)),
                            List.of(target),
                            u,
                            combine);
            var environment = new Environment();
            Interpreter.run(List.of(push), environment);
            var pushed = environment.get(y).ints();
            assertThat(pushed)
                    .containsExactly(
                            combine == Push.Combine.ADD
                                    ? new int[] {101, 102, 100}
                                    : new int[] {1, 2, 100});
            var pulled = new Environment();
            Interpreter.run(List.of(push.toPull()), pulled);
            assertThat(pulled.get(y).ints()).containsExactly(pushed);
        }
    }

    @Test
    void statesAreSwappedAtOnce() {
        var step = new Index("t", Dimension.of(4));
        var a = Buffer.of("a", TensorType.of(DType.INT32, 1));
        var b = Buffer.of("b", TensorType.of(DType.INT32, 1));
        var sum = Buffer.of("sum", TensorType.of(DType.INT32, 1));
        var all = Buffer.of("all", TensorType.of(DType.INT32, 4, 1));
        var body =
                Stage.each(
                        sum,
                        o -> new Load(a, List.of(o.get(0))).plus(new Load(b, List.of(o.get(0)))));
        var recurrence =
                new Recurrence(
                        step,
                        List.of(
                                new Recurrence.State(a, List.of(index(1)), Expr.of(1), b),
                                new Recurrence.State(b, List.of(index(1)), Expr.of(1), sum)),
                        List.of(body),
                        List.of(new Recurrence.History(all, sum)));
        var environment = new Environment();
        Interpreter.run(List.of(recurrence), environment);
        assertThat(environment.get(all).ints()).containsExactly(2, 3, 5, 8);
        assertThat(environment.get(a).ints()).containsExactly(5);
        assertThat(environment.get(b).ints()).containsExactly(8);
    }

    @Test
    void anUpdateSeesWhatWasPushedBefore() {
        var x = known(3, 1, 2);
        var sums = Buffer.of("sums", x.type());
        var i = index(3);
        var before =
                Expr.of(0)
                        .less(i)
                        .select(new Load(sums, List.of(i.minus(1))), Expr.of(DType.FLOAT32, 0));
        var push =
                new Push(
                        sums,
                        List.of(index(3)),
                        Expr.of(DType.FLOAT32, 0),
                        List.of(i),
                        Literal.of(true),
                        List.of(i),
                        before.plus(new Load(x, List.of(i))),
                        Push.Combine.REPLACE);
        var environment = new Environment();
        Interpreter.run(List.of(push), environment);
        assertThat(environment.get(sums).floats()).containsExactly(3, 4, 6);
        assertThat(push.readsOutput()).isTrue();
    }

    @Test
    void aMeasureGivesASizeItsValue() {
        var count = Buffer.of("count", TensorType.of(DType.INT32));
        var n = Dimension.symbol("n");
        var y = Buffer.of("y", new TensorType(DType.INT32, Shape.of(n)));
        var environment = new Environment();
        Interpreter.run(
                List.of(
                        new Stage(List.of(), List.of(new Stage.Output(count, Expr.of(3)))),
                        new Measure("n", count, Dimension.of(5)),
                        Stage.each(y, o -> o.getFirst().times(Expr.of(n)))),
                environment);
        assertThat(environment.get(y).ints()).containsExactly(0, 3, 6);
    }

    @Test
    void aHostCallDecidesTheSizeOfItsResult() {
        var x = known(0, 5, 0, 7);
        var count = Dimension.symbol("count");
        var found = Buffer.of("found", new TensorType(DType.FLOAT32, Shape.of(count)));
        var call =
                new HostCall(
                        "Positive",
                        List.of(x),
                        List.of(found),
                        in -> {
                            var positive = new java.util.ArrayList<Float>();
                            for (float v : in.getFirst().floats()) if (v > 0) positive.add(v);
                            var result = new float[positive.size()];
                            for (int i = 0; i < result.length; i++) result[i] = positive.get(i);
                            return List.of(Tensor.of(result, result.length));
                        });
        var y = Buffer.of("y", found.type());
        var doubled =
                Stage.each(
                        y,
                        o ->
                                new Load(found, o.stream().<Expr>map(i -> i).toList())
                                        .plus(new Load(found, List.of(o.get(0)))));
        var environment = new Environment();
        Interpreter.run(List.of(call, doubled), environment);
        assertThat(environment.get(y).floats()).containsExactly(10, 14);
        assertThat(environment.sizes().toMap()).containsEntry("count", 2L);
    }

    @Test
    void float16IsRoundedAtTheStoreOnly() {
        var tiny = new Cast(DType.FLOAT16, Literal.of(DType.FLOAT32, 1), true);
        var result =
                evaluate(
                        1,
                        Bounds.CHECKED,
                        _ ->
                                Literal.of(DType.FLOAT16, 2048)
                                        .plus(tiny)
                                        .plus(tiny)
                                        .apply(Binary.Operator.MULTIPLY, tiny));
        assertThat(result.getDouble(0)).isEqualTo(2050);
    }

    @Test
    void bufferThatNobodyWroteIsNamed() {
        var missing = Buffer.of("weights", TensorType.of(DType.FLOAT32, 1));
        assertThatThrownBy(() -> evaluate(1, Bounds.CHECKED, i -> new Load(missing, List.of(i))))
                .hasMessage(
                        "Interpreter: weights: expected a buffer that an earlier step wrote or that"
                                + " is bound, got neither");
    }
}
