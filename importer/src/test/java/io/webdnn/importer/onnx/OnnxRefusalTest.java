package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the importer says to nodes that it cannot write out in operators of the graph.
class OnnxRefusalTest {
    @TempDir Path directory;

    /// A node of constants, and the end of the message that refuses it.
    record Refusal(
            int opset, String operator, List<Tensor> inputs, List<Fields> attributes, String says) {
        @Override
        public String toString() {
            return operator + ": " + says;
        }
    }

    private static Refusal refusal(
            int opset, String operator, String says, List<Tensor> inputs, Fields... attributes) {
        return new Refusal(opset, operator, inputs, List.of(attributes), says);
    }

    private static Tensor floats(int... shape) {
        return Tensor.zeros(DType.FLOAT32, shape);
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }

    private static Fields integer(String name, long value) {
        return OnnxWriter.integer(name, value);
    }

    static Stream<Refusal> refusals() {
        return Stream.of(
                        normalizations(), recurrences(), attentions(), signals(), sizes(), others())
                .flatMap(List::stream);
    }

    private static List<Refusal> normalizations() {
        var matrix = floats(2, 3);
        var image = floats(1, 2, 3);
        return List.of(
                refusal(
                        22,
                        "InstanceNormalization",
                        "input: expected rank >= 3, got float32[2, 3]",
                        List.of(matrix, floats(3), floats(3))),
                refusal(
                        18,
                        "GroupNormalization",
                        "X: expected rank >= 3, got float32[2, 3]",
                        List.of(matrix, floats(1), floats(1)),
                        integer("num_groups", 1)),
                refusal(
                        22,
                        "GlobalLpPool",
                        "X: expected rank >= 3, got float32[2, 3]",
                        List.of(matrix)),
                refusal(
                        22,
                        "GlobalLpPool",
                        "p: expected > 0, got 0.0",
                        List.of(image),
                        integer("p", 0)),
                refusal(
                        13,
                        "LRN",
                        "size: expected >= 1, got 0",
                        List.of(image),
                        integer("size", 0)),
                refusal(
                        13,
                        "LRN",
                        "X: expected rank >= 3, got float32[2, 3]",
                        List.of(matrix),
                        integer("size", 1)),
                refusal(
                        23,
                        "RMSNormalization",
                        "stash_type: expected a float, got int64",
                        List.of(matrix, floats(3)),
                        integer("stash_type", 7)));
    }

    private static List<Refusal> recurrences() {
        var x = floats(2, 1, 3);
        var w = floats(1, 4, 3);
        var r = floats(1, 4, 4);
        return List.of(
                refusal(
                        22,
                        "RNN",
                        "hidden_size: expected 4, got 5",
                        List.of(x, w, r),
                        integer("hidden_size", 5)),
                refusal(
                        22,
                        "RNN",
                        "X: expected a step at least, got float32[0, 1, 3]",
                        List.of(floats(0, 1, 3), w, r)),
                refusal(
                        11,
                        "Scan",
                        "body: expected a graph, got none",
                        List.of(x),
                        integer("num_scan_inputs", 1)));
    }

    private static List<Refusal> attentions() {
        var x = floats(1, 2, 3, 4);
        return List.of(
                refusal(
                        23,
                        "Attention",
                        "qk_matmul_output_mode: expected 0 ... 3, got 4",
                        List.of(x, x, x),
                        integer("qk_matmul_output_mode", 4)),
                refusal(
                        23,
                        "Attention",
                        "q_num_heads: expected a multiple of kv_num_heads 3, got 2",
                        List.of(x, floats(1, 3, 3, 4), floats(1, 3, 3, 4))),
                refusal(
                        23,
                        "Attention",
                        "inputs: expected rank 3 or 4, got float32[4]",
                        List.of(floats(4), x, x)),
                refusal(
                        23,
                        "Attention",
                        "attn_mask: expected rank 2 to 4, got float32[3]",
                        List.of(x, x, x, floats(3))),
                refusal(
                        23,
                        "Attention",
                        "attn_mask: expected at most 3 columns, got float32[3, 5]",
                        List.of(x, x, x, floats(3, 5))),
                refusal(
                        23,
                        "RotaryEmbedding",
                        "X: expected rank 3 or 4, got float32[4]",
                        List.of(floats(4), x, x)),
                refusal(
                        23,
                        "RotaryEmbedding",
                        "rotary_embedding_dim: expected an even number up to 4, got 3",
                        List.of(x, x, x),
                        integer("rotary_embedding_dim", 3)));
    }

