package io.webdnn.train.keras;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Changes nothing, but its input costs something: `l1 · Σ |x| + l2 · Σ x²` is added to the loss.
public final class ActivityRegularization extends IdentityShape<ActivityRegularization> {
    private final Regularizer price;

    /// @param l1 the price of the absolute values
    /// @param l2 the price of the squares
    public ActivityRegularization(double l1, double l2) {
        price = new Regularizer(l1, l2);
    }

    @Override
    Signal apply(Signal x) {
        return x;
    }

    @Override
    Regularizer activityRegularizer() {
        return price;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("l1", price.l1());
        config.put("l2", price.l2());
    }
}
