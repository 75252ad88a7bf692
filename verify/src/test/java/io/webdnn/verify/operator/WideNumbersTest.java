package io.webdnn.verify.operator;

import static io.webdnn.graph.expr.Binary.Operator.*;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.op.Compute;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Lowering;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.browser.ModelPage;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Numbers of 64 bits: WebAssembly has them, GPUs refuse what cannot be shown to need 32 only.
class WideNumbersTest {
    private static ModelPage page;

    @BeforeAll
    static void open() {
        assumeTrue(Chromium.find().isPresent(), "no Chromium: set CHROME_PATH");
        page = new ModelPage(Backend.WEBASSEMBLY);
    }

    @AfterAll
    static void close() {
        if (page != null) page.close();
    }

    /// Any function of the elements of its inputs.
    private record Applied(java.util.function.Function<List<Expr>, Expr> function)
            implements CustomOp {
        @Override
        public List<TensorType> infer(Operands in) {
            var operands = new ArrayList<Expr>();
            for (int i = 0; i < in.count(); i++) operands.add(in.load(i, List.of(Expr.of(0))));
            return List.of(in.type(0).with(function.apply(operands).dtype()));
        }

        @Override
        public Lowering lower(Operands in) {
            return Compute.each(
                    infer(in).getFirst(),
                    o -> {
                        var operands = new ArrayList<Expr>();
                        for (int i = 0; i < in.count(); i++) operands.add(in.load(i, o));
                        return function.apply(operands);
                    });
        }
    }

    private static Graph graph(Applied op, Tensor... inputs) {
        var g = Graph.builder();
        var values = new ArrayList<io.webdnn.graph.Value>();
        for (var input : inputs)
            values.add(
                    g.input("x" + values.size(), new TensorType(input.dtype(), input.toShape())));
        return g.build(Map.of("y", g.apply(op, values.toArray(io.webdnn.graph.Value[]::new))));
    }

    private static Tensor run(Applied op, Tensor... inputs) throws InterruptedException {
        var graph = graph(op, inputs);
        var types = graph.outputs().stream().map(io.webdnn.graph.Value::type).toList();
        var descriptor = GraphDescriptor.generate(Backend.WEBASSEMBLY, graph);
        return page.run(descriptor, List.of(inputs), types).getFirst();
    }

    private static Applied unary(UnaryOperator<Expr> function) {
        return new Applied(in -> function.apply(in.getFirst()));
    }

    private static Applied binary(BinaryOperator<Expr> function) {
        return new Applied(in -> function.apply(in.getFirst(), in.getLast()));
    }

