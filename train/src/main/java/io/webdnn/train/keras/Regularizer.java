package io.webdnn.train.keras;

import io.webdnn.graph.op.Abs;
import io.webdnn.train.F;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What weights or results cost: `l1 · Σ |x| + l2 · Σ x²`, added to the loss.
///
/// @param l1 the price of the absolute values
/// @param l2 the price of the squares
public record Regularizer(double l1, double l2) {
    public Regularizer {
        if (!(l1 >= 0)) throw TrainingException.of("Regularizer", "l1", ">= 0", l1);
        if (!(l2 >= 0)) throw TrainingException.of("Regularizer", "l2", ">= 0", l2);
    }

    /// {@return the price of absolute values}
    public static Regularizer l1(double price) {
        return new Regularizer(price, 0);
    }

    /// {@return the price of squares}
    public static Regularizer l2(double price) {
        return new Regularizer(0, price);
    }

    /// {@return the cost, null if there is none}
    @Nullable Variable of(Variable x) {
        var absolute = l1 == 0 ? null : F.sum(F.apply(new Abs(), x)).times(l1);
        var square = l2 == 0 ? null : F.sum(x.times(x)).times(l2);
        if (absolute == null || square == null) return absolute == null ? square : absolute;
        return absolute.plus(square);
    }

    Map<String, @Nullable Object> describe() {
        return Settings.described("L1L2", "l1", l1, "l2", l2);
    }

    static Regularizer read(Settings settings) {
        return new Regularizer(settings.real("l1", 0), settings.real("l2", 0));
    }
}
