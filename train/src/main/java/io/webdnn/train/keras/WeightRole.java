package io.webdnn.train.keras;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was said of one of a layer's weights: how it is drawn, what it costs, what it must keep to.
final class WeightRole {
    private final String name;
    private final String prefix;
    private WeightInitializer initializer;
    private @Nullable Regularizer regularizer;
    private @Nullable Constraint constraint;

    /// @param name the weight's in files, such as `depthwise_kernel`
    /// @param prefix that of its settings, such as `depthwise`
    WeightRole(String name, String prefix, WeightInitializer initializer) {
        this.name = name;
        this.prefix = prefix;
        this.initializer = initializer;
    }

    String name() {
        return name;
    }

    WeightInitializer initializer() {
        return initializer;
    }

    void initializer(WeightInitializer chosen) {
        initializer = chosen;
    }

    @Nullable Regularizer regularizer() {
        return regularizer;
    }

    void regularizer(Regularizer chosen) {
        regularizer = chosen;
    }

    @Nullable Constraint constraint() {
        return constraint;
    }

    void constraint(Constraint chosen) {
        constraint = chosen;
    }

    /// Adds what Keras says of weights, in its order.
    static void describe(
            List<WeightRole> roles,
            @Nullable Regularizer activity,
            Map<String, @Nullable Object> config) {
        for (var role : roles)
            config.put(role.prefix + "_initializer", role.initializer.describe());
        for (var role : roles) {
            var it = role.regularizer;
            config.put(role.prefix + "_regularizer", it == null ? null : it.describe());
        }
        config.put("activity_regularizer", activity == null ? null : activity.describe());
        for (var role : roles) {
            var it = role.constraint;
            config.put(role.prefix + "_constraint", it == null ? null : it.describe());
        }
    }

    void read(Settings settings) {
        var drawn = settings.inner(prefix + "_initializer");
        if (drawn != null) initializer = WeightInitializer.read(drawn);
        var cost = settings.inner(prefix + "_regularizer");
        if (cost != null) regularizer = Regularizer.read(cost);
        var limit = settings.inner(prefix + "_constraint");
        if (limit != null) constraint = Constraint.read(limit);
    }
}
