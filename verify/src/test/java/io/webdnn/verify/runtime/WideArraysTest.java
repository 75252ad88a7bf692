package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a page gets and gives where numbers have 64 bits.
class WideArraysTest extends PageTest {
    @BeforeEach
    void putModel() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.INT64, 3));
        var r = g.input("r", TensorType.of(DType.FLOAT64, 2));
        var large = g.constant(Tensor.of(new long[] {1L << 40, 2, -3}, 3));
        var graph =
                g.build(
                        Map.of(
                                "sum", g.apply(new Add(), x, large),
                                "power", g.apply(new Exp(), r)));
        server.putAll("model", GraphDescriptor.generate(Backend.WEBASSEMBLY, graph).files());
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "true"})
    void numbersAndBigintsGoInAndArraysOf64BitsComeOut(String worker) {
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            "const r = await WebDNN.load('./model', {backendOrder: 'webassembly',"
                                    + " worker: "
                                    + worker
                                    + "}); const [x, v] = r.inputs; x.set([5, 7n, true]);"
                                    + " v.set([1, 0]); await r.run(); const outputs = {};"
                                    + " for (const o of r.outputs) outputs[o.name] ="
                                    + " o.toActual(); const first = outputs.sum.join();"
                                    + " x.set(Int32Array.of(-1, -2, -3)); await r.run(); const"
                                    + " second = outputs.sum.join(); x.set(BigInt64Array.of(1n << 50n,"
                                    + " 0n, 0n)); await r.run(); return [x.dtype,"
                                    + " outputs.sum.constructor.name,"
                                    + " outputs.power.constructor.name, first, second,"
                                    + " outputs.sum.join(), Math.abs(outputs.power[0] - Math.E) < 1e-15, (await"
                                    + " r.selfTest()).passed]");
            assertThat(result)
                    .isEqualTo(
                            List.of(
                                    "int64",
                                    "BigInt64Array",
                                    "Float64Array",
                                    "1099511627781,9,-2",
                                    "1099511627775,0,-6",
                                    ((1L << 50) + (1L << 40)) + ",2,-3",
                                    true,
                                    true));
            assertThat(page.errors()).isEmpty();
        }
    }

    @Test
    void float64IsNotRoundedOnItsWay() {
        try (var page = browser.open(server)) {
            assertThat(
                            page.run(
                                    "const r = await WebDNN.load('./model', {backendOrder:"
                                            + " 'webassembly'}); r.inputs[1].set([2 ** -40, 0]);"
                                            + " await r.run(); return [...r.outputs].find(o =>"
                                            + " o.name === 'power')[0] === 1 + 2 ** -40"))
                    .isEqualTo(true);
        }
    }
}
