package io.webdnn.verify.bench;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/// The networks that are measured; their weights come from a seed.
final class Networks {
    private static final int SEED = 1;

    /// By name, in the order of the table.
    static final Map<String, Supplier<Graph>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("conv3x3", () -> convolution(64, 64, 56, 3, 1));
        ALL.put("conv1x1", () -> convolution(256, 64, 56, 1, 1));
        ALL.put("depthwise", () -> convolution(32, 32, 112, 3, 32));
        ALL.put("gemm", Networks::product);
        ALL.put("exercise", Networks::exercise);
        ALL.put("squeezenet", ImageNetworks::squeezeNet);
        ALL.put("mobilenetv2", ImageNetworks::mobileNetV2);
        ALL.put("resnet50", ImageNetworks::resNet50);
    }

    private Networks() {}

    /// {@return a network}
    static Graph graph(String name) {
        return Objects.requireNonNull(ALL.get(name), name).get();
    }

    /// {@return what a network is, in a few words}
    static String title(String name) {
        return switch (name) {
            case "conv3x3" -> "conv 3×3 64→64 at 56²";
            case "conv1x1" -> "conv 1×1 256→64 at 56²";
            case "depthwise" -> "depthwise 3×3 ×32 at 112²";
            case "gemm" -> "GEMM 512³";
            case "exercise" -> "the exercise's CNN";
            case "squeezenet" -> "SqueezeNet 1.1";
            case "mobilenetv2" -> "MobileNetV2";
            case "resnet50" -> "ResNet-50";
            default -> throw new IllegalArgumentException(name);
        };
    }

    /// {@return what a network is measured on}
    static Tensor input(Graph graph) {
        return random(0, 3, graph.inputs().getFirst().type().shape().toInts());
    }

    /// {@return numbers around 0 whose products keep the size of what they are multiplied with}
    ///
    /// @param fanIn how many products are added
    static Tensor random(int stream, int fanIn, int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        float scale = 2 * (float) Math.sqrt(3.0 / fanIn);
        var values = tensor.floats();
        var random = new RandomStream(SEED, stream);
        for (int i = 0; i < values.length; i++) values[i] = (random.nextFloat() - 0.5f) * scale;
        return tensor;
    }

    private static Value weights(String name, int stream, int fanIn, int... shape) {
        return Value.constant(name, random(stream, fanIn, shape));
    }

    private static Graph convolution(int in, int out, int extent, int kernel, int group) {
        var builder = Graph.builder();
        var x = builder.input("x", new TensorType(DType.FLOAT32, Shape.of(1, in, extent, extent)));
        int pad = kernel / 2;
        var window = new Window(1, 1, pad, pad);
        int fanIn = in / group * kernel * kernel;
        var y =
                builder.apply(
                        new Conv(List.of(window, window), group),
                        x,
                        weights("w", 1, fanIn, out, in / group, kernel, kernel),
                        weights("b", 2, 1, out));
        return builder.build(Map.of("y", y));
    }

    private static Graph product() {
        var builder = Graph.builder();
        var x = builder.input("x", new TensorType(DType.FLOAT32, Shape.of(512, 512)));
        var y = builder.apply(new MatMul(), x, weights("w", 1, 512, 512, 512));
        return builder.build(Map.of("y", y));
    }

    /// Two convolutions and two fully connected layers for one digit of 28 × 28 pixels.
    private static Graph exercise() {
        var builder = Graph.builder();
        Value x = builder.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 1, 28, 28)));
        var window = new Window(1, 1, 0, 0);
        var convolution = new Conv(List.of(window, window), 1);
        x =
                builder.apply(
                        convolution,
                        x,
                        weights("conv1/W", 1, 9, 8, 1, 3, 3),
                        weights("conv1/b", 2, 1, 8));
        x = builder.apply(new Relu(), x);
        x =
                builder.apply(
                        convolution,
                        x,
                        weights("conv2/W", 3, 72, 16, 8, 3, 3),
                        weights("conv2/b", 4, 1, 16));
        x = builder.apply(new Flatten(1), builder.apply(new Relu(), x));
        var product = new Gemm(false, true);
        x =
                builder.apply(
                        product, x, weights("l3/W", 5, 9216, 32, 9216), weights("l3/b", 6, 1, 32));
        x =
                builder.apply(
                        product,
                        builder.apply(new Relu(), x),
                        weights("l4/W", 7, 32, 10, 32),
                        weights("l4/b", 8, 1, 10));
        return builder.build(Map.of("y", builder.apply(new Softmax(1), x)));
    }
}
