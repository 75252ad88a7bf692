package io.webdnn.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.compiler.loop.Terms;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `--explain` prints of the exercise's network: each contraction is taken by its template on
/// every target, with bias and activation in the same kernel.
class ExplainTest {
    private static Graph network() {
        var g = Graph.builder();
        var images =
                new Shape(
                        List.of(
                                Dimension.symbol("N"),
                                Dimension.of(1),
                                Dimension.of(28),
                                Dimension.of(28)));
        var x = g.input("x", new TensorType(DType.FLOAT32, images));
        var conv1 =
                g.applyAll(
                                Conv.of2d(1, 0),
                                "conv1",
                                List.of(x, weights(g, 8, 1, 3, 3), weights(g, 8)))
                        .getFirst();
        var conv2 =
                g.applyAll(
                                Conv.of2d(1, 0),
                                "conv2",
                                List.of(
                                        g.apply(new Relu(), conv1),
                                        weights(g, 16, 8, 3, 3),
                                        weights(g, 16)))
                        .getFirst();
        var flat = g.apply(new Flatten(1), g.apply(new Relu(), conv2));
        var l3 =
                g.applyAll(
                                new Gemm(1, 1, false, true),
                                "l3",
                                List.of(flat, weights(g, 32, 9216), weights(g, 32)))
                        .getFirst();
        var l4 =
                g.applyAll(
                                new Gemm(1, 1, false, true),
                                "l4",
                                List.of(
                                        g.apply(new Relu(), l3),
                                        weights(g, 10, 32),
                                        weights(g, 10)))
                        .getFirst();
        return g.build(Map.of("y", g.apply(new Softmax(-1), l4)));
    }

