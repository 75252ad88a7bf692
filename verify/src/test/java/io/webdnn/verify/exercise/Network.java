package io.webdnn.verify.exercise;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.Philox;
import java.util.List;
import java.util.Map;

/// Two convolutions and two fully connected layers, as in the exercise, for any number of pictures.
final class Network {
    private Network() {}

    /// The network that Chainer trained.
    ///
    /// @param parameters by Chainer's paths
    static Graph chainer(Map<String, Tensor> parameters, boolean withSoftmax) {
        return build(parameters, 1, 28, 28, 1, withSoftmax);
    }

    /// Another one: 3 channels, 17 × 23 pixels, 5 × 5 kernels with stride 2, 5 classes; from a
    /// seed.
    static Graph other(int seed) {
        // 17 × 23 → 7 × 10 → 2 × 3
        var parameters =
                Map.of(
                        "predictor/conv1/W", random(seed, 1, 6, 3, 5, 5),
                        "predictor/conv1/b", random(seed, 2, 6),
                        "predictor/conv2/W", random(seed, 3, 7, 6, 5, 5),
                        "predictor/conv2/b", random(seed, 4, 7),
                        "predictor/l3/W", random(seed, 5, 11, 42),
                        "predictor/l3/b", random(seed, 6, 11),
                        "predictor/l4/W", random(seed, 7, 5, 11),
                        "predictor/l4/b", random(seed, 8, 5));
        return build(parameters, 3, 17, 23, 2, true);
    }

    private static Graph build(
            Map<String, Tensor> parameters,
            int channels,
            int height,
            int width,
            int stride,
            boolean withSoftmax) {
        var builder = Graph.builder();
        var window = new Window(stride, 1, 0, 0);
        var convolution = new Conv(List.of(window, window), 1);
        var product = new Gemm(false, true);
        var shape =
                Shape.of(
                        Dimension.symbol("N"),
                        Dimension.of(channels),
                        Dimension.of(height),
                        Dimension.of(width));
        Value x = builder.input("x", new TensorType(DType.FLOAT32, shape));
        for (var layer : List.of("conv1", "conv2")) {
            var w = constant(builder, parameters, layer + "/W");
            var b = constant(builder, parameters, layer + "/b");
            x = builder.apply(new Relu(), builder.apply(convolution, x, w, b));
        }
        x = builder.apply(new Flatten(1), x);
        for (var layer : List.of("l3", "l4")) {
            var w = constant(builder, parameters, layer + "/W");
            var b = constant(builder, parameters, layer + "/b");
            x = builder.apply(product, x, w, b);
            if (layer.equals("l3")) {
                x = builder.apply(new Relu(), x);
            }
        }
        return builder.build(Map.of("y", withSoftmax ? builder.apply(new Softmax(1), x) : x));
    }

    private static Value constant(
            Graph.Builder builder, Map<String, Tensor> parameters, String name) {
        var tensor = parameters.get("predictor/" + name);
        if (tensor == null) {
            throw new AssertionError("no parameter " + name);
        }
        return builder.constant(name, tensor);
    }

    /// {@return numbers from -0.5 to 0.5}
    static Tensor random(int seed, int stream, int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) {
            int[] words = {i / 4, 0, 0, 0};
            Philox.block(seed, stream, words);
            tensor.floats()[i] = Philox.uniform(words[i % 4]) - 0.5f;
        }
        return tensor;
    }
}
