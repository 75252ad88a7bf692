package io.webdnn.train.keras;

import io.webdnn.graph.op.ReduceSum;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import io.webdnn.train.function.ReductionFunction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Scores are sums over channels: `softmax(Σ_c scale_c·tanh(q_c + k_c))·v`.
///
/// Weights: `scale` `[C]`, if there is one. Source: Bahdanau, Cho, Bengio 2015.
public final class AdditiveAttention extends AttentionLayer<AdditiveAttention> {
    /// With a scale.
    public AdditiveAttention() {
        super(WeightInitializer.GLOROT_UNIFORM, true);
    }

    @Override
    int[] scaleShape(int channels) {
        return new int[] {channels};
    }

    @Override
    Variable scores(Variable query, Variable key, @Nullable Parameter scale) {
        int channels = query.size(2);
        var rows = F.reshape(query, -1, query.size(1), 1, channels);
        var columns = F.reshape(key, -1, 1, key.size(1), channels);
        var each = F.tanh(rows.plus(columns));
        if (scale != null) each = each.times(scale);
        var sum = new ReductionFunction("Sum", new ReduceSum(false), List.of(3));
        return F.apply(sum, name(), each);
    }
}
