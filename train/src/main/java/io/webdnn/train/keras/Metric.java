package io.webdnn.train.keras;

import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.GatherElements;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Round;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.tensor.DType;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.List;
import java.util.function.BinaryOperator;

/// What is measured beside the loss, under the name that the user gave it.
///
/// @param perExample a number for each example, `[N]`, from what the network says and should say
record Metric(String name, BinaryOperator<Variable> perExample) {
    /// {@return the metric of that name; `accuracy` is the one that goes with the loss}
    ///
    /// @param outputs the extent of the network's last axis
    static Metric of(String model, String name, Objective loss, int outputs) {
        return switch (name) {
            case "accuracy", "acc" -> {
                if (loss.takesLabels()) yield new Metric(name, Metric::sparseAccuracy);
                boolean binary = loss == Objective.BINARY_CROSSENTROPY || outputs == 1;
                yield new Metric(
                        name, binary ? Metric::binaryAccuracy : Metric::categoricalAccuracy);
            }
            case "binary_accuracy" -> new Metric(name, Metric::binaryAccuracy);
            case "categorical_accuracy" -> new Metric(name, Metric::categoricalAccuracy);
            case "sparse_categorical_accuracy" -> new Metric(name, Metric::sparseAccuracy);
            case "sparse_top_k_categorical_accuracy" ->
                    new Metric(name, Metric::labelAmongTheLargest);
            case "top_k_categorical_accuracy" -> new Metric(name, Metric::amongTheLargest);
            default -> {
                var objective = Objective.find(name);
                if (objective == null) {
                    throw TrainingException.of(
                            model,
                            "metrics",
                            "accuracy, binary_accuracy, categorical_accuracy,"
                                    + " sparse_categorical_accuracy, top_k_categorical_accuracy,"
                                    + " sparse_top_k_categorical_accuracy, "
                                    + Objective.names(),
                            name);
                }
                yield new Metric(name, objective::perExample);
            }
        };
    }

    private static Variable binaryAccuracy(Variable y, Variable t) {
        return Objective.rows(F.apply(new Same(Kind.ROUNDED), "", y, t));
    }

    private static Variable categoricalAccuracy(Variable y, Variable t) {
        return Objective.rows(F.apply(new Same(Kind.LARGEST), "", y, t));
    }

    private static Variable sparseAccuracy(Variable y, Variable t) {
        return F.apply(new Same(Kind.LABEL), "", y, t);
    }

    /// Whether fewer than five numbers are larger than that of the class, as Keras's k is.
    private static Variable amongTheLargest(Variable y, Variable t) {
        return Objective.rows(F.apply(new Same(Kind.AMONG_FIVE), "", y, t));
    }

    private static Variable labelAmongTheLargest(Variable y, Variable t) {
        return F.apply(new Same(Kind.LABEL_AMONG_FIVE), "", y, t);
    }

    private enum Kind {
        ROUNDED,
        LARGEST,
        LABEL,
        AMONG_FIVE,
        LABEL_AMONG_FIVE
    }

    private static final int TOP = 5; // Keras's default

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
                        case AMONG_FIVE -> amongFive(g, y, g.apply(new ArgMax(-1, true, false), t));
                        case LABEL_AMONG_FIVE ->
                                amongFive(g, y, g.apply(new Unsqueeze(), t, g.vector(-1)));
                    };
            return List.of(g.apply(new Cast(DType.FLOAT32), same));
        }

        private static Operand amongFive(Operators g, Operand y, Operand place) {
            int axis = y.type().rank() - 1;
            var own = g.apply(new GatherElements(axis), y, place);
            var larger = g.cast(g.apply(new Greater(), y, own), DType.FLOAT32);
            var count = g.apply(new ReduceSum(false), larger, g.vector(axis));
            return g.apply(new Less(), count, g.scalar(DType.FLOAT32, TOP));
        }

        private static Operand largest(Operators g, Operand x) {
            return g.apply(new ArgMax(-1, false, false), x);
        }
    }
}
