package io.webdnn.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.gradient.Gradients;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.kernel.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Contractions of many forms against the interpreter, which adds in double.
class ContractionTest {
    private record Case(String name, Graph graph, List<Tensor> inputs) {}

    private final List<Case> cases = new ArrayList<>();

    private void add(
            String name,
            BiFunction<Graph.Builder, List<Value>, List<Operand>> body,
            int[]... shapes) {
        add(name, shapes.length, body, shapes);
    }

    /// @param unknown how many of the operands are inputs; the others are constants
    private void add(
            String name,
            int unknown,
            BiFunction<Graph.Builder, List<Value>, List<Operand>> body,
            int[]... shapes) {
        var g = Graph.builder();
        var inputs = new ArrayList<Value>();
        var tensors = new ArrayList<Tensor>();
        var random = new Random(name.hashCode());
        for (var shape : shapes) {
            var tensor = Tensor.zeros(DType.FLOAT32, shape);
            for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, random.nextGaussian());
            var x = "x" + inputs.size();
            if (inputs.size() < unknown) {
                inputs.add(g.input(x, TensorType.of(DType.FLOAT32, shape)));
                tensors.add(tensor);
            } else {
                inputs.add(Value.constant(x, tensor));
            }
        }
        var outputs = new LinkedHashMap<String, Operand>();
        for (var output : body.apply(g, inputs)) outputs.put("y" + outputs.size(), output);
        cases.add(new Case(name, g.build(outputs), tensors));
    }

    private static int[] shape(int... extents) {
        return extents;
    }

    private void convolutions() {
        for (int stride : new int[] {1, 2}) {
            for (int dilation : new int[] {1, 2}) {
                for (int group : new int[] {1, 2, 4}) {
                    for (int pad : new int[] {0, 1}) {
                        var window = new Window(stride, dilation, pad, 2 * pad);
                        var conv = new Conv(List.of(window, window), group);
                        add(
                                conv.toString(),
                                (g, x) -> List.of(g.apply(conv, x.get(0), x.get(1), x.get(2))),
                                shape(3, 4, 11, 13),
                                shape(12, 4 / group, 3, 3),
                                shape(12));
                    }
                }
            }
        }
        add(
                "a wide image",
                (g, x) -> List.of(g.apply(Conv.of2d(1, 1), x.get(0), x.get(1))),
                shape(1, 3, 20, 300),
                shape(17, 3, 3, 3));
        add(
                "many channels",
                (g, x) ->
                        List.of(g.apply(new Relu(), g.apply(Conv.of2d(1, 1), x.get(0), x.get(1)))),
                shape(5, 40, 7, 7),
                shape(33, 40, 3, 3));
        add(
                "one by one",
                (g, x) -> List.of(g.apply(Conv.of2d(1, 0), x.get(0), x.get(1))),
                shape(2, 16, 9, 9),
                shape(10, 16, 1, 1));
        add(
                "depthwise",
                (g, x) ->
                        List.of(
                                g.apply(
                                        new Conv(
                                                List.of(
                                                        new Window(1, 1, 1, 1),
                                                        new Window(1, 1, 1, 1)),
                                                8),
                                        x.get(0),
                                        x.get(1))),
                shape(2, 8, 19, 21),
                shape(8, 1, 3, 3));
        for (int stride : new int[] {2, 3}) {
            for (int extent : new int[] {16, 75}) {
                var window = new Window(stride, 1, 1, 1);
                var conv = new Conv(List.of(window, window), 8);
                add(
                        "depthwise, " + extent + ", stride " + stride,
                        (g, x) -> List.of(g.apply(new Relu(), g.apply(conv, x.get(0), x.get(1)))),
                        shape(2, 8, 19, extent),
                        shape(8, 1, 3, 3));
            }
        }
        add(
                "one axis",
                (g, x) ->
                        List.of(
                                g.apply(
                                        new Conv(List.of(new Window(3, 1, 2, 2)), 1),
                                        x.get(0),
                                        x.get(1))),
                shape(2, 5, 100),
                shape(9, 5, 7));
        add(
                "three axes",
                (g, x) -> {
                    var w = new Window(1, 1, 1, 1);
                    return List.of(g.apply(new Conv(List.of(w, w, w), 1), x.get(0), x.get(1)));
                },
                shape(2, 3, 5, 6, 7),
                shape(4, 3, 3, 3, 3));
        add(
                "one beside another",
                (g, x) ->
                        List.of(
                                g.apply(
                                        new Concat(1),
                                        g.apply(Conv.of2d(1, 0), x.get(0), x.get(1)),
                                        g.apply(Conv.of2d(1, 1), x.get(0), x.get(2)))),
                shape(1, 8, 9, 9),
                shape(16, 8, 1, 1),
                shape(10, 8, 3, 3));
        for (int stride : new int[] {1, 2}) {
            add(
                    "transposed, stride " + stride,
                    (g, x) -> List.of(g.apply(ConvTranspose.of2d(stride, 1), x.get(0), x.get(1))),
                    shape(2, 6, 7, 8),
                    shape(6, 5, 3, 3));
        }
    }

    private void products() {
        int[] sizes = {1, 3, 8, 17, 33, 70};
        for (int m : sizes) {
            for (int n : new int[] {1, 10, 31, 64}) {
                int k = m + 2 * n;
                add(
                        "matmul " + m + " " + k + " " + n,
                        (g, x) -> List.of(g.apply(new MatMul(), x.get(0), x.get(1))),
                        shape(m, k),
                        shape(k, n));
                add(
                        "matmul with the second transposed " + m + " " + k + " " + n,
                        (g, x) ->
                                List.of(
                                        g.apply(
                                                new MatMul(),
                                                x.get(0),
                                                g.apply(new Transpose(List.of(1, 0)), x.get(1)))),
                        shape(m, k),
                        shape(n, k));
                add(
                        "matmul with the first transposed " + m + " " + k + " " + n,
                        (g, x) ->
                                List.of(
                                        g.apply(
                                                new MatMul(),
                                                g.apply(new Transpose(List.of(1, 0)), x.get(0)),
                                                x.get(1))),
                        shape(k, m),
                        shape(k, n));
                add(
                        "matmul transposed " + m + " " + k + " " + n,
                        (g, x) ->
                                List.of(
                                        g.apply(
                                                new Transpose(List.of(1, 0)),
                                                g.apply(new MatMul(), x.get(0), x.get(1)))),
                        shape(m, k),
                        shape(k, n));
            }
        }
        add(
                "batched",
                (g, x) -> List.of(g.apply(new MatMul(), x.get(0), x.get(1))),
                shape(2, 3, 20, 30),
                shape(2, 3, 30, 25));
        add(
                "batched, the second shared",
                (g, x) -> List.of(g.apply(new MatMul(), x.get(0), x.get(1))),
                shape(2, 3, 20, 30),
                shape(30, 25));
        add(
                "batched, the second transposed",
                (g, x) ->
                        List.of(
                                g.apply(
                                        new MatMul(),
                                        x.get(0),
                                        g.apply(new Transpose(List.of(0, 2, 1)), x.get(1)))),
                shape(4, 20, 30),
                shape(4, 25, 30));
        add(
                "long sums",
                (g, x) -> List.of(g.apply(new MatMul(), x.get(0), x.get(1))),
                shape(9, 2500),
                shape(2500, 40));
        add(
                "long inner products",
                (g, x) ->
                        List.of(
                                g.apply(
                                        new MatMul(),
                                        x.get(0),
                                        g.apply(new Transpose(List.of(1, 0)), x.get(1)))),
                shape(9, 2500),
                shape(5, 2500));
        add(
                "a product of computed factors with an epilogue",
                (g, x) ->
                        List.of(
                                g.apply(
                                        new Relu(),
                                        g.apply(
                                                new Add(),
                                                g.apply(
                                                        new MatMul(),
                                                        g.apply(new Mul(), x.get(0), x.get(0)),
                                                        g.apply(new Relu(), x.get(1))),
                                                x.get(2)))),
                shape(12, 34),
                shape(34, 29),
                shape(29));
    }

    /// Rows and columns beyond what is packed at a time, on both sides of its borders.
    private void panels() {
        for (int unknown : new int[] {1, 2}) {
            var weights = unknown == 1 ? ", known weights" : "";
            BiFunction<Graph.Builder, List<Value>, List<Operand>> product =
                    (g, x) -> List.of(g.apply(new MatMul(), x.get(0), x.get(1)));
            for (int m : new int[] {24, 41}) {
                for (int k : new int[] {16, 641}) {
                    for (int n : new int[] {32, 49, 577})
                        add(
                                "panels " + m + " " + k + " " + n + weights,
                                unknown,
                                product,
                                shape(m, k),
                                shape(k, n));
                }
            }
            add(
                    "panels of long sums" + weights,
                    unknown,
                    product,
                    shape(25, 1300),
                    shape(1300, 33));
            add(
                    "panels of a batch" + weights,
                    unknown,
                    product,
                    shape(5, 40, 50),
                    shape(5, 50, 90));
            add(
                    "panels of a shared factor" + weights,
                    unknown,
                    product,
                    shape(5, 40, 50),
                    shape(50, 90));
            for (int stride : new int[] {1, 2}) {
                for (int extent : new int[] {7, 23}) {
                    for (int images : new int[] {1, 5})
                        add(
                                "panels of %d images of %d², stride %d%s"
                                        .formatted(images, extent, stride, weights),
                                unknown,
                                (g, x) ->
                                        List.of(
                                                g.apply(
                                                        new Relu(),
                                                        g.apply(
                                                                Conv.of2d(stride, 1),
                                                                x.get(0),
                                                                x.get(1)))),
                                shape(images, 9, extent, extent),
                                shape(50, 9, 3, 3));
                }
            }
        }
    }

    private void gradients() {
        for (int stride : new int[] {1, 2}) {
            add(
                    "gradients of a convolution, stride " + stride,
                    (g, x) -> {
                        var y = g.apply(Conv.of2d(stride, 1), x.get(0), x.get(1), x.get(2));
                        return gradients(g, g.apply(new Mul(), y, y), x);
                    },
                    shape(6, 5, 17, 18),
                    shape(9, 5, 3, 3),
                    shape(9));
        }
        add(
                "gradients of a layer",
                (g, x) -> {
                    var flat = g.apply(new Flatten(1), g.apply(new Relu(), x.get(0)));
                    var y =
                            g.apply(
                                    new MatMul(),
                                    flat,
                                    g.apply(new Transpose(List.of(1, 0)), x.get(1)));
                    return gradients(g, g.apply(new Mul(), y, y), x);
                },
                shape(10, 4, 5, 6),
                shape(7, 120));
    }

    private void sums() {
        for (long[] axes :
                new long[][] {{0, 2, 3}, {3}, {2, 3}, {1, 2}, {0}, {0, 1, 2, 3}, {1, 3}}) {
            add(
                    "sum over " + Arrays.toString(axes),
                    (g, x) ->
                            List.of(
                                    g.apply(new ReduceSum(false), x.get(0), g.vector(axes)),
                                    g.apply(new ReduceMean(true), x.get(0), g.vector(axes))),
                    shape(9, 5, 17, 23));
        }
        add(
                "a long sum",
                (g, x) -> List.of(g.apply(new ReduceSum(false), x.get(0))),
                shape(300, 217));
    }

    private void pools() {
        for (int stride : new int[] {1, 2, 3}) {
            var pool = MaxPool.of2d(3, stride, 0, false);
            for (int extent : new int[] {10, 27, 70})
                add(
                        "maxima, " + extent + ", stride " + stride,
                        (g, x) ->
                                List.of(
                                        g.apply(pool, x.get(0)),
                                        g.apply(pool, g.apply(new Concat(1), x.get(0), x.get(1)))),
                        shape(2, 5, 13, extent),
                        shape(2, 3, 13, extent));
        }
    }

    private static List<Operand> gradients(Graph.Builder g, Operand y, List<Value> x) {
        var loss = g.apply(new ReduceSum(false), y);
        var all = new ArrayList<Operand>();
        for (var gradient : Gradients.of(g, loss, x)) all.add(Objects.requireNonNull(gradient));
        return all;
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheInterpreter() {
        convolutions();
        products();
        panels();
        gradients();
        sums();
        pools();
        return cases.stream().map(c -> DynamicTest.dynamicTest(c.name, () -> check(c)));
    }

    private static void check(Case c) {
        var program = Program.compile(c.graph);
        var expected = Interpreter.run(c.graph, c.inputs);
        for (int round = 0; round < 2; round++) { // the second time scratch arrays are dirty
            var actual = program.run(c.inputs);
            for (int o = 0; o < expected.size(); o++) {
                double largest = 1;
                for (int i = 0; i < expected.get(o).size(); i++)
                    largest = Math.max(largest, Math.abs(expected.get(o).getDouble(i)));
                for (int i = 0; i < expected.get(o).size(); i++) {
                    assertThat(actual.get(o).getDouble(i))
                            .as("%s: output %d, element %d", program.explain(), o, i)
                            .isCloseTo(expected.get(o).getDouble(i), within(3e-6 * largest));
                }
            }
        }
    }

    /// While the threads are taken, a program runs its pieces one after the other: the same bits.
    @Test
    void resultsDoNotDependOnWhoRunsThePieces() {
        convolutions();
        panels();
        gradients();
        sums();
        pools();
        for (var c : cases) {
            var program = Program.compile(c.graph);
            var shared = program.run(c.inputs);
            var alone = new AtomicReference<List<Tensor>>();
            Workers.shared()
                    .run(
                            2,
                            piece -> {
                                if (piece == 0) alone.set(program.run(c.inputs));
                            });
            for (int o = 0; o < shared.size(); o++)
                assertThat(shared.get(o).contentEquals(alone.get().get(o)))
                        .as("%s: output %d", c.name, o)
                        .isTrue();
        }
    }
}
