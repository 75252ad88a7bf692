package io.webdnn.train.keras;

import io.webdnn.tensor.file.FileException;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `fit` makes smaller, where its name alone does not say enough.
///
/// ```java
/// model.compile(new Adam(), Loss.named("categorical_crossentropy").labelSmoothing(0.1), metrics);
/// model.compile(new Adam(), Loss.named("binary_crossentropy").fromLogits(true), metrics);
/// model.compile(new Adam(), Loss.huber(0.5), metrics);
/// ```
///
/// Each method gives a changed copy. Files hold such a loss as an object with its settings, as
/// Keras 2.2 and later do.
public final class Loss {
    private final Objective objective;
    private final Details details;

    /// @param logits whether the network gives what a softmax or a sigmoid would still go through
    /// @param smoothing the share of a target that is spread over all classes
    /// @param delta where Huber's parabola ends
    /// @param focus Lin's γ: how little well-known examples count
    /// @param balance Lin's α, 0 for none
    record Details(boolean logits, double smoothing, double delta, double focus, double balance) {}

    private Loss(Objective objective, Details details) {
        this.objective = objective;
        this.details = details;
    }

    private Loss(
            Objective objective,
            boolean logits,
            double smoothing,
            double delta,
            double focus,
            double balance) {
        this(objective, new Details(logits, smoothing, delta, focus, balance));
    }

    static Loss of(Objective objective) {
        double balance = objective == Objective.CATEGORICAL_FOCAL_CROSSENTROPY ? 0.25 : 0;
        return new Loss(objective, false, 0, 1, 2, balance);
    }

    /// {@return the loss of that name, with Keras's settings}
    ///
    /// @param name `categorical_crossentropy`, `mean_squared_error`, …
    /// @throws TrainingException for an unknown name
    public static Loss named(String name) {
        return of(Objective.of("Loss", name));
    }

    /// {@return Huber's loss: the mean of `½ d²` where `|d| ≤ δ`, else `δ·|d| − ½ δ²`}
    ///
    /// Source: Huber 1964.
    public static Loss huber(double delta) {
        if (!(delta > 0)) throw TrainingException.of("huber", "delta", "> 0", delta);
        return new Loss(Objective.HUBER, false, 0, delta, 2, 0);
    }

    /// Says whether the network gives what a softmax, or for a binary loss a sigmoid, would still
    /// go through.
    public Loss fromLogits(boolean whether) {
        if (!objective.isCrossEntropy())
            throw TrainingException.of(
                    objective.keras(), "from logits", "a cross entropy", whether);
        return new Loss(
                objective,
                whether,
                details.smoothing(),
                details.delta(),
                details.focus(),
                details.balance());
    }

    /// Brings targets nearer to each other: `t·(1 − s) + s/C` of C classes, `t·(1 − s) + s/2` for a
    /// binary loss.
    ///
    /// Source: Szegedy 2016.
    public Loss labelSmoothing(double share) {
        if (!(share >= 0 && share <= 1))
            throw TrainingException.of(objective.keras(), "label smoothing", "0 <= s <= 1", share);
        if (!objective.isCrossEntropy() || objective.takesLabels())
            throw TrainingException.of(
                    objective.keras(), "label smoothing", "a cross entropy of targets", share);
        return new Loss(
                objective,
                details.logits(),
                share,
                details.delta(),
                details.focus(),
                details.balance());
    }

    /// Sets how a focal cross entropy weighs examples: each by `(1 − p)^γ`, p being what the
    /// network gives the right class, and by α, for a binary loss `1 − α` where the target is 0.
    ///
    /// Source: Lin 2017.
    ///
    /// @param gamma 2 at first
    /// @param alpha 0 for none: so at first for a binary loss, else 0.25
    public Loss focal(double gamma, double alpha) {
        if (!objective.isFocal())
            throw TrainingException.of(objective.keras(), "focal", "a focal loss", gamma);
        if (!(gamma >= 0)) throw TrainingException.of(objective.keras(), "gamma", ">= 0", gamma);
        if (!(alpha >= 0 && alpha <= 1))
            throw TrainingException.of(objective.keras(), "alpha", "0 <= alpha <= 1", alpha);
        return new Loss(
                objective, details.logits(), details.smoothing(), details.delta(), gamma, alpha);
    }

