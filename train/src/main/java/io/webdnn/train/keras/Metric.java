package io.webdnn.train.keras;

import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.GatherElements;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Not;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Round;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What is measured beside the loss, where its name alone does not say enough.
///
/// ```java
/// model.compile(new Adam(), Loss.named("binary_crossentropy"),
///         List.of(Metric.named("accuracy"), Metric.precision(0.7), Metric.auc("PR")));
/// ```
///
/// What counts over all examples, not batch by batch, is computed of sums over the whole epoch.
public final class Metric {
    private static final List<String> ACCURACIES =
            List.of(
                    "accuracy",
                    "binary_accuracy",
                    "categorical_accuracy",
                    "sparse_categorical_accuracy",
                    "top_k_categorical_accuracy",
                    "sparse_top_k_categorical_accuracy");
    private static final int TOP = 5; // Keras's default

    private final String name;
    private final Object description;
    private final Rule rule;

    /// What of a batch is added up over batches, and what follows from it.
    ///
    /// @param sums from what the network says and should say, any shape
    /// @param figure from the sums, and the number of examples
    record Measure(Sums sums, ToDoubleBiFunction<double[], Long> figure) {
        /// {@return the mean of a number for each place, `[N, …]`}
        static Measure mean(BinaryOperator<Variable> perPlace) {
            return new Measure(sum(perPlace), (sums, count) -> sums[0] / count);
        }

        /// {@return the sum over examples of the mean over places}
        static Sums sum(BinaryOperator<Variable> perPlace) {
            return (y, t, mask) ->
                    F.sum(Objective.rows(Objective.masked(perPlace.apply(y, t), mask)));
        }
    }

    /// What of a batch is added up.
    @FunctionalInterface
    interface Sums {
        /// {@return the sums of a batch}
        ///
        /// @param mask which steps count, `[N, T]`; null if all do
        Variable of(Variable y, Variable t, @Nullable Variable mask);
    }

    /// How a metric is computed for a model.
    @FunctionalInterface
    private interface Rule {
        /// @param outputs the extent of the network's last axis
        Measure of(String model, Loss loss, int outputs);
    }

    private Metric(String name, Object description, Rule rule) {
        this.name = name;
        this.description = description;
        this.rule = rule;
    }

    private Metric(String name, Object description, Measure measure) {
        this(name, description, (_, _, _) -> measure);
    }

