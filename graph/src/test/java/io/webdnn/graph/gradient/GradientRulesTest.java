package io.webdnn.graph.gradient;

import static io.webdnn.graph.gradient.Differences.random;
import static io.webdnn.tensor.DType.FLOAT32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.interpret.Bounds;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.*;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/// What gradients are at kinks and ties, of which form they are, and what has none.
class GradientRulesTest {
    /// {@return the gradients of the sum of the first output}
    private static List<Tensor> gradients(Op op, Tensor... inputs) {
        var g = Graph.builder();
        var x = new ArrayList<Value>();
        for (var input : inputs) {
            x.add(g.input("x" + x.size(), TensorType.of(input.dtype(), input.shape())));
        }
        var y = g.applyAll(op, x).getFirst();
        var ones = Tensor.zeros(FLOAT32, y.type().shape().toInts());
        for (int i = 0; i < ones.size(); i++) ones.setDouble(i, 1);
        var results = new ArrayList<Value>();
        for (var gradient : Gradients.of(g, y, x, g.constant(ones))) {
            if (gradient != null) results.add(gradient);
        }
        return Interpreter.run(Graph.of(x, results), List.of(inputs), Bounds.CHECKED);
    }

    private static Tensor vector(float... values) {
        return Tensor.of(values, values.length);
    }

    @Test
    void kinksGiveZero() {
        var x = vector(-1, -0.0f, 0, 2);
        assertThat(gradients(new Relu(), x).getFirst().floats()).containsExactly(0, 0, 0, 1);
        assertThat(gradients(new Abs(), x).getFirst().floats()).containsExactly(-1, -0.0f, 0, 1);
    }

    @Test
    void theFirstOfEqualCandidatesTakesTheGradient() {
        var a = vector(1, 2, 3);
        var b = vector(1, 5, 0);
        var max = gradients(new Max(), a, b);
        assertThat(max.get(0).floats()).containsExactly(1, 0, 1);
        assertThat(max.get(1).floats()).containsExactly(0, 1, 0);
        var min = gradients(new Min(), a, b);
        assertThat(min.get(0).floats()).containsExactly(1, 1, 0);
        assertThat(gradients(new ReduceMax(false), vector(1, 7, 7, 2)).getFirst().floats())
                .containsExactly(0, 1, 0, 0);
        assertThat(gradients(new ReduceMin(false), vector(1, 7, 1, 2)).getFirst().floats())
                .containsExactly(1, 0, 0, 0);
        var pool = new MaxPool(List.of(3), List.of(new Window(2, 1, 1, 1)), false, false, false);
        var x = vector(5, 5, 4, 4, 4).reshape(1, 1, 5);
        assertThat(gradients(pool, x).getFirst().floats()).containsExactly(1, 1, 0, 1, 0);
    }

    @Test
    void saturatedFunctionsHaveFiniteGradients() {
        var x = vector(-200, 200);
        assertThat(gradients(new Sigmoid(), x).getFirst().floats()).containsExactly(0, 0);
        assertThat(gradients(new Softplus(), x).getFirst().floats()).containsExactly(0, 1);
        assertThat(gradients(new Tanh(), x).getFirst().floats()).containsExactly(0, 0);
    }

