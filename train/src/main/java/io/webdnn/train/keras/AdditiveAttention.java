package io.webdnn.train.keras;

import io.webdnn.graph.op.ReduceSum;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.function.ReductionFunction;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Each query `[N, T, C]` gives a mean of the values `[N, S, D]`, by `softmax(Σ_c scale_c·tanh(q_c
/// + k_c))`, the keys being `[N, S, C]`. Called on queries, values and, if they are others, keys.
///
/// Weights: `scale` `[C]`, if there is one. Source: Bahdanau, Cho, Bengio 2015.
public final class AdditiveAttention extends FluentLayer<AdditiveAttention> {
    private final WeightRole role =
            new WeightRole("scale", "scale", WeightInitializer.GLOROT_UNIFORM);
    private double dropout;
    private boolean useScale = true;
    private @Nullable Parameter scale;

    /// With a scale.
    public AdditiveAttention() {}

    /// Sets whether the numbers are multiplied with weights; they are at first.
    public AdditiveAttention useScale(boolean whether) {
        expectNotBuilt("use scale");
        useScale = whether;
        return this;
    }

    /// Sets with which probability a value is not looked at in training: 0 at first.
    public AdditiveAttention dropout(double rate) {
        expectNotBuilt("dropout");
        if (!(rate >= 0 && rate < 1)) throw wrong("dropout", "0 <= rate < 1", rate);
        dropout = rate;
        return this;
    }

    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        return List.of(Attention.means(this, inputs));
    }

    @Override
    void buildFor(List<int[]> inputs) {
        if (useScale) scale = make(role, List.of(), inputs.getFirst()[1]);
    }

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        var query = inputs.getFirst().channelsLast();
        var key = inputs.getLast().channelsLast();
        int channels = query.size(2);
        var rows = F.reshape(query, -1, query.size(1), 1, channels);
        var columns = F.reshape(key, -1, 1, key.size(1), channels);
        var each = F.tanh(rows.plus(columns));
        if (scale != null) each = each.times(scale);
        var sum = new ReductionFunction("Sum", new ReduceSum(false), List.of(3));
        var scores = F.apply(sum, name(), each);
        return List.of(Signal.of(Attention.mean(scores, dropout, inputs.get(1).channelsLast())));
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("causal", false);
        config.put("dropout", dropout);
        config.put("use_scale", useScale);
    }

    @Override
    void read(Settings settings) {
        if (settings.flag("causal", false)) throw settings.wrong("causal", "false", true);
        useScale(settings.flag("use_scale", true));
        dropout(settings.real("dropout", 0));
    }
}