    private static Value weights(Graph.Builder g, int... shape) {
        return g.constant("w", Tensor.zeros(DType.FLOAT32, shape));
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void contractionsAreTakenByTheirTemplate(Target target) {
        var lines = Compiler.explain(Compiler.compile(network(), target));
        assertThat(lines).filteredOn(l -> l.contains(": Contraction")).as("%s", lines).hasSize(4);
        assertThat(lines)
                .filteredOn(l -> l.contains("'conv1'"))
                .singleElement()
                .asString()
                .contains("Relu");
        assertThat(lines)
                .as("softmax is one kernel")
                .filteredOn(l -> l.startsWith("Softmax"))
                .hasSize(1);
    }

    /// Weights come from memory in the order in which they are read; what is not known passes
    /// through workgroup memory; windows of neighbours overlap.
    @Test
    void onGridsWhatIsKnownDecidesHowAContractionIsComputed() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 16, 9, 9));
        var conv = g.apply(Conv.of2d(1, 1), x, weights(g, 64, 16, 3, 3), weights(g, 64));
        var depthwise =
                g.apply(
                        new Conv(List.of(new Window(1, 1, 1, 1), new Window(1, 1, 1, 1)), 64),
                        conv,
                        weights(g, 64, 1, 3, 3));
        var product = g.apply(new MatMul(), depthwise, g.input("b", depthwise.type()));
        var lines =
                Compiler.explain(Compiler.compile(g.build(Map.of("y", product)), Target.WEBGPU));
        assertThat(lines).as("%s", lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("Conv: Contraction in registers");
        assertThat(lines.get(1)).startsWith("Conv: Sliding windows");
        assertThat(lines.get(2)).startsWith("MatMul: Contraction (");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onGridsInvocationsShareTheSumsOfAMatrixTimesAVector(boolean isKnown) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 9216));
        var type = TensorType.of(DType.FLOAT32, 9216, 32);
        var matrix = isKnown ? weights(g, 9216, 32) : g.input("matrix", type);
        var product = g.apply(new MatMul(), x, matrix);
        var lines =
                Compiler.explain(Compiler.compile(g.build(Map.of("y", product)), Target.WEBGPU));
        assertThat(lines).as("parts, and what adds them up").hasSize(2);
        assertThat(lines).allMatch(l -> l.startsWith("MatMul: Contraction with a split sum ("));
    }

    @Test
    void onGridsInvocationsShareLongRows() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 4, 1000));
        var softmax = g.apply(new Softmax(1), x);
        var lines =
                Compiler.explain(Compiler.compile(g.build(Map.of("y", softmax)), Target.WEBGPU));
        assertThat(lines).as("maximum, sum, quotient").hasSize(5);
        assertThat(lines.subList(0, 4)).allMatch(l -> l.startsWith("Softmax: Split reduction ("));
        assertThat(lines.getLast()).startsWith("Softmax: Generic");
    }

    /// Rows that a place in the graph's data picks lie nowhere evenly, but the products are as
    /// many.
    @Test
    void inLoopsRowsThatLieUnevenlyAreWrittenOut() {
        var g = Graph.builder();
        var table = g.input("table", TensorType.of(DType.FLOAT32, 100, 16));
        var numbers = g.input("numbers", TensorType.of(DType.INT32, 9));
        var picked = g.apply(new Gather(0), table, numbers);
        var product = g.build(Map.of("y", g.apply(new MatMul(), picked, weights(g, 16, 32))));
        var lines = Compiler.explain(Compiler.compile(product, Target.WEBASSEMBLY));
        assertThat(lines).as("%s", lines).hasSize(2);
        assertThat(lines.get(0)).contains(": Generic");
        assertThat(lines.get(1)).contains(": Contraction");
    }

    /// An exponential is computed once for each element, and kept in the output until the sum of
    /// its row is known.
    @ParameterizedTest
    @EnumSource(
            value = Target.class,
            names = {"JVM", "WEBASSEMBLY"})
    void inLoopsASoftmaxKeepsItsExponentials(Target target) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 9, 70));
        var softmax = g.build(Map.of("y", g.apply(new Softmax(1), x)));
        var run = (Call.Run) Compiler.compile(softmax, target).calls().getLast();
        assertThat(run.kernel().template()).isEqualTo("RowReduce");
        var output = run.kernel().buffers().getLast();
        assertThat(output.access()).isEqualTo(KernelBuffer.Access.KEPT);
        var loops = new ArrayList<Integer>(); // how many exponentials each loop has, and all in it
        Terms.visit(
                run.kernel().body(),
                s -> {
                    if (s instanceof Stmt.For loop) loops.add(exponentials(loop.body()));
                });
        assertThat(loops).as("row, maximum, sum, rest of it, quotient, rest").contains(0, 1);
        assertThat(loops.getFirst()).isEqualTo(target == Target.JVM ? 1 : 2); // four at once, one
    }

    private static int exponentials(Stmt statement) {
        int[] count = {0};
        Terms.visit(
                statement,
                s -> {
                    for (var term : Terms.terms(s))
                        Terms.visit(
                                term,
                                t -> {
                                    if (t instanceof Term.Apply(var operator, _)
                                            && operator == Unary.Operator.EXP) count[0]++;
                                });
                });
        return count[0];
    }

    /// Few filters, or few to a group, are not worth packing the pixels for.
    @ParameterizedTest
    @ValueSource(ints = {1, 18})
    void inLoopsFewFiltersSlideOverTheImage(int group) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 18, 12, 17));
        var window = new Window(1, 1, 1, 1);
        var w = weights(g, 3 * group, 18 / group, 3, 3);
        var conv = g.apply(new Conv(List.of(window, window), group), x, w);
        var compiled = Compiler.compile(g.build(Map.of("y", conv)), Target.WEBASSEMBLY);
        assertThat(Compiler.explain(compiled)).as("padding, products").hasSize(2);
        var padded = (Call.Run) compiled.calls().getFirst();
        assertThat(padded.buffers().getLast().type().shape().elements().value())
                .isEqualTo(18 * 14 * 19);
    }

    /// Each part is computed on its own extent, however far the concatenation runs.
    @ParameterizedTest
    @EnumSource(Target.class)
    void aConcatenationIsNoEpilogueOfItsParts(Target target) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 16, 9, 9));
        var narrow = g.apply(Conv.of2d(1, 0), x, weights(g, 64, 16, 1, 1), weights(g, 64));
        var wide = g.apply(Conv.of2d(1, 1), x, weights(g, 64, 16, 3, 3), weights(g, 64));
        var both = g.apply(new Concat(1), g.apply(new Relu(), narrow), g.apply(new Relu(), wide));
        var lines = Compiler.explain(Compiler.compile(g.build(Map.of("y", both)), target));
        assertThat(lines)
                .filteredOn(l -> l.startsWith("Conv + Relu: Contraction"))
                .as("%s", lines)
                .hasSize(2);
        assertThat(lines)
                .filteredOn(l -> l.startsWith("Concat: "))
                .hasSize(target == Target.WEBASSEMBLY ? 2 : 1); // there, a loop for each part
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void aConcatenationOfSumsIsNotOneKernel(Target target) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 9, 8));
        var sum = g.apply(new ReduceSum(true), x, g.vector(0));
        var most = g.apply(new ReduceMax(true), x, g.vector(0));
        var both = g.build(Map.of("y", g.apply(new Concat(1), sum, most)));
        assertThat(Compiler.explain(Compiler.compile(both, target)))
                .hasSize(target == Target.WEBASSEMBLY ? 4 : 3);
    }
}
