package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Each query `[N, T, C]` gives a mean of the values `[N, S, D]`, by the products of its numbers
/// with those of their keys `[N, S, C]`: `softmax(scale·q·kᵀ)·v`. Called on queries, values and, if
/// they are others, keys.
///
/// Weights: `scale` `[]`, if there is one. Source: Luong 2015.
public final class Attention extends FluentLayer<Attention> {
    private final WeightRole role = new WeightRole("scale", "scale", WeightInitializer.ONES);
    private double dropout;
    private boolean useScale;
    private @Nullable Parameter scale;

    /// Without a scale.
    public Attention() {}

    /// Sets whether the products are multiplied with a number that is trained; they are not at
    /// first.
    public Attention useScale(boolean whether) {
        expectNotBuilt("use scale");
        useScale = whether;
        return this;
    }

    /// Sets with which probability a value is not looked at in training: 0 at first.
    public Attention dropout(double rate) {
        expectNotBuilt("dropout");
        if (!(rate >= 0 && rate < 1)) throw wrong("dropout", "0 <= rate < 1", rate);
        dropout = rate;
        return this;
    }

    /// Complains about what is not queries, values and perhaps keys.
    static void expectSequences(Layer layer, List<int[]> inputs) {
        if (inputs.size() < 2 || inputs.size() > 3)
            throw layer.wrong("inputs", "queries, values and perhaps keys", inputs.size());
        for (var input : inputs) layer.expectRank(input, 2, "[steps, channels]");
        int steps = inputs.get(1)[0];
        if (inputs.getLast()[0] != steps)
            throw layer.wrong(
                    "keys", steps + " steps, as values have", Arrays.toString(inputs.getLast()));
    }

    /// {@return the shape of the means}
    static int[] means(Layer layer, List<int[]> inputs) {
        expectSequences(layer, inputs);
        int[] query = inputs.getFirst();
        int[] key = inputs.getLast();
        if (key[1] != query[1])
            throw layer.wrong(
                    "keys", "[steps, " + query[1] + "], as queries have", Arrays.toString(key));
        return new int[] {query[0], inputs.get(1)[1]};
    }

    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        return List.of(means(this, inputs));
    }

    @Override
    void buildFor(List<int[]> inputs) {
        if (useScale) scale = make(role, List.of());
    }

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        var key = F.transpose(inputs.getLast().channelsLast(), 0, 2, 1);
        var scores = F.matmul(inputs.getFirst().channelsLast(), key);
        if (scale != null) scores = scores.times(Objects.requireNonNull(scale));
        return List.of(Signal.of(mean(scores, dropout, inputs.get(1).channelsLast())));
    }

    /// {@return means of values by scores `[N, T, S]`}
    static Variable mean(Variable scores, double dropout, Variable values) {
        var shares = F.softmax(scores, 2);
        return F.matmul(dropout > 0 ? F.dropout(shares, dropout) : shares, values);
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
        if (!settings.text("score_mode", "dot").equals("dot"))
            throw settings.wrong("score_mode", "dot", settings.text("score_mode", ""));
        useScale(settings.flag("use_scale", false));
        dropout(settings.real("dropout", 0));
    }
}
