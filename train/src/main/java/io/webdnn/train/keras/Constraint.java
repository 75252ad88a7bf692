package io.webdnn.train.keras;

import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.train.F;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.function.ReductionFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a weight is brought back to after each update, under Keras's names.
public final class Constraint {
    /// Keras's fuzz factor.
    private static final double EPSILON = 1e-7;

    private final Kind kind;
    private final double least;
    private final double most;
    private final double rate;
    private final List<Integer> axes;

    private enum Kind {
        NON_NEG("NonNeg"),
        MAX_NORM("MaxNorm"),
        UNIT_NORM("UnitNorm"),
        MIN_MAX_NORM("MinMaxNorm");

        private final String keras;

        Kind(String keras) {
            this.keras = keras;
        }
    }

    private Constraint(Kind kind, double least, double most, double rate, int... axes) {
        if (!(least >= 0 && least <= most)) {
            throw TrainingException.of(
                    kind.keras, "norms", "0 <= least <= most", least + " and " + most);
        }
        if (!(rate >= 0 && rate <= 1))
            throw TrainingException.of(kind.keras, "rate", "0 <= rate <= 1", rate);
        this.kind = kind;
        this.least = least;
        this.most = most;
        this.rate = rate;
        this.axes = Arrays.stream(axes).boxed().toList();
    }

    /// Numbers below 0 become 0.
    public static Constraint nonNeg() {
        return new Constraint(Kind.NON_NEG, 0, 0, 1);
    }

    /// Norms along axes of Keras's array, 0 for a kernel `[in, out]`, are at most a number.
    public static Constraint maxNorm(double most, int... axes) {
        return new Constraint(Kind.MAX_NORM, 0, most, 1, orFirst(axes));
    }

    /// Norms along axes, the first if none is named, are 1.
    public static Constraint unitNorm(int... axes) {
        return new Constraint(Kind.UNIT_NORM, 1, 1, 1, orFirst(axes));
    }

    /// Norms along axes go a share `rate` of the way to between two numbers.
    public static Constraint minMaxNorm(double least, double most, double rate, int... axes) {
        return new Constraint(Kind.MIN_MAX_NORM, least, most, rate, orFirst(axes));
    }

    private static int[] orFirst(int[] axes) {
        return axes.length == 0 ? new int[1] : axes;
    }

    /// {@return what is kept of a parameter}
    ///
    /// @param order where axes of Keras's array stand in the parameter; empty if alike
    Variable apply(Variable updated, List<Integer> order) {
        if (kind == Kind.NON_NEG) return F.relu(updated);
        var summed = new ArrayList<Integer>();
        for (int axis : axes) summed.add(order.isEmpty() ? axis : order.get(axis));
        var sum = new ReductionFunction("Sum", new ReduceSum(true), summed);
        var norms = F.sqrt(F.apply(sum, "", updated.times(updated)));
        var wanted = F.apply(new Clip(), norms, Variable.scalar(least), Variable.scalar(most));
        if (rate < 1) wanted = wanted.times(rate).plus(norms.times(1 - rate));
        return updated.times(wanted.dividedBy(norms.plus(EPSILON)));
    }

    Map<String, @Nullable Object> describe() {
        Object axis = axes.size() == 1 ? axes.getFirst() : axes;
        return switch (kind) {
            case NON_NEG -> Settings.described(kind.keras);
            case MAX_NORM -> Settings.described(kind.keras, "max_value", most, "axis", axis);
            case UNIT_NORM -> Settings.described(kind.keras, "axis", axis);
            case MIN_MAX_NORM ->
                    Settings.described(
                            kind.keras,
                            "min_value",
                            least,
                            "max_value",
                            most,
                            "rate",
                            rate,
                            "axis",
                            axis);
        };
    }

    static Constraint read(Settings settings) {
        var axis = settings.has("axis") ? settings.integers("axis") : new int[1];
        for (var kind : Kind.values()) {
            if (!kind.keras.equals(settings.kind())) continue;
            return switch (kind) {
                case NON_NEG -> nonNeg();
                case MAX_NORM -> maxNorm(settings.real("max_value", 2), axis);
                case UNIT_NORM -> unitNorm(axis);
                case MIN_MAX_NORM ->
                        minMaxNorm(
                                settings.real("min_value", 0),
                                settings.real("max_value", 1),
                                settings.real("rate", 1),
                                axis);
            };
        }
        throw settings.wrong("constraint", "one that Keras 2 has", settings.kind());
    }
}