    @Test
    void aSideThatIsNotChosenDoesNotPoisonTheGradient() {
        var condition = Tensor.of(new boolean[] {true, false}, 2);
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(FLOAT32, 2));
        var y = g.apply(new Where(), g.constant(condition), g.apply(new Log(), x), x);
        var gradient = Gradients.of(g, y, List.of(x), g.constant(vector(1, 1))).getFirst();
        var found = List.of(Objects.requireNonNull(gradient));
        var result = Interpreter.run(Graph.of(List.of(x), found), List.of(vector(2, 3)));
        assertThat(result.getFirst().floats()).containsExactly(0.5f, 1);
    }

    @Test
    void zerosInAProductAreNoProblem() {
        assertThat(gradients(new ReduceProd(false), vector(2, 0, 3)).getFirst().floats())
                .containsExactly(0, 6, 0);
    }

    @Test
    void gradientsOfProductsAreContractions() {
        var g = Graph.builder();
        var cases =
                List.of(
                        g.applyAll(new MatMul(), inputs(g, f32(5, 3, 4), f32(4, 2))),
                        g.applyAll(new Gemm(false, true), inputs(g, f32(3, 4), f32(2, 4))),
                        g.applyAll(
                                new Conv(List.of(new Window(2, 1, 1, 1)), 2),
                                inputs(g, f32(2, 4, 7), f32(6, 2, 3))),
                        g.applyAll(
                                ConvTranspose.of2d(2, 1),
                                inputs(g, f32(2, 4, 3, 3), f32(4, 2, 3, 3))));
        for (var outputs : cases) {
            var y = outputs.getFirst();
            var node = Objects.requireNonNull(y.producer());
            var seed = g.input("seed", y.type());
            for (var gradient : Gradients.of(g, y, node.inputs(), seed)) {
                var last = Objects.requireNonNull(gradient).producer();
                var value = expression(Objects.requireNonNull(last));
                assertThat(value).as("%s", last).isInstanceOf(Reduce.class);
                var body = ((Reduce) value).body();
                assertThat(body).isInstanceOf(Binary.class);
                var product = (Binary) body;
                assertThat(product.operator()).isEqualTo(Binary.Operator.MULTIPLY);
                assertThat(Visit.buffers(product.left())).hasSize(1);
                assertThat(Visit.buffers(product.right())).hasSize(1);
            }
        }
    }

    private static TensorType f32(int... shape) {
        return TensorType.of(FLOAT32, shape);
    }

    private static List<Value> inputs(Graph.Builder g, TensorType... types) {
        var inputs = new ArrayList<Value>();
        for (var type : types) inputs.add(g.input("x", type));
        return inputs;
    }

    private static Expr expression(Node node) {
        assertThat(node.op().lower(node.operands())).isInstanceOf(Compute.class);
        var compute = (Compute) node.op().lower(node.operands());
        return compute.stages().getFirst().outputs().getFirst().value();
    }

    @Test
    void theBatchMayBeASymbol() {
        var g = Graph.builder();
        var n = Dimension.symbol("N");
        var x =
                g.input(
                        "x",
                        new TensorType(
                                FLOAT32,
                                new Shape(
                                        List.of(
                                                n,
                                                Dimension.of(1),
                                                Dimension.of(6),
                                                Dimension.of(6)))));
        var t = g.input("t", new TensorType(DType.INT32, Shape.of(n)));
        var w = g.input("w", f32(4, 1, 3, 3));
        var v = g.input("v", f32(16, 5));
        var conv = g.apply(new Relu(), g.apply(Conv.of2d(1, 0), x, w));
        var pooled = g.apply(MaxPool.of2d(2, 2, 0, false), conv);
        var scores = g.apply(new MatMul(), g.apply(new Flatten(1), pooled), v);
        var loss = Value.of(g.apply(new SoftmaxCrossEntropyLoss(), scores, t));
        var gradients = Gradients.of(g, loss, List.of(x, w, v));
        var found = new ArrayList<Value>();
        for (var gradient : gradients) if (gradient != null) found.add(gradient);
        assertThat(found).extracting(Value::type).containsExactly(x.type(), w.type(), v.type());
        var graph = Graph.of(List.of(x, t, w, v), found);
        var inputs =
                List.of(
                        narrow(random(1, 3, 1, 6, 6)),
                        Tensor.of(new int[] {1, 4, 0}, 3),
                        narrow(random(2, 4, 1, 3, 3)),
                        narrow(random(3, 16, 5)));
        assertThat(Interpreter.run(graph, inputs, Bounds.CHECKED).getFirst().shape())
                .containsExactly(3, 1, 6, 6);
    }

    private static Tensor narrow(Tensor doubles) {
        var floats = Tensor.zeros(FLOAT32, doubles.shape());
        for (int i = 0; i < floats.size(); i++) floats.setDouble(i, doubles.getDouble(i));
        return floats;
    }

    @Test
    void valuesThatTheLossDoesNotDependOnHaveNone() {
        var g = Graph.builder();
        var x = g.input("x", f32());
        var other = g.input("other", f32());
        var loss = Value.of(g.mul(x, x));
        assertThat(Gradients.of(g, loss, List.of(x, other)).get(1)).isNull();
        var shape = g.apply(new io.webdnn.graph.op.Shape(0, 1), g.input("y", f32(3)));
        var through = Value.of(g.apply(new ReduceSum(false), g.cast(shape, FLOAT32)));
        assertThat(Gradients.of(g, through, List.of(x)).getFirst()).isNull();
    }

    @Test
    void aValueThatIsUsedTwiceGetsTheSum() {
        Differences.of(
                        (g, x) -> {
                            var y = g.mul(x.get(0), x.get(0));
                            return List.of(g.add(y, g.mul(y, x.get(0))), y);
                        },
                        random(1, 4))
                .agreeTwice();
    }

    @Test
    void thirtyThousandNodesAreFine() {
        var g = Graph.builder();
        var x = g.input("x", f32());
        Value y = x;
        for (int i = 0; i < 30_000; i++) y = Value.of(g.add(y, x));
        assertThat(Gradients.of(g, y, List.of(x)).getFirst()).isNotNull();
    }

    /// A user's operator of two stages: `y = x / (1 + Σ x²)`, the sum along the last axis.
    private record Squash() implements CustomOp {
        @Override
        public List<TensorType> infer(Operands in) {
            return List.of(in.type(0));
        }

        @Override
        public Lowering lower(Operands in) {
            var x = in.type(0);
            var norm = Buffer.of("norm", x.with(x.shape().without(x.rank() - 1)));
            var y = Buffer.of("y", x);
            var sum =
                    Stage.each(
                            norm,
                            o -> {
                                var at = new ArrayList<Expr>(o);
                                var r = new Index("r", x.shape().get(x.rank() - 1));
                                at.add(r);
                                var element = in.load(0, at);
                                return Expr.sum(List.of(r), element.times(element));
                            });
            var result =
                    Stage.each(
                            y,
                            o -> {
                                var row = List.<Expr>copyOf(o.subList(0, o.size() - 1));
                                var total = new Load(norm, row);
                                var one = Expr.of(x.dtype(), 1);
                                return in.load(0, o).dividedBy(one.plus(total));
                            });
            return new Compute(List.of(sum, result), List.of(y));
        }
    }

    /// A user's operator with a maximum inside: `y = max_r e^(x[i, r])`, in a Let.
    private record Peak() implements CustomOp {
        @Override
        public List<TensorType> infer(Operands in) {
            return List.of(in.type(0).with(in.shape(0).without(1)));
        }

        @Override
        public Lowering lower(Operands in) {
            return Compute.each(
                    infer(in).getFirst(),
                    o -> {
                        var r = new Index("r", in.extent(0, 1));
                        var local = new Local("peak", in.type(0).dtype());
                        var exponential = in.load(0, o.get(0), r).apply(Unary.Operator.EXP);
                        return new Let(
                                local,
                                new Reduce(Reduce.Operator.MAX, List.of(r), exponential),
                                local.times(local).plus(in.load(0, o.get(0), Expr.of(0))));
                    });
        }
    }

    private record Composite() implements CustomOp {
        @Override
        public List<TensorType> infer(Operands in) {
            return List.of(in.type(0));
        }

        @Override
        public Lowering lower(Operands in) {
            return Compose.of((g, v) -> List.of(g.mul(v.get(0), g.apply(new Tanh(), v.get(0)))));
        }
    }

    @Test
    void operatorsOfUsersHaveGradients() {
        for (var op : List.<Op>of(new Squash(), new Peak(), new Composite())) {
            Differences.of((g, x) -> g.applyAll(op, x), random(1, 3, 4)).agreeTwice();
        }
    }

    private record OnHost() implements CustomOp {
        @Override
        public List<TensorType> infer(Operands in) {
            return List.of(in.type(0));
        }

        @Override
        public Lowering lower(Operands in) {
            var y = Buffer.of("y", in.type(0));
            return new Host(new HostCall("OnHost", List.of(in.buffer(0)), List.of(y), t -> t));
        }
    }

    @Test
    void whatHasNoGradientSaysSo() {
        var g = Graph.builder();
        var x = g.input("x", f32());
        var y = g.applyAll(new OnHost(), "mystery", List.of(x)).getFirst();
        assertThatThrownBy(() -> Gradients.of(g, y, List.of(x)))
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "OnHost 'mystery': expected an operator with a gradient, which it has not");
        assertThatThrownBy(() -> Gradients.of(g, g.input("z", f32(3)), List.of(x)))
                .hasMessage("Gradients: loss: expected one float, or a seed, got float32[3]");
    }

    @Test
    void dropoutPassesTheGradientOfWhatItKept() {
        BiFunction<Operators, List<Value>, List<? extends Operand>> function =
                (g, x) ->
                        g.applyAll(
                                new Dropout(1),
                                List.of(
                                        x.get(0),
                                        g.scalar(FLOAT32, 0.5),
                                        g.constant(Tensor.of(DType.UINT32, new int[] {1, 2}, 2)),
                                        g.scalar(DType.UINT32, 3)));
        Differences.of(function, random(1, 5, 4)).agreeTwice();
    }
}
