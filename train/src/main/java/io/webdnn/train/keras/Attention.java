package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import org.jspecify.annotations.Nullable;

/// Scores are the products of queries and keys: `softmax(scale·q·kᵀ)·v`.
///
/// Weights: `scale` `[]`, if there is one. Source: Luong 2015.
public final class Attention extends AttentionLayer<Attention> {
    /// Without a scale.
    public Attention() {
        super(WeightInitializer.ONES, false);
    }

    @Override
    int[] scaleShape(int channels) {
        return new int[0];
    }

    @Override
    Variable scores(Variable query, Variable key, @Nullable Parameter scale) {
        var scores = F.matmul(query, F.transpose(key, 0, 2, 1));
        return scale == null ? scores : scores.times(scale);
    }

    @Override
    void read(Settings settings) {
        super.read(settings);
        if (!settings.text("score_mode", "dot").equals("dot"))
            throw settings.wrong("score_mode", "dot", settings.text("score_mode", ""));
    }
}
