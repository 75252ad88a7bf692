package io.webdnn.verify.bench;

import io.webdnn.compiler.Program;
import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.pass.FoldBatchNormalization;
import io.webdnn.graph.pass.FoldConstants;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.ByteArrayOutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A network as layers of TensorFlow.js: a list of what the page is to build, and the weights, in
/// the layouts which that runtime knows. Channels are the last axis there.
///
/// What a converter would do for it is done: normalizations are folded, activations stand on their
/// layers.
final class TensorFlowLayers {
    private final List<Map<String, Object>> layers = new ArrayList<>();

    /// The number of the layer that computes a value; the input's is 0.
    private final IdentityHashMap<Value, Integer> numbers = new IdentityHashMap<>();

    private final Map<Value, Integer> uses = new HashMap<>();
    private final ByteArrayOutputStream weights = new ByteArrayOutputStream();
    private final Graph graph;

    private TensorFlowLayers(Graph graph) {
        this.graph = new FoldConstants().apply(new FoldBatchNormalization().apply(graph));
        for (var node : this.graph.nodes())
            for (var input : node.inputs()) uses.merge(input, 1, Integer::sum);
        numbers.put(this.graph.inputs().getFirst(), 0);
        for (var node : this.graph.nodes()) numbers.put(node.outputs().getFirst(), add(node));
    }

    /// {@return a network for the page}
    ///
    /// @throws IllegalArgumentException for an operator that no layer is known for
    static TensorFlowLayers of(Graph graph) {
        return new TensorFlowLayers(graph);
    }

