package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Weights of few bits: they stand so in the weight file, and are what they should be in the page.
class NarrowWeightsTest extends PageTest {
    /// `y = x · (W · 1/64) + T[i] · U[i] + V[i] + (S · 1/64)[i]` with W of int8, T and S of int4, U
    /// of uint2, V of uint16.
    private static Graph graph() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 3, 100));
        var i = g.input("i", TensorType.of(DType.INT32, 3));
        var product = g.apply(new MatMul(), x, dequantized(g, DType.INT8, 100, 80));
        var part = g.apply(new Mul(), row(g, DType.INT4, i), row(g, DType.UINT2, i));
        var sum = g.apply(new Add(), part, row(g, DType.UINT16, i));
        var rows = g.apply(new Gather(0), dequantized(g, DType.INT4, 60, 80), i);
        var y = g.apply(new Add(), g.apply(new Add(), product, sum), rows);
        return g.build(Map.of("y", y));
    }

    private static Value dequantized(Graph.Builder g, DType dtype, int... shape) {
        var narrow = g.constant("w", table(dtype, shape));
        var scale = g.scalar(DType.FLOAT32, 1 / 64f);
        return g.apply(new Mul(), g.apply(new Cast(DType.FLOAT32), narrow), scale);
    }

    private static Value row(Graph.Builder g, DType dtype, Value i) {
        var table = g.constant(dtype.toString(), table(dtype, 60, 80));
        return g.apply(new Cast(DType.FLOAT32), g.apply(new Gather(0), table, i));
    }

    private static Tensor table(DType dtype, int... shape) {
        var tensor = Tensor.zeros(dtype, shape);
        int count = 1 << dtype.bits();
        int least = dtype.kind() == DType.Kind.SIGNED ? -count / 2 : 0;
        for (int i = 0; i < tensor.size(); i++) tensor.setLong(i, least + i * 7919L % count);
        return tensor;
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void areReadAsTheyAre(Backend backend) {
        var files = GraphDescriptor.generate(backend, graph()).files();
        files.forEach((file, content) -> server.put("/model/" + file, content));
        var name =
                backend == Backend.WEBGL ? "graph_webgl_4096.json" : "graph_" + backend + ".json";
        var plan = new String(files.getOrDefault(name, new byte[0]), StandardCharsets.UTF_8);
        assertThat(plan)
                .contains("\"encoding\":\"int8\"")
                .contains("\"encoding\":\"uint2\"")
                .contains("\"encoding\":\"uint16\"")
                .contains("\"once\":true");
        assertThat(plan.split("\"encoding\":\"int4\"", -1)).hasSize(3);
        expectSelfTest(backend);
    }

    /// What was computed from them once is computed again on another device.
    @ParameterizedTest
    @EnumSource(names = {"WEBGPU", "WEBGL"})
    void areThereAgainOnAnotherDevice(Backend backend) {
        server.putAll("model", GraphDescriptor.generate(backend, graph()).files());
        try (var page = browser.open(server, LOSE)) {
            var result =
                    page.run(
                            """
                            const r = await WebDNN.load('./model', {backendOrder: '%s', saveCache: false})
                            const before = (await r.selfTest()).passed
                            lose()
                            return [before, (await r.selfTest()).passed, r.statistics.recoveries]
                            """
                                    .formatted(backend));
            assertThat(result).isEqualTo(List.of(true, true, 1));
        }
    }
}
