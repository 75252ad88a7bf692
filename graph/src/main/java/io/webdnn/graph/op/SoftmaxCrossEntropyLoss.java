package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The loss of scores (logits), given which class is right: [LogSoftmax] over the classes, then
/// [NegativeLogLikelihoodLoss].
///
/// | | shape | dtype |
/// |---|---|---|
/// | scores | `[N, C, d…]` | float |
/// | labels | `[N, d…]`, `0 … C−1` or `ignoreIndex` | int32, int64 |
/// | weights (may be absent: 1) | `[C]` | as scores |
/// | output | `[N, d…]` for NONE, else `[]` | as scores |
/// | log_prob (if `logProb`) | `[N, C, d…]` | as scores |
///
/// Source: ONNX SoftmaxCrossEntropyLoss-13.
///
/// @param logProb whether there is a second output
public record SoftmaxCrossEntropyLoss(
        LossReduction reduction, @Nullable Integer ignoreIndex, boolean logProb)
        implements Composed {
    /// The mean over all elements.
    public SoftmaxCrossEntropyLoss() {
        this(LossReduction.MEAN, null, false);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 3);
        var scores = expect.input(0, "scores").floating().rankAtLeast(2).type();
        expect.input(1, "labels").index().shape(scores.shape().without(1));
        expect.optional(2, "weights")
                .dtype(scores.dtype())
                .shape(io.webdnn.tensor.Shape.of(scores.shape().get(1)));
        var loss = new NegativeLogLikelihoodLoss(reduction, ignoreIndex).infer(in).getFirst();
        return logProb ? List.of(loss, scores) : List.of(loss);
    }

    @Override
    public Compose lower(Operands in) {
        return Compose.of((g, v) -> {
            var logarithms = g.apply(new LogSoftmax(1), v.get(0));
            var inputs = new ArrayList<Operand>(v);
            inputs.set(0, logarithms);
            var loss =
                    g.applyAll(new NegativeLogLikelihoodLoss(reduction, ignoreIndex), inputs)
                            .getFirst();
            return logProb ? List.of(loss, logarithms) : List.of(loss);
        });
    }
}
