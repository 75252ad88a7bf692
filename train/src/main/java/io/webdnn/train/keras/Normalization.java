package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Inputs with a mean and a variance that are known to mean 0 and variance 1, each channel by
/// itself: `(x − mean) / max(√variance, 1e-7)`.
///
/// ```java
/// new Normalization(Normalization.means(x), Normalization.variances(x))
/// ```
///
/// Source: Keras 2.6.
public final class Normalization extends IdentityShape<Normalization> {
    private static final double LEAST_DEVIATION = 1e-7;

    private final double[] mean;
    private final double[] variance;

    /// @param mean one number for each channel, or one for all
    /// @param variance as many
    public Normalization(double[] mean, double[] variance) {
        if (mean.length < 1 || mean.length != variance.length)
            throw wrong("variance", mean.length + " numbers, as means", variance.length);
        for (double each : variance) if (!(each >= 0)) throw wrong("variance", ">= 0", each);
        this.mean = mean.clone();
        this.variance = variance.clone();
    }

    /// {@return the mean of each channel}
    ///
    /// @param x examples `[N, …, C]`, float32
    public static double[] means(Tensor x) {
        int channels = channels(x);
        double[] sums = new double[channels];
        for (int i = 0; i < x.size(); i++) sums[i % channels] += x.floats()[i];
        return Arrays.stream(sums).map(sum -> sum * channels / x.size()).toArray();
    }

    /// {@return the variance of each channel}
    ///
    /// @param x examples `[N, …, C]`, float32
    public static double[] variances(Tensor x) {
        double[] means = means(x);
        int channels = means.length;
        double[] sums = new double[channels];
        for (int i = 0; i < x.size(); i++) {
            double from = x.floats()[i] - means[i % channels];
            sums[i % channels] += from * from;
        }
        return Arrays.stream(sums).map(sum -> sum * channels / x.size()).toArray();
    }

    private static int channels(Tensor x) {
        if (x.dtype() == DType.FLOAT32 && x.rank() > 0 && x.size() > 0)
            return x.shape()[x.rank() - 1];
        throw TrainingException.of(
                "Normalization", "x", "one or more examples, float32[N, ..., C]", x);
    }

    @Override
    int[] outputShape(int[] input) {
        if (mean.length > 1 && (input.length == 0 || input[input.length - 1] != mean.length))
            throw wrong("input", mean.length + " channels", Arrays.toString(input));
        return input;
    }

    @Override
    Signal apply(Signal x) {
        float[] center = new float[mean.length];
        float[] deviation = new float[mean.length];
        for (int c = 0; c < center.length; c++) {
            center[c] = (float) mean[c];
            deviation[c] = (float) Math.max(Math.sqrt(variance[c]), LEAST_DEVIATION);
        }
        var from = x.channelsLast().minus(Variable.sharing(Tensor.of(center, center.length)));
        return Signal.of(from.dividedBy(Variable.sharing(Tensor.of(deviation, deviation.length))));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", Windows.list(-1));
        config.put("invert", false);
        config.put("mean", Arrays.stream(mean).boxed().toList());
        config.put("variance", Arrays.stream(variance).boxed().toList());
    }

    @Override
    void read(Settings settings) {
        if (settings.flag("invert", false)) throw settings.wrong("invert", "false", true);
        int axis = settings.has("axis") ? settings.integers("axis")[0] : -1;
        if (axis != -1) throw settings.wrong("axis", "-1", settings.values().get("axis"));
    }
}
