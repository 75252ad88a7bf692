package io.webdnn.verify.bench;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// The networks for pictures of 224 × 224 pixels that runtimes are compared on; 1,000 classes, the
/// logits come out.
final class ImageNetworks {
    private static final int CLASSES = 1000;

    /// What a block's last normalization multiplies with, so that sums over blocks keep their size.
    private static final float RESIDUAL = 0.3f;

    private final Graph.Builder builder = Graph.builder();
    private final Value x =
            builder.input("x", new TensorType(DType.FLOAT32, Shape.of(1, 3, 224, 224)));

    /// How many constants there are: each has a stream of random numbers of its own.
    private int constants;

    private ImageNetworks() {}

    /// SqueezeNet 1.1. Source: Iandola et al. 2016.
    static Graph squeezeNet() {
        var net = new ImageNetworks();
        var pool = MaxPool.of2d(3, 2, 0, false);
        var h = net.relu(net.convolution(net.x, 64, 3, 2, 0));
        h = net.builder.apply(pool, h);
        h = net.fire(net.fire(h, 16, 64), 16, 64);
        h = net.builder.apply(pool, h);
        h = net.fire(net.fire(h, 32, 128), 32, 128);
        h = net.builder.apply(pool, h);
        h = net.fire(net.fire(h, 48, 192), 48, 192);
        h = net.fire(net.fire(h, 64, 256), 64, 256);
        h = net.relu(net.convolution(h, CLASSES, 1, 1, 0));
        return net.graph(net.flatMean(h));
    }

    /// MobileNetV2, width 1. Source: Sandler et al. 2018.
    static Graph mobileNetV2() {
        var net = new ImageNetworks();
        int[][] stages = { // expansion, channels, blocks, stride of the first
            {1, 16, 1, 1},
            {6, 24, 2, 2},
            {6, 32, 3, 2},
            {6, 64, 4, 2},
            {6, 96, 3, 1},
            {6, 160, 3, 2},
            {6, 320, 1, 1}
        };
        var h = net.relu6(net.normalized(net.x, 32, 3, 2, 1, 1));
        for (var stage : stages) {
            for (int block = 0; block < stage[2]; block++)
                h = net.inverted(h, stage[0], stage[1], block == 0 ? stage[3] : 1);
        }
        h = net.relu6(net.normalized(h, 1280, 1, 1, 1, 1));
        return net.graph(net.classes(net.flatMean(h)));
    }

    /// ResNet-50, with the stride on the 3 × 3 convolution. Source: He et al. 2015.
    static Graph resNet50() {
        var net = new ImageNetworks();
        int[] blocks = {3, 4, 6, 3};
        var h = net.relu(net.normalized(net.x, 64, 7, 2, 1, 1));
        h = net.builder.apply(MaxPool.of2d(3, 2, 1, false), h);
        for (int stage = 0; stage < blocks.length; stage++) {
            for (int block = 0; block < blocks[stage]; block++)
                h = net.bottleneck(h, 64 << stage, block == 0 && stage > 0 ? 2 : 1);
        }
        return net.graph(net.classes(net.flatMean(h)));
    }

    private Value fire(Value in, int squeeze, int expand) {
        var h = relu(convolution(in, squeeze, 1, 1, 0));
        var narrow = relu(convolution(h, expand, 1, 1, 0));
        var wide = relu(convolution(h, expand, 3, 1, 1));
        return builder.apply(new Concat(1), narrow, wide);
    }

    private Value inverted(Value in, int expansion, int out, int stride) {
        int channels = channels(in);
        int wide = channels * expansion;
        var h = expansion == 1 ? in : relu6(normalized(in, wide, 1, 1, 1, 1));
        h = relu6(normalized(h, wide, 3, stride, wide, 1));
        boolean residual = stride == 1 && channels == out;
        h = normalized(h, out, 1, 1, 1, residual ? RESIDUAL : 1);
        return residual ? builder.apply(new Add(), in, h) : h;
    }

    private Value bottleneck(Value in, int width, int stride) {
        int out = 4 * width;
        var h = relu(normalized(in, width, 1, 1, 1, 1));
        h = relu(normalized(h, width, 3, stride, 1, 1));
        h = normalized(h, out, 1, 1, 1, RESIDUAL);
        var shortcut = channels(in) == out ? in : normalized(in, out, 1, stride, 1, 1);
        return relu(builder.apply(new Add(), h, shortcut));
    }

    private static int channels(Value value) {
        return value.type().shape().size(1);
    }

    private Value relu(Value in) {
        return builder.apply(new Relu(), in);
    }

    private Value relu6(Value in) {
        return builder.apply(
                new Clip(),
                in,
                Value.constant("zero", Tensor.scalar(DType.FLOAT32, 0)),
                Value.constant("six", Tensor.scalar(DType.FLOAT32, 6)));
    }

    /// A convolution with a bias.
    private Value convolution(Value in, int out, int kernel, int stride, int pad) {
        int fanIn = channels(in) * kernel * kernel;
        return builder.apply(
                Conv.of2d(stride, pad),
                in,
                weights("W", fanIn, out, channels(in), kernel, kernel),
                uniform("b", -0.1f, 0.1f, out));
    }

    /// A convolution that keeps the extent but for its stride, and the normalization behind it.
    ///
    /// @param scale what the normalization multiplies with, about
    private Value normalized(Value in, int out, int kernel, int stride, int group, float scale) {
        var window = new Window(stride, 1, kernel / 2, kernel / 2);
        int fanIn = channels(in) / group * kernel * kernel;
        var h =
                builder.apply(
                        new Conv(List.of(window, window), group),
                        in,
                        weights("W", fanIn, out, channels(in) / group, kernel, kernel));
        return builder.apply(
                new BatchNormalization(1e-5f),
                h,
                uniform("scale", 0.8f * scale, 1.2f * scale, out),
                uniform("shift", -0.1f, 0.1f, out),
                uniform("mean", -0.1f, 0.1f, out),
                uniform("variance", 0.8f, 1.2f, out));
    }

    private Value flatMean(Value in) {
        return builder.apply(new Flatten(1), builder.apply(new GlobalAveragePool(), in));
    }

    private Value classes(Value in) {
        int features = channels(in);
        return builder.apply(
                new Gemm(false, true),
                in,
                weights("W", features, CLASSES, features),
                uniform("b", -0.1f, 0.1f, CLASSES));
    }

    private Graph graph(Value logits) {
        return builder.build(Map.of("y", logits));
    }

    /// {@return weights in front of a ReLU, which takes half of the variance away}
    private Value weights(String name, int fanIn, int... shape) {
        return Value.constant(name, Networks.random(++constants, Math.max(1, fanIn / 2), shape));
    }

    private Value uniform(String name, float low, float high, int size) {
        var tensor = Networks.random(++constants, 3, size); // in (-1, 1)
        var values = tensor.floats();
        for (int i = 0; i < size; i++) values[i] = (low + high + (high - low) * values[i]) / 2;
        return Value.constant(name, tensor);
    }
}
