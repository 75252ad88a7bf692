package io.webdnn.train.function;

import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.LossReduction;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.SoftmaxCrossEntropyLoss;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Function;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What compares logits `[N, C]` with labels `[N]`.
public final class Labels {
    /// The label of an example that does not count.
    public static final int IGNORED = -1;

    private static final Function SOFTMAX_CROSS_ENTROPY =
            new OperatorFunction(
                    "SoftmaxCrossEntropy",
                    new SoftmaxCrossEntropyLoss(LossReduction.MEAN, IGNORED, false));
    private static final Function ACCURACY = new Accuracy();

    private Labels() {}

    /// {@return the mean of `−log softmax(y)[t]` over the examples that count}
    public static Function softmaxCrossEntropy() {
        return SOFTMAX_CROSS_ENTROPY;
    }

    /// {@return the share of the examples whose largest logit is that of their label}
    public static Function accuracy() {
        return ACCURACY;
    }

    /// Checks labels that are known when a function is called; a program would read beyond the
    /// logits, or silently another class.
    public static void expect(String operation, Variable y, Variable t, @Nullable Tensor known) {
        if (known == null || known.dtype() != DType.INT32 || y.shape().rank() < 2) return;
        int[] labels = known.ints();
        int classes = y.size(1);
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] >= classes || labels[i] < IGNORED) {
                throw TrainingException.of(
                        operation,
                        "t",
                        "labels 0 ... " + (classes - 1) + ", or -1 for none",
                        labels[i] + " at position " + i);
            }
        }
    }

    private record Accuracy() implements Function {
        @Override
        public String name() {
            return "Accuracy";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var t = inputs.get(1);
            var best = g.apply(new ArgMax(1, false, false), inputs.get(0));
            var same = g.apply(new Equal(), g.apply(new Cast(t.type().dtype()), best), t);
            var hits = g.apply(new Cast(DType.FLOAT32), same);
            return List.of(g.apply(new ReduceMean(false), hits));
        }
    }
}
