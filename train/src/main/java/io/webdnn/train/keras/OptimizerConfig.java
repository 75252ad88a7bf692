package io.webdnn.train.keras;

import io.webdnn.train.optimizer.Adam;
import io.webdnn.train.optimizer.MomentumSGD;
import io.webdnn.train.optimizer.Optimizer;
import io.webdnn.train.optimizer.RMSprop;
import io.webdnn.train.optimizer.SGD;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An optimizer as Keras's files describe it.
///
/// @param kind Keras's class
/// @param config its arguments
/// @param countsUpdates whether Keras keeps the number of updates before the state
record OptimizerConfig(String kind, Map<String, @Nullable Object> config, boolean countsUpdates) {
    /// {@return the description, or null for an optimizer that Keras does not have}
    static @Nullable OptimizerConfig of(Optimizer optimizer) {
        return switch (optimizer) {
            case RMSprop it ->
                    new OptimizerConfig(
                            "RMSprop",
                            config(
                                    "lr", it.learningRate(),
                                    "rho", it.rho(),
                                    "decay", 0.0,
                                    "epsilon", it.epsilon()),
                            false);
            case Adam it ->
                    new OptimizerConfig(
                            "Adam",
                            config(
                                    "lr", it.alpha(),
                                    "beta_1", it.beta1(),
                                    "beta_2", it.beta2(),
                                    "decay", 0.0,
                                    "epsilon", it.epsilon()),
                            true);
            case SGD it -> descent(it.learningRate(), 0);
            case MomentumSGD it -> descent(it.learningRate(), it.momentum());
            default -> null;
        };
    }

    private static OptimizerConfig descent(double rate, double momentum) {
        return new OptimizerConfig(
                "SGD",
                config("lr", rate, "momentum", momentum, "decay", 0.0, "nesterov", false),
                true);
    }

    private static Map<String, @Nullable Object> config(Object... pairs) {
        var config = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < pairs.length; i += 2) config.put((String) pairs[i], pairs[i + 1]);
        return config;
    }

    Map<String, @Nullable Object> describe() {
        return config("class_name", kind, "config", config);
    }
}
