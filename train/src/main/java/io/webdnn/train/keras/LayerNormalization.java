package io.webdnn.train.keras;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The numbers of each example with mean 0 and variance 1 over some axes, then scaled and shifted:
/// `(x − μ) / √(σ² + ε) · gamma + beta`.
///
/// Weights: `gamma`, `beta`, each with the extents of the axes. Source: Ba, Kiros, Hinton 2016;
/// Keras 2.4.
public final class LayerNormalization extends NormalizationLayer<LayerNormalization> {
    private List<Integer> axes = List.of(-1);

    /// Over the last axis, with ε = 0.001.
    public LayerNormalization() {}

    /// Sets over which axes, counted with the batch's or from the end: the last one at first.
    public LayerNormalization axis(int... some) {
        expectNotBuilt("axis");
        if (some.length == 0) throw wrong("axis", "one or more", 0);
        axes = Windows.list(some);
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        resolved(this, axes, input.length + 1);
        return input;
    }

    @Override
    void build(int[] input) {
        makeAffine(extents(input, resolved(this, axes, input.length + 1)));
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        int[] over = resolved(this, axes, value.shape().rank());
        return Signal.of(affine(normalized(value, over), along(value, over)));
    }

    @Override
    Masks masks() {
        // a mean over steps would be one of hidden ones, too
        return axes.equals(List.of(-1)) ? Masks.HANDED_ON : Masks.REFUSED;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axis", axes);
        describeAffine(config);
    }

    @Override
    void read(Settings settings) {
        if (settings.has("axis")) axis(settings.integers("axis"));
        if (settings.flag("rms_scaling", false)) throw settings.wrong("rms_scaling", "false", true);
        super.read(settings);
    }
}
