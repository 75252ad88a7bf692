package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.TrainingException;
import io.webdnn.train.initializer.Initializer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/// An initializer under Keras's names.
///
/// @param kind Keras's class, such as `VarianceScaling`
/// @param config its arguments
record WeightInitializer(
        String kind, Map<String, @Nullable Object> config, Initializer initializer) {
    static final WeightInitializer ZEROS =
            new WeightInitializer("Zeros", Map.of(), Initializer.ZERO);
    static final WeightInitializer GLOROT_UNIFORM = scaling(1, "fan_avg", "uniform");

    private static final List<String> NAMES =
            List.of(
                    "glorot_uniform",
                    "glorot_normal",
                    "he_uniform",
                    "he_normal",
                    "lecun_uniform",
                    "lecun_normal",
                    "random_uniform",
                    "random_normal",
                    "zeros",
                    "ones");

    /// {@return the initializer of that name}
    static WeightInitializer of(String layer, String argument, String name) {
        return switch (name) {
            case "glorot_uniform" -> GLOROT_UNIFORM;
            case "glorot_normal" -> scaling(1, "fan_avg", "normal");
            case "he_uniform" -> scaling(2, "fan_in", "uniform");
            case "he_normal" -> scaling(2, "fan_in", "normal");
            case "lecun_uniform" -> scaling(1, "fan_in", "uniform");
            case "lecun_normal" -> scaling(1, "fan_in", "normal");
            case "random_uniform" -> uniform(-0.05, 0.05);
            case "random_normal" -> normal(0, 0.05);
            case "zeros" -> ZEROS;
            case "ones" -> constant("Ones", 1);
            default -> throw TrainingException.of(layer, argument, "one of " + NAMES, name);
        };
    }

    Map<String, @Nullable Object> describe() {
        var described = new LinkedHashMap<String, @Nullable Object>();
        described.put("class_name", kind);
        described.put("config", config);
        return described;
    }

    private static WeightInitializer constant(String kind, double value) {
        return new WeightInitializer(kind, Map.of(), Initializer.constant(value));
    }

    private static WeightInitializer scaling(double scale, String mode, String distribution) {
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.put("scale", scale);
        config.put("mode", mode);
        config.put("distribution", distribution);
        config.put("seed", null);
        return new WeightInitializer(
                "VarianceScaling",
                config,
                (shape, random) -> {
                    boolean uniform = distribution.equals("uniform");
                    double width =
                            Math.sqrt((uniform ? 3 : 1) * scale / Math.max(1, fan(mode, shape)));
                    return filled(
                            shape,
                            uniform
                                    ? () -> random.nextDouble(-width, width)
                                    : () -> width * truncated(random));
                });
    }

    private static Tensor filled(int[] shape, DoubleSupplier numbers) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++) values[i] = (float) numbers.getAsDouble();
        return tensor;
    }

    /// {@return a normal number within two deviations, as Keras 2 draws it}
    private static double truncated(RandomStream random) {
        while (true) {
            double drawn = random.nextGaussian();
            if (Math.abs(drawn) <= 2) return drawn;
        }
    }

    /// {@return how many inputs an output sees, or outputs an input reaches, or their mean, for
    /// `[out, in, k…]`}
    private static double fan(String mode, int[] shape) {
        double taps = 1;
        for (int d = 2; d < shape.length; d++) taps *= shape[d];
        double in = shape.length < 2 ? shape[0] : shape[1] * taps;
        double out = shape[0] * taps;
        return switch (mode) {
            case "fan_in" -> in;
            case "fan_out" -> out;
            default -> (in + out) / 2;
        };
    }

    private static WeightInitializer uniform(double low, double high) {
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.put("minval", low);
        config.put("maxval", high);
        config.put("seed", null);
        return new WeightInitializer(
                "RandomUniform",
                config,
                (shape, random) -> filled(shape, () -> random.nextDouble(low, high)));
    }

    private static WeightInitializer normal(double mean, double deviation) {
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.put("mean", mean);
        config.put("stddev", deviation);
        config.put("seed", null);
        return new WeightInitializer(
                "RandomNormal",
                config,
                (shape, random) -> filled(shape, () -> mean + deviation * random.nextGaussian()));
    }
}
