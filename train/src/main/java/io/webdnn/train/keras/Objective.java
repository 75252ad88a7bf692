package io.webdnn.train.keras;

import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.LossReduction;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.NegativeLogLikelihoodLoss;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Pow;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Softplus;
import io.webdnn.tensor.DType;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.function.OperatorFunction;
import io.webdnn.train.function.ReductionFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What `fit` makes smaller, under Keras's names; each also serves as a metric.
///
/// Each gives a number for each place but the last axis, `[N, …]`, over which it is a mean or a
/// sum. Where a network ends with the softmax or the sigmoid that a cross entropy belongs to, both
/// are computed at once from what goes into it, which loses no small probability.
enum Objective {
    MEAN_SQUARED_ERROR("MeanSquaredError"),
    MEAN_ABSOLUTE_ERROR("MeanAbsoluteError"),
    MEAN_ABSOLUTE_PERCENTAGE_ERROR("MeanAbsolutePercentageError"),
    MEAN_SQUARED_LOGARITHMIC_ERROR("MeanSquaredLogarithmicError"),
    SQUARED_HINGE("SquaredHinge"),
    HINGE("Hinge"),
    CATEGORICAL_HINGE("CategoricalHinge"),
    LOGCOSH("LogCosh"),
    HUBER("Huber"),
    CATEGORICAL_CROSSENTROPY("CategoricalCrossentropy"),
    SPARSE_CATEGORICAL_CROSSENTROPY("SparseCategoricalCrossentropy"),
    BINARY_CROSSENTROPY("BinaryCrossentropy"),
    CATEGORICAL_FOCAL_CROSSENTROPY("CategoricalFocalCrossentropy"),
    BINARY_FOCAL_CROSSENTROPY("BinaryFocalCrossentropy"),
    KULLBACK_LEIBLER_DIVERGENCE("KLDivergence"),
    POISSON("Poisson"),
    COSINE_PROXIMITY("CosineSimilarity");

    /// Keras's fuzz factor: what keeps divisions and logarithms from zero.
    private static final double EPSILON = 1e-7;

    private final String className;

    /// @param className Keras's class of it
    Objective(String className) {
        this.className = className;
    }

