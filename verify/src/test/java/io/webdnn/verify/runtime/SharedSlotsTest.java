package io.webdnn.verify.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.LSTM;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Slots that serve buffers of several sizes.
class SharedSlotsTest extends PageTest {
    private static final int HIDDEN = 16;

    private static Graph network() {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 3, 1, 8));
        var op =
                new LSTM(
                        HIDDEN,
                        LSTM.Direction.FORWARD,
                        List.of(new Sigmoid(), new Tanh(), new Tanh()),
                        null,
                        false,
                        false);
        return g.build(
                Map.of("y", g.apply(op, x, g.constant(numbers(8)), g.constant(numbers(HIDDEN)))));
    }

    private static Tensor numbers(int columns) {
        var numbers = Tensor.zeros(DType.FLOAT32, 1, 4 * HIDDEN, columns);
        for (int i = 0; i < numbers.size(); i++) numbers.floats()[i] = (i % 7 - 3) * 0.1f;
        return numbers;
    }

    /// A step of the network writes two states at once, of which WebGL wants one size; another
    /// buffer makes the slot of one of them larger.
    @Test
    void whatIsDrawnAtOnceHasOneSize() {
        server.putAll("model", GraphDescriptor.generate(Backend.WEBGL, network()).files());
        try (var page = browser.open(server)) {
            var result =
                    page.run(
                            """
                            const passed = [];
                            for (const which of [0, 1]) {
                              const parse = JSON.parse;
                              JSON.parse = text => {
                                const plan = parse(text);
                                const {buffers, writes} = plan.kernels.find(({writes}) => writes > 1);
                                const {slot} = plan.buffers[buffers.at(which - writes)];
                                plan.buffers.push({type: 'float32', elements: 400, slot});
                                return plan;
                              };
                              const r = await WebDNN.load('./model', {backendOrder: 'webgl', saveCache: false});
                              JSON.parse = parse;
                              passed.push((await r.selfTest()).passed);
                              r.dispose();
                            }
                            return passed;
                            """);
            assertThat(page.errors()).isEmpty();
            assertThat(result).isEqualTo(List.of(true, true));
        }
    }
}