    private static Tensor doubles(double... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor longs(DType dtype, long... values) {
        var tensor = Tensor.zeros(dtype, values.length);
        for (int i = 0; i < values.length; i++) tensor.setLong(i, values[i]);
        return tensor;
    }

    // float64

    /// The bounds that `DoubleFunctions` states, in units in the last place.
    @ParameterizedTest
    @CsvSource({
        "EXP, -708, 709.7, 1",
        "EXP, -1, 1, 1",
        "LOG, 1e-300, 1e300, 1",
        "LOG, 0.5, 2, 1",
        "LOG1P, -0.999, 3, 3",
        "LOG1P, -1e-6, 1e-6, 3",
        "SIN, -7, 7, 2",
        "SIN, -4e6, 4e6, 2",
        "COS, -7, 7, 2",
        "COS, -4e6, 4e6, 2",
        "TAN, -7, 7, 5",
        "ATAN, -5, 5, 2",
        "ATAN, -1e9, 1e9, 2",
        "ASIN, -1, 1, 4",
        "ACOS, -1, 0.999999, 4",
        "SINH, -3, 3, 4",
        "SINH, -710, 710, 4",
        "COSH, -3, 3, 4",
        "COSH, -710, 710, 4",
        "TANH, -3, 3, 4",
        "TANH, -25, 25, 4",
        "ASINH, -5, 5, 4",
        "ASINH, -1e15, 1e15, 4",
        "ACOSH, 1, 5, 4",
        "ACOSH, 1, 1e15, 4",
        "ATANH, -0.9999, 0.9999, 4",
        "ERF, -1.2, 1.2, 2",
        "ERF, -7, 7, 2"
    })
    void functionsOfFloat64AreAsCloseAsStated(
            Unary.Operator operator, double low, double high, double ulps) throws Exception {
        var x = spread(low, high);
        var y = run(unary(e -> e.apply(operator)), doubles(x)).doubles();
        for (int i = 0; i < x.length; i++)
            assertThat(ulps(y[i], Precise.of(operator, x[i])))
                    .as("%s of %s: %s", operator, x[i], y[i])
                    .isLessThanOrEqualTo(ulps);
    }

    /// Java's own functions are within 1 of the exact value, ours within 3.
    @ParameterizedTest
    @EnumSource(
            value = Unary.Operator.class,
            names = {"SIN", "COS"})
    void anglesOfFloat64MayBeFar(Unary.Operator operator) throws Exception {
        var x = spread(3e6, 1e308);
        for (int i = 0; i < x.length; i += 2) x[i] = -x[i];
        x[2] = 6381956970095103.0 * 0x1p797; // nearest to a multiple of π/2 of all
        x[3] = 0x1p22;
        x[4] = Double.MAX_VALUE;
        var y = run(unary(e -> e.apply(operator)), doubles(x)).doubles();
        for (int i = 0; i < x.length; i++) {
            double expected = expected(operator, x[i]);
            assertThat(Math.abs(y[i] - expected))
                    .as("%s of %s: %s", operator, x[i], y[i])
                    .isLessThanOrEqualTo(4 * Math.ulp(expected));
        }
    }

    @Test
    void powersOfFloat64AreAsCloseAsStated() throws Exception {
        var bases = new ArrayList<Double>();
        var exponents = new ArrayList<Double>();
        var random = new Random(3);
        for (int i = 0; i < 400; i++) {
            double base = Math.exp(random.nextDouble(-20, 20));
            double most = 700 / Math.abs(Math.log(base));
            bases.add(base);
            exponents.add(random.nextDouble(-most, most));
        }
        double[] x = bases.stream().mapToDouble(v -> v).toArray();
        double[] e = exponents.stream().mapToDouble(v -> v).toArray();
        var y = run(binary((a, b) -> a.apply(POWER, b)), doubles(x), doubles(e)).doubles();
        for (int i = 0; i < x.length; i++)
            assertThat(ulps(y[i], Precise.power(x[i], e[i])))
                    .as("%s to %s: %s", x[i], e[i], y[i])
                    .isLessThanOrEqualTo(1);
    }

    private static double[] spread(double low, double high) {
        var random = new Random(5);
        double[] x = new double[200];
        boolean isWide = low > 0 && high / low > 1e6;
        for (int i = 0; i < x.length; i++) {
            x[i] =
                    isWide
                            ? Math.exp(random.nextDouble(Math.log(low), Math.log(high)))
                            : random.nextDouble(low, high);
        }
        x[0] = low;
        x[1] = high;
        return x;
    }

    private static double ulps(double actual, BigDecimal exact) {
        if (!Double.isFinite(actual)) return Double.POSITIVE_INFINITY;
        double unit = Math.ulp(exact.doubleValue());
        return new BigDecimal(actual).subtract(exact).abs().doubleValue() / unit;
    }

    @ParameterizedTest
    @EnumSource(
            value = Unary.Operator.class,
            names = {
                "EXP", "LOG", "LOG1P", "SQRT", "SIGN", "ABS", "FLOOR", "CEIL", "ROUND", "NEGATE",
                "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "SINH", "COSH", "TANH"
            })
    void functionsOfFloat64KnowTheEndsOfTheirRanges(Unary.Operator operator) throws Exception {
        double[] x = {
            0, 1, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -2, 800, -800
        };
        var y = run(unary(e -> e.apply(operator)), doubles(x)).doubles();
        for (int i = 0; i < x.length; i++) {
            double expected = expected(operator, x[i]);
            assertThat(isClose(y[i], expected))
                    .as("%s of %s: expected %s, got %s", operator, x[i], expected, y[i])
                    .isTrue();
        }
    }

    /// Within 8 units in the last place; infinities, NaN and 0 are equal.
    private static boolean isClose(double actual, double expected) {
        return Double.isFinite(expected)
                ? Math.abs(actual - expected) <= 8 * Math.ulp(expected)
                : Double.compare(actual, expected) == 0;
    }

    private static double expected(Unary.Operator operator, double x) {
        return switch (operator) {
            case EXP -> StrictMath.exp(x);
            case LOG -> StrictMath.log(x);
            case LOG1P -> StrictMath.log1p(x);
            case SQRT -> StrictMath.sqrt(x);
            case SIGN -> Math.signum(x);
            case ABS -> Math.abs(x);
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case ROUND -> Math.rint(x);
            case NEGATE -> -x;
            case SIN -> StrictMath.sin(x);
            case COS -> StrictMath.cos(x);
            case TAN -> StrictMath.tan(x);
            case ASIN -> StrictMath.asin(x);
            case ACOS -> StrictMath.acos(x);
            case ATAN -> StrictMath.atan(x);
            case SINH -> StrictMath.sinh(x);
            case COSH -> StrictMath.cosh(x);
            case TANH -> StrictMath.tanh(x);
            default -> throw new IllegalArgumentException(operator.toString());
        };
    }

    @Test
    void powersOfFloat64KnowTheEndsOfTheirRanges() throws Exception {
        double inf = Double.POSITIVE_INFINITY;
        double[] x = {2, 2, 0, 0, inf, -2, -2, -8, 1, Double.NaN, 2, 2, 1 - 0x1p-53, 9, 0.5, -inf};
        double[] e = {
            0.5, 1e300, 2.5, -2.5, 0.3, 3, 2.5, 1 / 3.0, inf, 0, -1e300, inf, 1e300, 0.5, -inf, 3
        };
        var y = run(binary((a, b) -> a.apply(POWER, b)), doubles(x), doubles(e)).doubles();
        for (int i = 0; i < x.length; i++) {
            double expected = x[i] == 1 ? 1 : StrictMath.pow(x[i], e[i]);
            assertThat(isClose(y[i], expected))
                    .as("%s to %s: expected %s, got %s", x[i], e[i], expected, y[i])
                    .isTrue();
        }
    }

    @Test
    void float64IsComputedWithInAllItsDigits() throws Exception {
        double[] x = {1 + 0x1p-52, 1e300, -7.5, 5.5};
        double[] y = {1, 1e-8, 2, -2.25};
        assertThat(run(binary(Expr::minus), doubles(x), doubles(y)).doubles())
                .containsExactly(0x1p-52, 1e300, -9.5, 7.75);
        assertThat(run(binary((a, b) -> a.apply(REMAINDER, b)), doubles(x), doubles(y)).doubles())
                .containsExactly(x[0] % 1, 1e300 % 1e-8, -1.5, 1);
        assertThat(
                        run(binary((a, b) -> a.apply(FLOOR_MODULO, b)), doubles(x), doubles(y))
                                .doubles()[3])
                .isEqualTo(-1.25);
    }

    // int64 and uint64

    private static final long[] LARGE = {
        5_000_000_000L, -5_000_000_001L, Long.MAX_VALUE, Long.MIN_VALUE, 7, -7, 3, 0
    };
    private static final long[] OTHER = {3, 7, 2, -1, 0, -2, 39, Long.MIN_VALUE};

    @ParameterizedTest
    @EnumSource(
            value = Binary.Operator.class,
            names = {"MULTIPLY_HIGH"},
            mode = EnumSource.Mode.EXCLUDE)
    void int64IsComputedWithInAllItsBits(Binary.Operator operator) throws Exception {
        // whatever the operator, a sum makes the graph one of 64 bits
        var one = Expr.of(DType.INT64, 1);
        var y =
                run(
                        binary((a, b) -> a.plus(one).minus(one).apply(operator, b)),
                        longs(DType.INT64, LARGE),
                        longs(DType.INT64, OTHER));
        for (int i = 0; i < LARGE.length; i++)
            assertThat(y.getLong(i))
                    .as("%d %s %d", LARGE[i], operator, OTHER[i])
                    .isEqualTo(signed(operator, LARGE[i], OTHER[i]));
    }

    private static long signed(Binary.Operator operator, long a, long b) {
        return switch (operator) {
            case ADD -> a + b;
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> b == 0 ? 0 : a / b;
            case REMAINDER -> b == 0 ? 0 : a % b;
            case FLOOR_DIVIDE -> b == 0 ? 0 : Math.floorDiv(a, b);
            case FLOOR_MODULO -> b == 0 ? 0 : Math.floorMod(a, b);
            case MIN -> Math.min(a, b);
            case MAX -> Math.max(a, b);
            case POWER ->
                    b < 0
                            ? a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0
                            : BigInteger.valueOf(a).pow(Math.toIntExact(b)).longValue();
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHIFT_LEFT -> a << b;
            case SHIFT_RIGHT -> a >> b;
            case EQUAL -> a == b ? 1 : 0;
            case LESS -> a < b ? 1 : 0;
            case LESS_OR_EQUAL -> a <= b ? 1 : 0;
            case MULTIPLY_HIGH -> throw new IllegalArgumentException("of 32 bits only");
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = Binary.Operator.class,
            names = {"MULTIPLY_HIGH", "POWER"},
            mode = EnumSource.Mode.EXCLUDE)
    void uint64IsComputedWithInAllItsBits(Binary.Operator operator) throws Exception {
        var one = Expr.of(DType.UINT64, 1);
        var y =
                run(
                        binary((a, b) -> a.plus(one).minus(one).apply(operator, b)),
                        longs(DType.UINT64, LARGE),
                        longs(DType.UINT64, OTHER));
        for (int i = 0; i < LARGE.length; i++)
            assertThat(y.getLong(i))
                    .as("%s %s %s", unsigned(LARGE[i]), operator, unsigned(OTHER[i]))
                    .isEqualTo(unsigned(operator, unsigned(LARGE[i]), unsigned(OTHER[i])));
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static long unsigned(Binary.Operator operator, BigInteger a, BigInteger b) {
        boolean isZero = b.signum() == 0;
        return switch (operator) {
            case ADD -> a.add(b).longValue();
            case SUBTRACT -> a.subtract(b).longValue();
            case MULTIPLY -> a.multiply(b).longValue();
            case DIVIDE, FLOOR_DIVIDE -> isZero ? 0 : a.divide(b).longValue();
            case REMAINDER, FLOOR_MODULO -> isZero ? 0 : a.mod(b).longValue();
            case MIN -> a.min(b).longValue();
            case MAX -> a.max(b).longValue();
            case AND -> a.and(b).longValue();
            case OR -> a.or(b).longValue();
            case XOR -> a.xor(b).longValue();
            case SHIFT_LEFT -> a.shiftLeft(b.intValue() & 63).longValue();
            case SHIFT_RIGHT -> a.shiftRight(b.intValue() & 63).longValue();
            case EQUAL -> a.equals(b) ? 1 : 0;
            case LESS -> a.compareTo(b) < 0 ? 1 : 0;
            case LESS_OR_EQUAL -> a.compareTo(b) <= 0 ? 1 : 0;
            case MULTIPLY_HIGH, POWER -> throw new IllegalArgumentException(operator.toString());
        };
    }

    @Test
    void numbersOf64BitsBecomeOthersAndBack() throws Exception {
        var sum = new Applied(in -> in.getFirst().plus(in.getFirst()).cast(DType.FLOAT64));
        assertThat(run(sum, longs(DType.INT64, LARGE)).doubles())
                .containsExactly(1e10, -10_000_000_002.0, -2, 0, 14, -14, 6, 0);
        var back = new Applied(in -> in.getFirst().cast(DType.INT64).plus(Expr.of(DType.INT64, 1)));
        var whole = run(back, doubles(-1e10, 4e9, Double.NaN, 1e30));
        assertThat(List.of(whole.getLong(0), whole.getLong(1), whole.getLong(2), whole.getLong(3)))
                .containsExactly(-9_999_999_999L, 4_000_000_001L, 1L, Long.MIN_VALUE);
    }

    // What is shown to fit

    @ParameterizedTest
    @EnumSource(Backend.class)
    void int64ThatFitsIsInt32(Backend backend) {
        var bounded =
                unary(x ->
                        x.min(Expr.of(DType.INT64, 1000))
                                .max(Expr.of(DType.INT64, -1000))
                                .times(Expr.of(DType.INT64, 2_000_000)));
        var plan = plan(backend, bounded, longs(DType.INT64, 1, 2));
        assertThat(plan).contains("\"type\":\"int32\"").doesNotContain("\"type\":\"int64\"");
        var uints = binary((a, b) -> a.apply(SHIFT_RIGHT, b).min(a).apply(XOR, b));
        var one = longs(DType.UINT64, 1, 2);
        assertThat(plan(backend, uints, one, one))
                .contains("\"type\":\"uint32\"")
                .doesNotContain("\"type\":\"uint64\"");
    }

    /// As the mask of a language model says how long its sequences are.
    @ParameterizedTest
    @EnumSource(Backend.class)
    void sumsOfInt64ThatAreCastToInt32AreInt32(Backend backend) {
        var g = Graph.builder();
        var mask = g.input("mask", TensorType.of(DType.INT64, 2, 5));
        var count = g.apply(new ReduceSum(false), mask, g.vector(1));
        var last = g.sub(count, g.scalar(DType.INT64, 1));
        assertThat(plan(backend, g.build(Map.of("last", g.cast(last, DType.INT32)))))
                .contains("\"type\":\"int32\"")
                .doesNotContain("\"type\":\"int64\"");
    }

    private static String plan(Backend backend, Applied op, Tensor... inputs) {
        return plan(backend, graph(op, inputs));
    }

    private static String plan(Backend backend, Graph graph) {
        var files = GraphDescriptor.generate(backend, graph).files();
        var name = files.keySet().stream().filter(f -> f.endsWith(".json")).findFirst();
        return new String(Objects.requireNonNull(files.get(name.orElseThrow())), UTF_8);
    }

    @Test
    void int64ThatMayNotFitIsInt64OnWebAssemblyAndRefusedOnGpus() {
        var op =
                unary(x ->
                        x.min(Expr.of(DType.INT64, 1000))
                                .max(Expr.of(DType.INT64, -1000))
                                .times(Expr.of(DType.INT64, 3_000_000)));
        var x = longs(DType.INT64, 1, 2);
        assertThat(plan(Backend.WEBASSEMBLY, op, x))
                .contains("\"type\":\"int64\"")
                .doesNotContain("\"type\":\"int32\"");
        for (var backend : List.of(Backend.WEBGL, Backend.WEBGPU)) {
            assertThatThrownBy(() -> plan(backend, op, x))
                    .isInstanceOf(CompileException.class)
                    .hasMessageContaining(
                            ": expected int64 values shown to fit in 32 bits, got MULTIPLY of"
                                    + " values that are not known; cast to int32");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "UINT64 | got BIT_NOT of values that are not known; cast to int32",
                "INT64 | got a cast of uint32 values that are not known; cast to int32",
                "FLOAT64 | got float64[1]; cast to float32, or take webassembly"
            })
    void whatDoesNotFitIsRefusedOnWebGpu(DType dtype, String message) {
        var op =
                dtype == DType.INT64
                        ? unary(x -> x.cast(DType.INT64))
                        : unary(x -> dtype == DType.UINT64 ? x.apply(Unary.Operator.BIT_NOT) : x);
        var x = dtype == DType.INT64 ? longs(DType.UINT32, 1) : Tensor.zeros(dtype, 1);
        assertThatThrownBy(() -> plan(Backend.WEBGPU, op, x))
                .isInstanceOf(CompileException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aBigintThatDoesNotFitIsRefusedAtTheBorder() {
        var op = unary(x -> x.max(Expr.of(DType.INT64, 0)));
        assertThatThrownBy(() -> run(op, longs(DType.INT64, 1, 5_000_000_000L)))
                .hasMessageContaining(
                        "input 'x0': expected integers of 32 bits, got 5000000000 at 1");
    }
}