    /// {@return JSON: the input's shape, the layers in order}
    byte[] description() {
        int[] extents = graph.inputs().getFirst().type().shape().toInts();
        var shape =
                extents.length == 4
                        ? List.of(extents[0], extents[2], extents[3], extents[1])
                        : Arrays.stream(extents).boxed().toList();
        int result = numberOf(graph.outputs().getFirst());
        var all = new LinkedHashMap<String, Object>();
        all.put("shape", shape);
        all.put("layers", layers);
        all.put("result", result);
        var text = new StringBuilder();
        print(all, text);
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// {@return all layers' weights, float32, little endian}
    byte[] weights() {
        return weights.toByteArray();
    }

    /// {@return a tensor with the channels last, as the page's input}
    static Tensor channelsLast(Tensor x) {
        return x.shape().length == 4 ? permuted(x, 0, 2, 3, 1) : x;
    }

    private int add(Node node) {
        return switch (node.op()) {
            case Conv(var windows, int group) -> convolution(node, windows, group);
            case MaxPool pool ->
                    layer(
                            "maxPooling2d",
                            List.of(padded(node, pool.windows())),
                            Map.of("poolSize", pool.kernel(), "strides", strides(pool.windows())));
            case Gemm(float alpha, float beta, boolean transA, boolean transB)
                    when alpha == 1 && beta == 1 && !transA && transB ->
                    dense(node, permuted(constant(node, 1), 1, 0));
            case MatMul _ -> dense(node, constant(node, 1));
            case Relu _ -> activation(node, "relu");
            case Clip _ when isClip6(node) -> activation(node, "relu6");
            case Concat(int axis) when axis == 1 -> layer("concatenate", node, Map.of("axis", -1));
            case Add _ -> layer("add", node, Map.of());
            case GlobalAveragePool _ -> layer("globalAveragePooling2d", node, Map.of());
            // a global pool leaves batch and channels only
            case Flatten(int axis) when axis == 1 && producer(node) instanceof GlobalAveragePool ->
                    numberOf(node.input(0));
            case Flatten(int axis) when axis == 1 -> layer("flatten", node, Map.of());
            case Softmax _ -> layer("softmax", node, Map.of("axis", -1));
            case Op other -> throw unknown(other);
        };
    }

    private static @Nullable Op producer(Node node) {
        var producer = node.input(0).producer();
        return producer == null ? null : producer.op();
    }

    private static IllegalArgumentException unknown(Op op) {
        return new IllegalArgumentException("TensorFlow.js: expected a known layer, got " + op);
    }

    private static boolean isClip6(Node node) {
        return constant(node, 1).getDouble(0) == 0 && constant(node, 2).getDouble(0) == 6;
    }

    private int convolution(Node node, List<Window> windows, int group) {
        var w = constant(node, 1);
        var shape = w.shape();
        var options = new LinkedHashMap<String, Object>();
        options.put("kernelSize", List.of(shape[2], shape[3]));
        options.put("strides", strides(windows));
        boolean isPlain = group == 1;
        if (isPlain) options.put("filters", shape[0]);
        else if (shape[1] != 1 || shape[0] != group) throw unknown(node.op());
        boolean keeps = true; // the output has the input's extent
        for (int d = 0; d < windows.size(); d++) {
            var window = windows.get(d);
            int around = shape[2 + d] - 1;
            keeps &=
                    window.stride() == 1
                            && window.padBegin() == around / 2
                            && window.padEnd() == around / 2;
        }
        if (keeps) options.put("padding", "same");
        int from = keeps ? numberOf(node.input(0)) : padded(node, windows);
        var kernel = isPlain ? permuted(w, 2, 3, 1, 0) : permuted(w, 2, 3, 0, 1);
        return weighted(isPlain ? "conv2d" : "depthwiseConv2d", node, from, options, kernel);
    }

    private int dense(Node node, Tensor kernel) {
        int in = kernel.shape()[0];
        int out = kernel.shape()[1];
        if (producer(node) instanceof Flatten) {
            var shape = Objects.requireNonNull(node.input(0).producer()).input(0).type().shape();
            if (shape.rank() == 4) {
                var rows = kernel.reshape(shape.size(1), shape.size(2), shape.size(3), out);
                kernel = permuted(rows, 1, 2, 0, 3).reshape(in, out);
            }
        }
        var options = new LinkedHashMap<String, Object>(Map.of("units", out));
        return weighted("dense", node, numberOf(node.input(0)), options, kernel);
    }

    /// Adds a layer with a kernel and, if its node has one, a bias.
    private int weighted(
            String kind, Node node, int from, Map<String, Object> options, Tensor kernel) {
        boolean hasBias = node.inputs().size() > 2;
        options.put("useBias", hasBias);
        var shapes = new ArrayList<List<Integer>>();
        shapes.add(write(kernel));
        if (hasBias) shapes.add(write(constant(node, 2)));
        options.put("shapes", shapes);
        return layer(kind, List.of(from), options);
    }

    /// {@return the number of a layer that is padded as windows want it}
    private int padded(Node node, List<Window> windows) {
        int from = numberOf(node.input(0));
        if (windows.stream().allMatch(w -> w.padBegin() == 0 && w.padEnd() == 0)) return from;
        var padding = windows.stream().map(w -> List.of(w.padBegin(), w.padEnd())).toList();
        return layer("zeroPadding2d", List.of(from), Map.of("padding", padding));
    }

    /// An activation becomes a part of the layer before it, if that has one and nobody else reads
    /// it.
    private int activation(Node node, String name) {
        int from = numberOf(node.input(0));
        var before = from == 0 ? Map.<String, Object>of() : layers.get(from - 1);
        boolean isAlone = uses.getOrDefault(node.input(0), 0) == 1;
        if (isAlone && before.containsKey("useBias")) {
            before.put("activation", name);
            return from;
        }
        return layer("activation", node, Map.of("activation", name));
    }

    private int layer(String kind, Node node, Map<String, Object> options) {
        return layer(kind, node.inputs().stream().map(this::numberOf).toList(), options);
    }

    private int layer(String kind, List<Integer> from, Map<String, Object> options) {
        var layer = new LinkedHashMap<String, Object>();
        layer.put("kind", kind);
        layer.put("from", from);
        layer.putAll(options);
        layers.add(layer);
        return layers.size();
    }

    private int numberOf(Value value) {
        return Objects.requireNonNull(numbers.get(value), value.name());
    }

    private static List<Integer> strides(List<Window> windows) {
        return windows.stream().map(Window::stride).toList();
    }

    private static Tensor constant(Node node, int input) {
        return Objects.requireNonNull(node.input(input).constant(), node.name());
    }

    private List<Integer> write(Tensor tensor) {
        weights.writeBytes(RawElements.bytes(tensor, ByteOrder.LITTLE_ENDIAN));
        return Arrays.stream(tensor.shape()).boxed().toList();
    }

    private static Tensor permuted(Tensor x, Integer... axes) {
        var g = Graph.builder();
        var in = g.input("x", TensorType.of(x.dtype(), x.shape()));
        var out = g.apply(new Transpose(List.of(axes)), in);
        return Program.compile(g.build(Map.of("y", out))).run(List.of(x)).getFirst();
    }

    /// Prints maps, lists, texts without quotes in them, and what prints as it is.
    private static void print(Object value, StringBuilder out) {
        switch (value) {
            case Map<?, ?> map -> {
                var separator = "";
                out.append('{');
                for (var entry : map.entrySet()) {
                    out.append(separator).append('"').append(entry.getKey()).append("\":");
                    print(entry.getValue(), out);
                    separator = ",";
                }
                out.append('}');
            }
            case List<?> list -> {
                var separator = "";
                out.append('[');
                for (var element : list) {
                    out.append(separator);
                    print(element, out);
                    separator = ",";
                }
                out.append(']');
            }
            case String string -> out.append('"').append(string).append('"');
            case Object other -> out.append(other);
        }
    }
}
