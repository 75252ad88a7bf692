package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `x`, or `alpha · x` where that is negative, alpha being trained.
///
/// Weights: `alpha`, the shape of an example, 1 on shared axes.
///
/// Source: He, Zhang, Ren, Sun 2015.
public final class PReLU extends IdentityShape<PReLU> {
    private final WeightRole role = new WeightRole("alpha", "alpha", WeightInitializer.ZEROS);
    private int[] sharedAxes = {};
    private @Nullable Parameter alpha;

    /// An alpha for each number of an example, all 0 at first.
    public PReLU() {}

    /// Sets on which axes, counted from 1, all places have one alpha.
    public PReLU sharedAxes(int... axes) {
        expectNotBuilt("shared axes");
        sharedAxes = axes.clone();
        return this;
    }

    /// Sets what alpha is drawn by.
    public PReLU alphaInitializer(WeightInitializer initializer) {
        expectNotBuilt("alpha initializer");
        role.initializer(initializer);
        return this;
    }

    @Override
    String automaticName() {
        return "p_re_lu";
    }

    @Override
    void build(int[] input) {
        int[] shape = input.clone();
        for (int axis : sharedAxes) {
            if (axis < 1 || axis > shape.length)
                throw wrong("shared axes", "axes 1 ... " + shape.length, axis);
            shape[axis - 1] = 1;
        }
        alpha = make(role, List.of(), shape);
    }

    @Override
    Signal apply(Signal x) {
        var value = x.channelsLast();
        var below = F.relu(value.negated()).times(Objects.requireNonNull(alpha));
        return Signal.of(F.relu(value).minus(below));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        WeightRole.describe(List.of(role), null, config);
        config.remove("activity_regularizer");
        config.put("shared_axes", sharedAxes.length == 0 ? null : Windows.list(sharedAxes));
    }

    @Override
    void read(Settings settings) {
        role.read(settings);
        if (settings.has("shared_axes")) sharedAxes(settings.integers("shared_axes"));
    }
}