    /// {@return a number for each place but the last axis, `[N, …]`}
    Variable perPlace(Variable y, Variable t) {
        return objective.perPlace(details, y, t);
    }

    /// {@return a number per example, `[N]`}
    ///
    /// @param mask which steps count, `[N, T]`; null if all do
    Variable perExample(Variable y, Variable t, @Nullable Variable mask) {
        return Objective.rows(Objective.masked(perPlace(y, t), mask));
    }

    boolean isBinary() {
        return objective == Objective.BINARY_CROSSENTROPY
                || objective == Objective.BINARY_FOCAL_CROSSENTROPY;
    }

    boolean isCategorical() {
        return objective == Objective.CATEGORICAL_CROSSENTROPY
                || objective == Objective.CATEGORICAL_FOCAL_CROSSENTROPY;
    }

    boolean takesLabels() {
        return objective.takesLabels();
    }

    /// {@return what files say: the name, or an object with settings that are not Keras's first}
    Object describe() {
        if (details.equals(of(objective).details)) return objective.keras();
        var pairs = new ArrayList<Object>(List.of("reduction", "auto", "name", objective.keras()));
        if (objective.isCrossEntropy()) {
            pairs.addAll(List.of("from_logits", details.logits()));
            if (!objective.takesLabels())
                pairs.addAll(List.of("label_smoothing", details.smoothing()));
        }
        if (objective == Objective.HUBER) pairs.addAll(List.of("delta", details.delta()));
        if (objective.isFocal()) pairs.addAll(List.of("gamma", details.focus()));
        if (objective == Objective.BINARY_FOCAL_CROSSENTROPY)
            pairs.addAll(List.of("apply_class_balancing", details.balance() > 0));
        if (objective.isFocal())
            pairs.addAll(List.of("alpha", details.balance() == 0 ? 1 : details.balance()));
        return Settings.described(objective.className(), pairs.toArray());
    }

    /// {@return the loss that a file says}
    ///
    /// @throws FileException if it is none, or has settings that are not known
    static Loss read(String model, String file, Object said) {
        if (said instanceof String name) return of(Objective.of(model, name));
        if (!(said instanceof Map<?, ?>))
            throw FileException.of(file, "training_config: loss", "names", said);
        var settings = Settings.of(file, said);
        var objective = Objective.ofClass(settings.kind());
        if (objective == null)
            throw settings.wrong("loss", "one of " + Objective.names(), settings.kind());
        settings.expectOnly(
                "reduction",
                "name",
                "fn",
                "dtype",
                objective.isCrossEntropy() ? "from_logits" : "name",
                objective.isCrossEntropy() && !objective.takesLabels() ? "label_smoothing" : "name",
                objective == Objective.HUBER ? "delta" : "name",
                objective.isFocal() ? "gamma" : "name",
                objective.isFocal() ? "alpha" : "name",
                objective.isFocal() ? "apply_class_balancing" : "name",
                "axis",
                "ignore_class");
        var reduction = settings.text("reduction", "auto");
        if (!List.of("auto", "sum_over_batch_size").contains(reduction))
            throw settings.wrong("reduction", "auto or sum_over_batch_size", reduction);
        if (settings.integer("axis", -1) != -1)
            throw settings.wrong("axis", "-1", settings.integer("axis", -1));
        if (settings.has("ignore_class"))
            throw settings.wrong("ignore_class", "none", settings.values().get("ignore_class"));
        var loss = of(objective);
        if (objective == Objective.HUBER) return huber(settings.real("delta", 1));
        if (objective.isFocal()) {
            boolean balances =
                    objective == Objective.CATEGORICAL_FOCAL_CROSSENTROPY
                            || settings.flag("apply_class_balancing", false);
            loss =
                    loss.focal(
                            settings.real("gamma", 2), balances ? settings.real("alpha", 0.25) : 0);
        }
        if (!objective.isCrossEntropy()) return loss;
        loss = loss.fromLogits(settings.flag("from_logits", false));
        return objective.takesLabels()
                ? loss
                : loss.labelSmoothing(settings.real("label_smoothing", 0));
    }
}
