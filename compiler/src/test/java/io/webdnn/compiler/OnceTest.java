package io.webdnn.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.emit.glsl.GlslEmitter;
import io.webdnn.compiler.emit.wgsl.WgslEmitter;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.pass.FoldConstants;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What depends on constants only is computed once.
class OnceTest {
    /// Two convolutions whose filters are transformed.
    private static Graph graph() {
        var builder = Graph.builder();
        var x = builder.input("x", TensorType.of(DType.FLOAT32, 1, 16, 12, 12));
        var w = builder.constant("w", Tensor.zeros(DType.FLOAT32, 16, 16, 3, 3));
        var v = builder.constant("v", Tensor.zeros(DType.FLOAT32, 16, 16, 3, 3));
        var inner = builder.apply(new Relu(), builder.apply(Conv.of2d(1, 1), x, w));
        return builder.build(Map.of("y", builder.apply(Conv.of2d(1, 1), inner, v)));
    }

    @Test
    void readsConstantsOnly() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        assertThat(compiled.initial())
                .hasSize(2)
                .allSatisfy(call -> {
                    var buffers = ((Call.Run) call).buffers();
                    assertThat(buffers.subList(0, buffers.size() - 1))
                            .allMatch(b -> b.constant() != null);
                });
        assertThat(compiled.calls()).hasSize(8);
    }

    @Test
    void whatItWritesSharesNoMemory() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        var kept = new HashSet<>();
        for (var call : compiled.initial()) kept.add(((Call.Run) call).buffers().getLast());
        assertThat(kept).hasSize(2);
        assertThat(compiled.memory().slots())
                .filteredOn(slot -> slot.stream().anyMatch(kept::contains))
                .hasSize(2)
                .allMatch(slot -> slot.size() == 1);
    }

    @Test
    void thePlanSaysSo() {
        var files = GraphDescriptor.generate(Backend.WEBASSEMBLY, graph()).files();
        var plan = new String(files.get("graph_webassembly.json"), StandardCharsets.UTF_8);
        assertThat(plan.split("\"once\":true", -1)).hasSize(3);
    }

    @Test
    void reportsSayItToo() {
        var lines = Compiler.explain(Compiler.compile(graph(), Target.WEBASSEMBLY));
        assertThat(lines).filteredOn(line -> line.startsWith("once: ")).hasSize(2);
    }

    /// `V` are the weights of a depthwise convolution, which read them as they are, `W` those of a
    /// contraction, which reads them packed; both `(int8 − 3) · scale`.
    private static Graph quantized() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 512, 6, 6));
        var depthwise = new Conv(Conv.of2d(1, 1).windows(), 512);
        var inner = g.apply(depthwise, x, dequantized(g, 1 / 8f, 512, 1, 3, 3));
        var w = dequantized(g, 1 / 4f, 16, 512, 1, 1);
        return g.build(Map.of("y", g.apply(Conv.of2d(1, 0), inner, w)));
    }

    private static Value dequantized(Graph.Builder g, float scale, int... shape) {
        var w = Tensor.zeros(DType.INT8, shape);
        for (int i = 0; i < w.size(); i++) w.setLong(i, i * 7919L % 256 - 128);
        var wide = g.apply(new Cast(DType.FLOAT32), g.constant("w", w));
        var difference = g.apply(new Sub(), wide, g.scalar(DType.FLOAT32, 3));
        return g.apply(new Mul(), difference, g.scalar(DType.FLOAT32, scale));
    }

    private static String text(Call call, Target target) {
        var kernel = ((Call.Run) call).kernel();
        return target == Target.WEBGL ? GlslEmitter.emit(kernel, 4096) : WgslEmitter.emit(kernel);
    }

    /// On GPUs, whose kernels read weights as they read folded ones.
    @ParameterizedTest
    @EnumSource(names = {"WEBGPU", "WEBGL"})
    void runsAreThoseOfFoldedWeights(Target target) {
        var folded = Compiler.compile(new FoldConstants(true).apply(quantized()), target);
        assertThat(folded.initial()).isEmpty();
        var compiled = Compiler.compile(quantized(), target);
        assertThat(compiled.calls().stream().map(call -> text(call, target)))
                .isEqualTo(folded.calls().stream().map(call -> text(call, target)).toList());
        assertThat(compiled.initial())
                .hasSize(2)
                .allSatisfy(call -> {
                    var buffers = ((Call.Run) call).buffers();
                    assertThat(buffers.subList(0, buffers.size() - 1))
                            .allMatch(b -> b.constant() != null)
                            .anyMatch(b -> b.type().dtype() == DType.INT8);
                });
    }

    /// Scales are read, not written into the code, so that weights of one shape share it.
    @ParameterizedTest
    @EnumSource(names = {"WEBGPU", "WEBGL"})
    void weightsOfOneShapeShareTheirCode(Target target) {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 8, 72));
        var inner = g.apply(new MatMul(), x, dequantized(g, 1 / 8f, 72, 72));
        var y = g.apply(new MatMul(), g.apply(new Relu(), inner), dequantized(g, 7, 72, 72));
        var initial = Compiler.compile(g.build(Map.of("y", y)), target).initial();
        assertThat(initial).hasSize(2);
        assertThat(initial.stream().map(call -> text(call, target)).distinct()).hasSize(1);
    }

    @Test
    void leavesRepetitions() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        var body = new ArrayList<Call>(compiled.initial());
        body.addAll(compiled.calls());
        var repeat = new Call.Repeat("#step0", Dimension.of(3), body, null, "Scan 's'");
        var once = Once.of(List.of(repeat), Set.of());
        assertThat(once.initial()).isEqualTo(compiled.initial());
        assertThat(once.calls())
                .containsExactly(
                        new Call.Repeat(
                                "#step0", Dimension.of(3), compiled.calls(), null, "Scan 's'"));
    }

    @Test
    void whatIsWrittenTwiceIsNotKept() {
        var compiled = Compiler.compile(graph(), Target.WEBASSEMBLY);
        var first = compiled.initial().getFirst();
        assertThat(Once.of(List.of(first, first), Set.of()).initial()).isEmpty();
        var output = ((Call.Run) first).buffers().getLast();
        assertThat(Once.of(List.of(first), Set.of(output)).initial()).isEmpty();
    }
}
