package io.webdnn.train.initializer;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;

/// The first contents of a parameter, as float32.
///
/// Weights have the shape `[out, in, k…]`: *fan-in* is the number of inputs that one output sees,
/// the product of all extents but the first; *fan-out* is `out · k…`.
@FunctionalInterface
public interface Initializer {
    /// All zeros.
    Initializer ZERO = constant(0);

    /// The normal distribution with variance `1 / fan-in`, Chainer's default for weights.
    ///
    /// Source: LeCun, Bottou, Orr, Müller: Efficient BackProp (1998).
    Initializer LECUN_NORMAL =
            (shape, random) -> normal(shape, random, Math.sqrt(1.0 / fanIn(shape)));

    /// The normal distribution with variance `2 / fan-in`, for rectifiers.
    ///
    /// Source: He, Zhang, Ren, Sun 2015.
    Initializer HE_NORMAL = (shape, random) -> normal(shape, random, Math.sqrt(2.0 / fanIn(shape)));

    /// The uniform distribution within `±√(6 / (fan-in + fan-out))`, Keras's default.
    ///
    /// Source: Glorot, Bengio 2010.
    Initializer GLOROT_UNIFORM =
            (shape, random) -> {
                double limit = Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape)));
                var tensor = zeros(shape);
                float[] values = tensor.floats();
                for (int i = 0; i < values.length; i++)
                    values[i] = (float) random.nextDouble(-limit, limit);
                return tensor;
            };

    /// {@return a float32 tensor of the given shape}
    Tensor draw(int[] shape, RandomStream random);

    /// {@return the initializer that sets every element to one number}
    static Initializer constant(double value) {
        return (shape, _) -> {
            var tensor = zeros(shape);
            java.util.Arrays.fill(tensor.floats(), (float) value);
            return tensor;
        };
    }

    private static Tensor zeros(int[] shape) {
        return Tensor.zeros(io.webdnn.tensor.DType.FLOAT32, shape);
    }

    private static Tensor normal(int[] shape, RandomStream random, double deviation) {
        var tensor = zeros(shape);
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++)
            values[i] = (float) (deviation * random.nextGaussian());
        return tensor;
    }

    private static long fanIn(int[] shape) {
        long product = 1;
        for (int d = 1; d < shape.length; d++) product *= shape[d];
        return product;
    }

    private static long fanOut(int[] shape) {
        return shape.length < 2 ? shape[0] : fanIn(shape) / shape[1] * shape[0];
    }
}