    /// {@return the metric of that name: `accuracy`, which is the one that goes with the loss,
    /// `precision`, `auc`, …, or any loss}
    public static Metric named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "precision" -> precision(0.5).called(name);
            case "recall" -> recall(0.5).called(name);
            case "auc" -> auc("ROC").called(name);
            case "true_positives" -> count(name, "TruePositives", 0, 0.5);
            case "false_positives" -> count(name, "FalsePositives", 1, 0.5);
            case "false_negatives" -> count(name, "FalseNegatives", 2, 0.5);
            case "true_negatives" -> count(name, "TrueNegatives", 3, 0.5);
            case "root_mean_squared_error" ->
                    new Metric(
                            name,
                            Settings.described("RootMeanSquaredError", "name", name),
                            new Measure(
                                    Measure.sum(Objective.MEAN_SQUARED_ERROR::plain),
                                    (sums, count) -> Math.sqrt(sums[0] / count)));
            // as a metric it grows with the likeness, as a loss it falls
            case "cosine_similarity" ->
                    new Metric(
                            name,
                            name,
                            Measure.mean(
                                    (y, t) -> Objective.COSINE_PROXIMITY.plain(y, t).negated()));
            default ->
                    new Metric(
                            name,
                            name,
                            (model, loss, outputs) -> perExample(model, name, loss, outputs));
        };
    }

    private Metric called(String other) {
        return new Metric(other, description, rule);
    }

    private static Measure perExample(String model, String name, Loss loss, int outputs) {
        return switch (name) {
            case "accuracy", "acc" -> {
                if (loss.takesLabels()) yield Measure.mean(Metric::sparseAccuracy);
                boolean binary = loss.isBinary() || outputs == 1;
                yield Measure.mean(binary ? Metric::binaryAccuracy : Metric::categoricalAccuracy);
            }
            case "binary_accuracy" -> Measure.mean(Metric::binaryAccuracy);
            case "categorical_accuracy" -> Measure.mean(Metric::categoricalAccuracy);
            case "sparse_categorical_accuracy" -> Measure.mean(Metric::sparseAccuracy);
            case "sparse_top_k_categorical_accuracy" ->
                    Measure.mean((y, t) -> labelAmongTheLargest(y, t, TOP));
            case "top_k_categorical_accuracy" -> Measure.mean((y, t) -> amongTheLargest(y, t, TOP));
            default -> {
                var objective = Objective.find(name);
                if (objective == null) {
                    throw TrainingException.of(
                            model,
                            "metrics",
                            String.join(", ", ACCURACIES)
                                    + ", precision, recall, auc, true_positives, false_positives,"
                                    + " false_negatives, true_negatives, root_mean_squared_error, "
                                    + Objective.names(),
                            name);
                }
                yield Measure.mean(objective::plain);
            }
        };
    }

    /// {@return whether fewer than k numbers are larger than that of the class}
    ///
    /// @param k as many as may be right
    public static Metric topK(int k) {
        if (k < 1) throw TrainingException.of("top_k_categorical_accuracy", "k", ">= 1", k);
        var name = "top_k_categorical_accuracy";
        return new Metric(
                name,
                Settings.described("TopKCategoricalAccuracy", "name", name, "k", k),
                (_, loss, _) ->
                        Measure.mean((y, t) ->
                                loss.takesLabels()
                                        ? labelAmongTheLargest(y, t, k)
                                        : amongTheLargest(y, t, k)));
    }

    /// {@return how many of the numbers above a threshold should be 1: `TP / (TP + FP)`}
    public static Metric precision(double threshold) {
        return ratio("precision", "Precision", threshold, 1);
    }

    /// {@return how many of the numbers that should be 1 are above a threshold: `TP / (TP + FN)`}
    public static Metric recall(double threshold) {
        return ratio("recall", "Recall", threshold, 2);
    }

    private static Metric ratio(String name, String kind, double threshold, int others) {
        return counting(
                name,
                kind,
                threshold,
                counts -> CurveArea.ratio(counts[0], counts[0] + counts[others]));
    }

    private static Metric count(String name, String kind, int which, double threshold) {
        return counting(name, kind, threshold, counts -> counts[which]);
    }

    private static Metric counting(
            String name, String kind, double threshold, ToDoubleFunction<double[]> figure) {
        if (!(threshold >= 0 && threshold <= 1))
            throw TrainingException.of(name, "threshold", "0 <= threshold <= 1", threshold);
        return new Metric(
                name,
                Settings.described(kind, "name", name, "thresholds", threshold),
                new Measure(
                        new Confusion(name, List.of((float) threshold)),
                        (sums, _) -> figure.applyAsDouble(sums)));
    }

    /// {@return the area below a curve over 200 thresholds}
    ///
    /// Source: Davis, Goadrich 2006, for the curve of precision; Keras 2.
    ///
    /// @param curve `ROC`: the share of true positives over that of false ones; or `PR`: precision
    ///   over recall
    public static Metric auc(String curve) {
        var area = new CurveArea(200, curve);
        return new Metric(
                "auc",
                Settings.described("AUC", "name", "auc", "num_thresholds", 200, "curve", curve),
                new Measure(new Confusion("auc", area.thresholds()), (sums, _) -> area.of(sums)));
    }

    /// {@return the metric that a file says}
    static Metric read(String file, @Nullable Object said) {
        if (said instanceof String name) return named(name);
        if (!(said instanceof Map<?, ?>))
            throw FileException.of(file, "training_config: metrics", "names", said);
        var settings = Settings.of(file, said);
        var name = settings.text("name", settings.kind());
        double threshold = settings.real("thresholds", 0.5);
        for (var key : List.of("top_k", "class_id", "thresholds_list", "label_weights"))
            if (settings.has(key)) throw settings.wrong(key, "none", settings.values().get(key));
        var metric =
                switch (settings.kind()) {
                    case "Precision" -> precision(threshold);
                    case "Recall" -> recall(threshold);
                    case "TruePositives" -> count(name, settings.kind(), 0, threshold);
                    case "FalsePositives" -> count(name, settings.kind(), 1, threshold);
                    case "FalseNegatives" -> count(name, settings.kind(), 2, threshold);
                    case "TrueNegatives" -> count(name, settings.kind(), 3, threshold);
                    case "AUC" -> {
                        if (settings.integer("num_thresholds", 200) != 200)
                            throw settings.wrong(
                                    "num_thresholds", "200", settings.integer("num_thresholds"));
                        if (settings.flag("multi_label", false))
                            throw settings.wrong("multi_label", "false", true);
                        var method = settings.text("summation_method", "interpolation");
                        if (!method.equals("interpolation"))
                            throw settings.wrong("summation_method", "interpolation", method);
                        yield auc(settings.text("curve", "ROC"));
                    }
                    case "TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy" ->
                            topK(settings.integer("k", TOP));
                    case "RootMeanSquaredError" -> named("root_mean_squared_error");
                    case "MeanMetricWrapper" -> named(settings.text("fn", name));
                    default -> named(plainName(settings.kind()));
                };
        return metric.called(name);
    }

    /// {@return `mean_squared_error` of `MeanSquaredError`}
    private static String plainName(String kind) {
        var objective = Objective.ofClass(kind);
        if (objective == Objective.COSINE_PROXIMITY) return "cosine_similarity";
        if (objective != null) return objective.keras();
        return kind.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    /// {@return the name under which the figure is reported}
    String name() {
        return name;
    }

    /// {@return what files say}
    Object describe() {
        return description;
    }

    /// {@return how it is computed}
    ///
    /// @param outputs the extent of the network's last axis
    /// @throws TrainingException for a name that is not known
    Measure measure(String model, Loss loss, int outputs) {
        return rule.of(model, loss, outputs);
    }

    private static Variable binaryAccuracy(Variable y, Variable t) {
        return F.apply(new Same(Kind.ROUNDED), "", y, t);
    }

    private static Variable categoricalAccuracy(Variable y, Variable t) {
        return F.apply(new Same(Kind.LARGEST), "", y, t);
    }

    private static Variable sparseAccuracy(Variable y, Variable t) {
        return F.apply(new Same(Kind.LABEL), "", y, t);
    }

    /// Whether fewer than k numbers are larger than that of the class.
    private static Variable amongTheLargest(Variable y, Variable t, int k) {
        return F.apply(new Among(k, false), "", y, t);
    }

    private static Variable labelAmongTheLargest(Variable y, Variable t, int k) {
        return F.apply(new Among(k, true), "", y, t);
    }

    private enum Kind {
        ROUNDED,
        LARGEST,
        LABEL
    }

    /// 1 where both say the same, else 0.
    private record Same(Kind kind) implements Function {
        @Override
        public String name() {
            return "Accuracy";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var y = inputs.get(0);
            var t = inputs.get(1);
            var same =
                    switch (kind) {
                        case ROUNDED -> g.apply(new Equal(), g.apply(new Round(), y), t);
                        case LARGEST -> g.apply(new Equal(), largest(g, y), largest(g, t));
                        case LABEL ->
                                g.apply(
                                        new Equal(),
                                        g.apply(new Cast(t.type().dtype()), largest(g, y)),
                                        t);
                    };
            return List.of(g.apply(new Cast(DType.FLOAT32), same));
        }

        private static Operand largest(Operators g, Operand x) {
            return g.apply(new ArgMax(-1, false, false), x);
        }
    }

    /// 1 where the class is among the k largest numbers, else 0.
    ///
    /// @param isLabel whether the class is a number
    private record Among(int k, boolean isLabel) implements Function {
        @Override
        public String name() {
            return "Accuracy";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var y = inputs.get(0);
            var t = inputs.get(1);
            int axis = y.type().rank() - 1;
            var place =
                    isLabel
                            ? g.apply(new Unsqueeze(), t, g.vector(axis))
                            : g.apply(new ArgMax(-1, true, false), t);
            var own = g.apply(new GatherElements(axis), y, place);
            var larger = g.cast(g.apply(new Greater(), y, own), DType.FLOAT32);
            var count = g.apply(new ReduceSum(false), larger, g.vector(axis));
            var among = g.apply(new Less(), count, g.scalar(DType.FLOAT32, k));
            return List.of(g.apply(new Cast(DType.FLOAT32), among));
        }
    }

    /// How many numbers are above each threshold and should be (0), should not (1), are not above
    /// and should be (2), should not (3): `[4 · thresholds]`.
    private record Confusion(String name, List<Float> thresholds) implements Function, Sums {
        @Override
        public Variable of(Variable y, Variable t, @Nullable Variable mask) {
            if (mask != null)
                throw TrainingException.of(
                        name, "output", "one without a mask of steps", "one that hides some");
            return F.apply(this, "", y, t);
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var column = g.vector(-1, 1);
            var y = g.apply(new Reshape(), inputs.get(0), column);
            var wanted = g.apply(new Reshape(), inputs.get(1), column);
            var isWanted =
                    g.apply(new Not(), g.apply(new Equal(), wanted, g.scalar(DType.FLOAT32, 0)));
            float[] bounds = new float[thresholds.size()];
            for (int i = 0; i < bounds.length; i++) bounds[i] = thresholds.get(i);
            var above = g.apply(new Greater(), y, g.constant(Tensor.of(bounds, bounds.length)));
            var is = g.cast(isWanted, DType.FLOAT32);
            var isNot = g.cast(g.apply(new Not(), isWanted), DType.FLOAT32);
            var over = g.cast(above, DType.FLOAT32);
            var under = g.cast(g.apply(new Not(), above), DType.FLOAT32);
            return g.applyAll(
                    new Concat(0),
                    List.of(
                            together(g, over, is),
                            together(g, over, isNot),
                            together(g, under, is),
                            together(g, under, isNot)));
        }

        private static Operand together(Operators g, Operand a, Operand b) {
            return g.apply(new ReduceSum(false), g.mul(a, b), g.vector(0));
        }
    }
}