    private static List<Refusal> signals() {
        var signal = floats(1, 8, 1);
        return List.of(
                refusal(
                        20,
                        "DFT",
                        "input: expected 1 or 2 on the last axis, got float32[1, 8, 3]",
                        List.of(floats(1, 8, 3))),
                refusal(
                        20,
                        "DFT",
                        "dft_length: expected >= 1, got 0",
                        List.of(signal, longs(0).reshape())),
                refusal(
                        17,
                        "STFT",
                        "frame_step: expected >= 1, got 0",
                        List.of(signal, longs(0).reshape())),
                refusal(
                        17,
                        "STFT",
                        "frame_length: expected 1 ... 8, got 9",
                        List.of(signal, longs(1).reshape(), floats(9))),
                refusal(
                        20,
                        "AffineGrid",
                        "size: expected 4 or 5 extents, got 3",
                        List.of(floats(1, 2, 3), longs(1, 1, 2))),
                refusal(
                        20,
                        "AffineGrid",
                        "size: expected extents >= 1, got 0",
                        List.of(floats(1, 2, 3), longs(1, 1, 2, 0))),
                refusal(
                        17,
                        "HannWindow",
                        "size: expected a constant of at most 16777216 elements, got [-1]",
                        List.of(longs(-1).reshape())));
    }

    /// A few bytes that ask for gigabytes.
    private static List<Refusal> sizes() {
        var room = ": expected a constant of at most 16777216 elements, got ";
        return List.of(
                refusal(
                        17,
                        "STFT",
                        "frame_step" + room + "[8193, 8192]",
                        List.of(floats(1, 2 * 8192, 1), longs(1).reshape(), floats(8192))),
                refusal(
                        17,
                        "DFT",
                        "dft_length" + room + "[4, 3000000000, 2]",
                        List.of(floats(1, 4, 1), longs(3_000_000_000L).reshape()),
                        integer("axis", 1)),
                refusal(
                        17,
                        "HannWindow",
                        "size" + room + "[1000000000]",
                        List.of(longs(1_000_000_000).reshape())),
                refusal(
                        17,
                        "MelWeightMatrix",
                        "num_mel_bins, dft_length" + room + "[500001, 1000]",
                        List.of(
                                longs(1000).reshape(),
                                longs(1_000_000).reshape(),
                                longs(8000).reshape(),
                                Tensor.scalar(DType.FLOAT32, 0),
                                Tensor.scalar(DType.FLOAT32, 4000))),
                refusal(
                        20,
                        "AffineGrid",
                        "size" + room + "[65536, 65536, 3]",
                        List.of(floats(1, 2, 3), longs(1, 1, 65536, 65536))),
                refusal(
                        13,
                        "OneHot",
                        "extent of axis 1" + room + "[1, 2000000000]",
                        List.of(longs(0), longs(2_000_000_000), floats(2))),
                refusal(
                        13,
                        "EyeLike",
                        "input" + room + "[8192, 4096]",
                        List.of(floats(8192, 4096))),
                refusal(
                        18,
                        "Split",
                        "num_outputs: expected at most 65536, got 1000000000",
                        List.of(floats(4)),
                        integer("num_outputs", 1_000_000_000)),
                refusal(
                        17,
                        "LSTM",
                        "R: expected rank 3, got float32[1]",
                        List.of(floats(1, 1, 1), floats(1, 4, 1), floats(1))));
    }

