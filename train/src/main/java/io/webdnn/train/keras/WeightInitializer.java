package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.TrainingException;
import io.webdnn.train.initializer.Initializer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/// How weights are drawn, under Keras's names.
public final class WeightInitializer {
    static final WeightInitializer ZEROS = new WeightInitializer("Zeros", Initializer.ZERO);
    static final WeightInitializer ONES = new WeightInitializer("Ones", Initializer.constant(1));
    static final WeightInitializer GLOROT_UNIFORM = varianceScaling(1, "fan_avg", "uniform");

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
                    "truncated_normal",
                    "orthogonal",
                    "identity",
                    "zeros",
                    "ones");

    /// The deviation of normal numbers within two deviations.
    private static final double TRUNCATED_DEVIATION = 0.8796256610342398;

    private final Map<String, @Nullable Object> description;
    private final Initializer initializer;

    private WeightInitializer(String kind, Initializer initializer, Object... arguments) {
        this(Settings.described(kind, arguments), initializer);
    }

    private WeightInitializer(Map<String, @Nullable Object> description, Initializer initializer) {
        this.description = description;
        this.initializer = initializer;
    }

    /// {@return the initializer of that name}
    static WeightInitializer of(String layer, String argument, String name) {
        return switch (name) {
            case "glorot_uniform" -> GLOROT_UNIFORM;
            case "glorot_normal" -> varianceScaling(1, "fan_avg", "normal");
            case "he_uniform" -> varianceScaling(2, "fan_in", "uniform");
            case "he_normal" -> varianceScaling(2, "fan_in", "normal");
            case "lecun_uniform" -> varianceScaling(1, "fan_in", "uniform");
            case "lecun_normal" -> varianceScaling(1, "fan_in", "normal");
            case "random_uniform", "uniform" -> uniform(-0.05, 0.05);
            case "random_normal", "normal" -> normal(0, 0.05);
            case "truncated_normal" -> truncatedNormal(0, 0.05);
            case "orthogonal" -> orthogonal(1);
            case "identity" -> identity(1);
            case "zeros", "zero" -> ZEROS;
            case "ones", "one" -> ONES;
            default -> throw TrainingException.of(layer, argument, "one of " + NAMES, name);
        };
    }

    /// {@return what a file says, for weights that a file gives: their first numbers do not matter}
    static WeightInitializer read(Settings settings) {
        var arguments = new LinkedHashMap<String, @Nullable Object>();
        settings.values().forEach((key, value) -> arguments.put(String.valueOf(key), value));
        var described = new LinkedHashMap<String, @Nullable Object>();
        described.put("class_name", settings.kind());
        described.put("config", arguments);
        return new WeightInitializer(described, Initializer.ZERO);
    }

    Map<String, @Nullable Object> describe() {
        return description;
    }

    /// {@return what draws, in the order of Keras's array}
    Initializer initializer() {
        return initializer;
    }

    /// {@return the initializer that sets every element to one number}
    public static WeightInitializer constant(double value) {
        return new WeightInitializer("Constant", Initializer.constant(value), "value", value);
    }

    /// {@return uniform numbers, or normal ones (`normal` within two deviations, as Keras 2.0 draws
    /// them, `truncated_normal` the same made wider, `untruncated_normal`), whose variance is
    /// `scale` divided by the inputs that an output sees (`fan_in`), the outputs that an input
    /// reaches (`fan_out`), or their mean (`fan_avg`)}
    public static WeightInitializer varianceScaling(
            double scale, String mode, String distribution) {
        if (!List.of("fan_in", "fan_out", "fan_avg").contains(mode)) {
            throw TrainingException.of(
                    "VarianceScaling", "mode", "fan_in, fan_out or fan_avg", mode);
        }
        if (!List.of("uniform", "normal", "truncated_normal", "untruncated_normal")
                .contains(distribution)) {
            throw TrainingException.of(
                    "VarianceScaling",
                    "distribution",
                    "uniform, normal, truncated_normal or untruncated_normal",
                    distribution);
        }
        boolean whole = distribution.equals("untruncated_normal");
        // what truncation takes of the deviation is given back, where Keras does so
        double spread = distribution.equals("truncated_normal") ? 1 / TRUNCATED_DEVIATION : 1;
        boolean uniform = distribution.equals("uniform");
        return new WeightInitializer(
                withSeed(
                        "VarianceScaling",
                        "scale",
                        scale,
                        "mode",
                        mode,
                        "distribution",
                        distribution),
                (shape, random) -> {
                    double width =
                            Math.sqrt((uniform ? 3 : 1) * scale / Math.max(1, fan(mode, shape)));
                    return filled(
                            shape,
                            uniform
                                    ? () -> random.nextDouble(-width, width)
                                    : () ->
                                            spread
                                                    * width
                                                    * (whole
                                                            ? random.nextGaussian()
                                                            : truncated(random)));
                });
    }

    private static Map<String, @Nullable Object> withSeed(String kind, Object... arguments) {
        var described = Settings.described(kind, arguments);
        if (described.get("config") instanceof Map<?, ?> config) {
            var all = new LinkedHashMap<Object, @Nullable Object>(config);
            all.put("seed", null);
            described.put("config", all);
        }
        return described;
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
    /// `[k…, in, out]`}
    private static double fan(String mode, int[] shape) {
        double taps = 1;
        for (int d = 0; d < shape.length - 2; d++) taps *= shape[d];
        double in = shape.length < 2 ? shape[0] : shape[shape.length - 2] * taps;
        double out = shape[shape.length - 1] * taps;
        return switch (mode) {
            case "fan_in" -> in;
            case "fan_out" -> out;
            default -> (in + out) / 2;
        };
    }

    /// {@return numbers between two, all as likely}
    public static WeightInitializer uniform(double low, double high) {
        return new WeightInitializer(
                withSeed("RandomUniform", "minval", low, "maxval", high),
                (shape, random) -> filled(shape, () -> random.nextDouble(low, high)));
    }

    /// {@return normal numbers}
    public static WeightInitializer normal(double mean, double deviation) {
        return new WeightInitializer(
                withSeed("RandomNormal", "mean", mean, "stddev", deviation),
                (shape, random) -> filled(shape, () -> mean + deviation * random.nextGaussian()));
    }

    /// {@return normal numbers within two deviations}
    public static WeightInitializer truncatedNormal(double mean, double deviation) {
        return new WeightInitializer(
                withSeed("TruncatedNormal", "mean", mean, "stddev", deviation),
                (shape, random) -> filled(shape, () -> mean + deviation * truncated(random)));
    }

    /// {@return a square matrix with a number on its diagonal}
    public static WeightInitializer identity(double gain) {
        return new WeightInitializer(
                "Identity",
                (shape, _) -> {
                    if (shape.length != 2 || shape[0] != shape[1]) {
                        throw TrainingException.of(
                                "Identity", "weight", "a square matrix", Arrays.toString(shape));
                    }
                    var matrix = Tensor.zeros(DType.FLOAT32, shape);
                    for (int i = 0; i < shape[0]; i++)
                        matrix.floats()[i * shape[0] + i] = (float) gain;
                    return matrix;
                },
                "gain",
                gain);
    }

    /// {@return an orthogonal matrix, all axes but the last taken for rows}
    ///
    /// Source: Saxe, McClelland, Ganguli 2014.
    public static WeightInitializer orthogonal(double gain) {
        return new WeightInitializer(
                withSeed("Orthogonal", "gain", gain),
                (shape, random) -> {
                    var tensor = filled(shape, random::nextGaussian);
                    int columns = shape[shape.length - 1];
                    int rows = columns == 0 ? 0 : tensor.size() / columns;
                    orthogonalize(tensor.floats(), rows, columns, gain);
                    return tensor;
                });
    }

    /// Gram and Schmidt, along the rows if there are fewer of them, else along the columns.
    private static void orthogonalize(float[] matrix, int rows, int columns, double gain) {
        boolean byRow = rows <= columns;
        int count = byRow ? rows : columns;
        int length = byRow ? columns : rows;
        int next = byRow ? columns : 1;
        int step = byRow ? 1 : columns;
        double[][] done = new double[count][length];
        for (int i = 0; i < count; i++) {
            var vector = done[i];
            for (int k = 0; k < length; k++) vector[k] = matrix[i * next + k * step];
            for (int pass = 0; pass < 2; pass++) // the second takes what rounding left
            for (int j = 0; j < i; j++) {
                    double along = dot(vector, done[j]);
                    for (int k = 0; k < length; k++) vector[k] -= along * done[j][k];
                }
            double norm = Math.sqrt(dot(vector, vector));
            for (int k = 0; k < length; k++) {
                vector[k] /= norm;
                matrix[i * next + k * step] = (float) (gain * vector[k]);
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) sum += a[k] * b[k];
        return sum;
    }
}