    static @Nullable Objective find(String name) {
        for (var known : values()) if (known.keras().equals(name)) return known;
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "mse" -> MEAN_SQUARED_ERROR;
            case "mae" -> MEAN_ABSOLUTE_ERROR;
            case "mape" -> MEAN_ABSOLUTE_PERCENTAGE_ERROR;
            case "msle" -> MEAN_SQUARED_LOGARITHMIC_ERROR;
            case "log_cosh" -> LOGCOSH;
            case "huber_loss" -> HUBER;
            case "bce" -> BINARY_CROSSENTROPY;
            case "kld", "kl_divergence" -> KULLBACK_LEIBLER_DIVERGENCE;
            case "cosine", "cosine_similarity" -> COSINE_PROXIMITY;
            default -> null;
        };
    }

    static @Nullable Objective ofClass(String name) {
        for (var known : values()) if (known.className.equals(name)) return known;
        return null;
    }

    String className() {
        return className;
    }

    boolean isFocal() {
        return this == CATEGORICAL_FOCAL_CROSSENTROPY || this == BINARY_FOCAL_CROSSENTROPY;
    }

    /// {@return whether it compares probabilities, which a network may give as logits}
    boolean isCrossEntropy() {
        return name().endsWith("CROSSENTROPY");
    }

    static Objective of(String model, String name) {
        var found = find(name);
        if (found == null) throw TrainingException.of(model, "loss", "one of " + names(), name);
        return found;
    }

    static String names() {
        return Arrays.stream(values()).map(Objective::keras).collect(Collectors.joining(", "));
    }

    /// {@return the name that files have}
    String keras() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// {@return whether the targets are class numbers, without the axis of the classes}
    boolean takesLabels() {
        return this == SPARSE_CATEGORICAL_CROSSENTROPY;
    }

    /// {@return a number for each place, `[N, …]`, with Keras's settings}
    Variable plain(Variable y, Variable t) {
        return Loss.of(this).perPlace(y, t);
    }

    /// {@return a number for each place but the last axis, `[N, …]`}
    ///
    /// @param settings of the loss
    /// @param y what the network says, `[N, …, C]`
    /// @param given what it should say: as y, or class numbers `[N, …]` (int32)
    Variable perPlace(Loss.Details settings, Variable y, Variable given) {
        var t = smoothed(settings, given);
        return switch (this) {
            case MEAN_SQUARED_ERROR -> mean(square(y.minus(t)));
            case MEAN_ABSOLUTE_ERROR -> mean(absolute(y.minus(t)));
            case MEAN_ABSOLUTE_PERCENTAGE_ERROR ->
                    mean(absolute(t.minus(y).dividedBy(atLeast(absolute(t), EPSILON)))).times(100);
            case MEAN_SQUARED_LOGARITHMIC_ERROR -> mean(square(logarithm(t).minus(logarithm(y))));
            case SQUARED_HINGE -> mean(square(margin(y, t)));
            case HINGE -> mean(margin(y, t));
            case CATEGORICAL_HINGE -> {
                int axis = y.shape().rank() - 1;
                var right = last(t.times(y));
                var other =
                        new ReductionFunction("Max", new ReduceMax(false, false), List.of(axis));
                var largest = F.apply(other, "", Variable.scalar(1).minus(t).times(y));
                yield F.apply(new Relu(), largest.minus(right).plus(1));
            }
            case LOGCOSH -> {
                var d = y.minus(t); // log cosh d = d + softplus(−2 d) − log 2
                var soft = F.apply(new Softplus(), d.times(-2));
                yield mean(d.plus(soft).minus(Math.log(2)));
            }
            case HUBER -> {
                var far = absolute(y.minus(t));
                // ½ near² + δ·(far − near), near being what is within δ
                var near = F.apply(new Min(), far, Variable.scalar(settings.delta()));
                var beyond = far.minus(near).times(settings.delta());
                yield mean(square(near).times(0.5).plus(beyond));
            }
            case CATEGORICAL_CROSSENTROPY -> last(t.times(logProbabilities(settings, y))).negated();
            case SPARSE_CATEGORICAL_CROSSENTROPY -> sparse(settings, y, t);
            case BINARY_CROSSENTROPY -> mean(binary(logits(settings, y), t));
            case CATEGORICAL_FOCAL_CROSSENTROPY -> {
                var log = logProbabilities(settings, y);
                var unsure = power(Variable.scalar(1).minus(F.exp(log)), settings.focus());
                double alpha = settings.balance() == 0 ? 1 : settings.balance();
                var each = t.times(log).times(unsure).times(alpha);
                yield last(each).negated();
            }
            case BINARY_FOCAL_CROSSENTROPY -> mean(binaryFocal(settings, y, t));
            case KULLBACK_LEIBLER_DIVERGENCE -> {
                var p = between(t, EPSILON, 1);
                var q = between(y, EPSILON, 1);
                yield last(p.times(F.log(p.dividedBy(q))));
            }
            case POISSON -> mean(y.minus(t.times(F.log(y.plus(EPSILON)))));
            case COSINE_PROXIMITY -> last(unit(t).times(unit(y))).negated();
        };
    }

    /// {@return the targets, nearer to each other if the loss says so}
    private Variable smoothed(Loss.Details settings, Variable t) {
        double share = settings.smoothing();
        if (share == 0) return t;
        boolean binary = this == BINARY_CROSSENTROPY || this == BINARY_FOCAL_CROSSENTROPY;
        return t.times(1 - share).plus(share / (binary ? 2 : t.size(t.shape().rank() - 1)));
    }

    private static Variable sparse(Loss.Details settings, Variable y, Variable t) {
        expectLabels(SPARSE_CATEGORICAL_CROSSENTROPY.keras(), y, t);
        var log = logProbabilities(settings, y);
        int rank = log.shape().rank();
        if (rank == 2) return F.apply(LIKELIHOOD, "", log, t);
        // the operator has the classes behind the batch
        int[] order = new int[rank];
        for (int d = 1; d < rank; d++) order[d] = d == 1 ? rank - 1 : d - 1;
        return F.apply(LIKELIHOOD, "", F.transpose(log, order), t);
    }

    private static final Function LIKELIHOOD =
            new OperatorFunction(
                    "NegativeLogLikelihood",
                    new NegativeLogLikelihoodLoss(LossReduction.NONE, null));

    /// Checks class numbers; a program would read beyond the classes, or silently another one.
    static void expectLabels(String operation, Variable y, Variable t) {
        int classes = y.size(y.shape().rank() - 1);
        int[] labels = t.array().ints();
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw TrainingException.of(
                        operation,
                        "y",
                        "labels 0 ... " + (classes - 1),
                        labels[i] + " at position " + i + " of a batch");
            }
        }
    }

    /// {@return what a sigmoid gives the network's probabilities of}
    private static Variable logits(Loss.Details settings, Variable y) {
        if (settings.logits()) return y;
        var z = before(y, Sigmoid.class);
        if (z != null) return z;
        var p = between(y, EPSILON, 1 - EPSILON);
        return F.log(p.dividedBy(Variable.scalar(1).minus(p)));
    }

    private static Variable binary(Variable z, Variable t) {
        // −t log σ(z) − (1 − t) log σ(−z) = softplus(z) − t z
        return F.apply(new Softplus(), z).minus(t.times(z));
    }

    private static Variable binaryFocal(Loss.Details settings, Variable y, Variable t) {
        var z = logits(settings, y);
        var one = Variable.scalar(1);
        var p = F.sigmoid(z);
        // 1 − p of what is right: t (1 − p) + (1 − t) p
        var wrong = t.times(one.minus(p)).plus(one.minus(t).times(p));
        var each = power(wrong, settings.focus()).times(binary(z, t));
        double alpha = settings.balance();
        return alpha == 0 ? each : each.times(t.times(alpha).plus(one.minus(t).times(1 - alpha)));
    }

    private static Variable power(Variable x, double exponent) {
        if (exponent == 0) return x.times(0).plus(1);
        return exponent == 2 ? square(x) : F.apply(new Pow(), x, Variable.scalar(exponent));
    }

    private static Variable logProbabilities(Loss.Details settings, Variable y) {
        int axis = y.shape().rank() - 1;
        var logits = settings.logits() ? y : before(y, Softmax.class);
        if (logits != null)
            return F.apply(new OperatorFunction("LogSoftmax", new LogSoftmax(axis)), "", logits);
        var share =
                y.dividedBy(
                        F.apply(
                                new ReductionFunction("Sum", new ReduceSum(true), List.of(axis)),
                                "",
                                y));
        return F.log(between(share, EPSILON, 1 - EPSILON));
    }

    /// {@return what went into the function that gave `y`, if that is the operator}
    private static @Nullable Variable before(Variable y, Class<? extends Op> operator) {
        var creator = y.creator();
        return creator != null
                        && creator.function() instanceof OperatorFunction function
                        && operator.isInstance(function.op())
                ? creator.inputs().getFirst()
                : null;
    }

    private static Variable unit(Variable x) {
        int axis = x.shape().rank() - 1;
        var sum = new ReductionFunction("Sum", new ReduceSum(true), List.of(axis));
        return x.dividedBy(F.sqrt(atLeast(F.apply(sum, "", square(x)), 1e-12)));
    }

    private static Variable margin(Variable y, Variable t) {
        return F.apply(new Relu(), t.times(y).negated().plus(1));
    }

    private static Variable logarithm(Variable x) {
        return F.log(atLeast(x, EPSILON).plus(1));
    }

    private static Variable square(Variable x) {
        return x.times(x);
    }

    private static Variable absolute(Variable x) {
        return F.apply(new Abs(), x);
    }

    private static Variable atLeast(Variable x, double least) {
        return F.apply(new Clip(), x, Variable.scalar(least));
    }

    private static Variable between(Variable x, double least, double most) {
        return F.apply(new Clip(), x, Variable.scalar(least), Variable.scalar(most));
    }

    /// {@return the sum over the last axis}
    private static Variable last(Variable x) {
        return F.sum(x, x.shape().rank() - 1);
    }

    /// {@return the mean over the last axis}
    private static Variable mean(Variable x) {
        return F.mean(x, x.shape().rank() - 1);
    }

    /// {@return numbers of which those of hidden steps are 0, the others so much larger that the
    /// mean over all is the one over those that count}
    ///
    /// @param perPlace `[N, T, …]`
    /// @param mask which steps count, `[N, T]`; null if all do
    static Variable masked(Variable perPlace, @Nullable Variable mask) {
        if (mask == null) return perPlace;
        int[] shape = new int[perPlace.shape().rank()];
        Arrays.fill(shape, 1);
        shape[0] = -1;
        shape[1] = mask.size(1);
        var counts = F.reshape(F.apply(new Cast(DType.FLOAT32), mask), shape);
        return perPlace.times(counts).dividedBy(atLeast(F.mean(counts), EPSILON));
    }

    /// {@return the mean over all axes but the batch, if there are others}
    static Variable rows(Variable x) {
        int[] others = new int[x.shape().rank() - 1];
        for (int d = 0; d < others.length; d++) others[d] = d + 1;
        return others.length == 0 ? x : F.mean(x, others);
    }
}