    private static List<Refusal> others() {
        var x = floats(2, 3);
        return List.of(
                refusal(
                        13,
                        "DequantizeLinear",
                        "scale: expected rank 0 or 1, got float32[2, 3]",
                        List.of(Tensor.zeros(DType.INT8, 2, 3), x)),
                refusal(
                        21,
                        "QuantizeLinear",
                        "output_dtype: expected that of y_zero_point, got int8",
                        List.of(x, floats(1), Tensor.zeros(DType.UINT8, 1)),
                        integer("output_dtype", 3)),
                refusal(
                        18,
                        "CenterCropPad",
                        "axes: expected 1 axes of X, got [2]",
                        List.of(x, longs(1)),
                        OnnxWriter.integers("axes", 2)),
                refusal(
                        13,
                        "Hardmax",
                        "axis: expected -2 ... 1, got 2",
                        List.of(x),
                        integer("axis", 2)));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void isNamed(Refusal refusal) {
        var model = new ModelFile().opset(refusal.opset());
        var names = new ArrayList<String>();
        for (int i = 0; i < refusal.inputs().size(); i++) {
            names.add("x" + i);
            model.initializer("x" + i, refusal.inputs().get(i));
        }
        var attributes = refusal.attributes().toArray(Fields[]::new);
        model.node(refusal.operator(), "n", names, List.of("y"), attributes).output("y");
        var file = model.write(directory);
        assertThatThrownBy(() -> OnnxImporter.read(file).graph())
                .isInstanceOf(GraphException.class)
                .hasMessage(refusal.operator() + " 'n' (model.onnx, node 0): " + refusal.says());
    }

    /// Each loop may have that many steps; both together may not.
    @Test
    void loopsWithinLoopsAreLimitedTogether() {
        byte[] inner = body("j", loopOf(body("k", null)));
        var model =
                new ModelFile()
                        .initializer("steps", longs(4000).reshape())
                        .initializer("on", Tensor.of(new boolean[] {true}).reshape())
                        .node("Loop", "n", List.of("steps", "on"), List.of(), graph("body", inner))
                        .output("on");
        var file = model.write(directory);
        assertThatThrownBy(() -> OnnxImporter.read(file).graph())
                .isInstanceOf(GraphException.class)
                .hasMessageContaining(
                        "the model with its loops written out: expected at most 262144 nodes, got"
                                + " more");
    }

    /// {@return a graph that takes a step and a condition and gives the condition}
    private static byte[] body(String step, byte @Nullable [] node) {
        return OnnxWriter.bytes(out -> {
            if (node != null) out.writeByteArray(1, node);
            for (var input : List.of(step, step + "on"))
                out.writeByteArray(11, OnnxWriter.bytes(it -> it.writeString(1, input)));
            out.writeByteArray(12, OnnxWriter.bytes(it -> it.writeString(1, step + "on")));
        });
    }

    private static byte[] loopOf(byte[] body) {
        return OnnxWriter.node(
                "inner", "Loop", List.of("steps", "on"), List.of(), List.of(graph("body", body)));
    }

    private static Fields graph(String name, byte[] graph) {
        return out -> {
            out.writeString(1, name);
            out.writeByteArray(6, graph);
            out.writeInt32(20, 5);
        };
    }

    /// The value of a shape is computed when compiling, whatever it takes.
    @Test
    void whatIsComputedWhenCompilingIsLimited() {
        var model =
                new ModelFile()
                        .initializer("one", longs(1))
                        .initializer("many", longs(20_000, 20_000))
                        .initializer("x", floats(1))
                        .node("Expand", "e", List.of("one", "many"), List.of("all"))
                        .node(
                                "ReduceSum",
                                "s",
                                List.of("all"),
                                List.of("sum"),
                                OnnxWriter.integer("keepdims", 0))
                        .node("Reshape", "n", List.of("x", "sum"), List.of("y"))
                        .output("y");
        var file = model.write(directory);
        assertThatThrownBy(() -> OnnxImporter.read(file).graph())
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "Expand (model.onnx, node 2): a result that is needed when compiling: expected at most 16777216"
                                + " elements, got [20000, 20000]");
    }

    /// What is not reached by the gradient is filled with 0.
    @Test
    void whatIsFilledIsLimited() {
        Fields xs =
                out -> {
                    out.writeString(1, "xs");
                    out.writeString(9, "x");
                    out.writeInt32(20, 8);
                };
        Fields y =
                out -> {
                    out.writeString(1, "y");
                    out.writeString(4, "y");
                    out.writeInt32(20, 3);
                };
        var domain = "ai.onnx.preview.training";
        var model =
                new ModelFile()
                        .input("x", "20000", "20000")
                        .node("Relu", "", List.of("x"), List.of("y"))
                        .nodeOf(domain, "Gradient", "", List.of("x"), List.of("g"), xs, y)
                        .output("g");
        var file = model.write(directory);
        assertThatThrownBy(() -> OnnxImporter.read(file).graph())
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "Gradient 'g' (model.onnx, node 1): xs: expected a constant of at most 16777216 elements, got"
                                + " [20000, 20000]");
    }
}
