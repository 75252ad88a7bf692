package io.webdnn.train.keras;

import io.webdnn.graph.op.Cast;
import io.webdnn.tensor.DType;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Each query `[N, T, C]` gives a mean of the values `[N, S, D]`, by the softmax of its scores with
/// their keys `[N, S, C]`. Called on queries, values and, if they are others, keys. Values that a
/// mask hides are not seen; queries that one hides give zeros.
///
/// @param <S> the kind of layer
public abstract sealed class AttentionLayer<S extends AttentionLayer<S>> extends FluentLayer<S>
        permits Attention, AdditiveAttention {
    private final WeightRole role;
    private double dropout;
    private boolean causal;
    private boolean useScale;
    private @Nullable Parameter scale;

    AttentionLayer(WeightInitializer initializer, boolean useScale) {
        role = new WeightRole("scale", "scale", initializer);
        this.useScale = useScale;
    }

    /// Sets whether the scores are made with a weight.
    public final S useScale(boolean whether) {
        expectNotBuilt("use scale");
        useScale = whether;
        return self();
    }

    /// Sets whether a query sees no key behind its own place: `false` at first.
    public final S causal(boolean whether) {
        expectNotBuilt("causal");
        causal = whether;
        return self();
    }

    /// Sets with which probability a value is not looked at in training: 0 at first.
    public final S dropout(double rate) {
        expectNotBuilt("dropout");
        if (!(rate >= 0 && rate < 1)) throw wrong("dropout", "0 <= rate < 1", rate);
        dropout = rate;
        return self();
    }

    /// Complains about what is not queries, values and perhaps keys.
    static void expectSequences(Layer layer, List<int[]> inputs) {
        for (var input : inputs) layer.expectRank(input, 2, "[steps, channels]");
        int steps = inputs.get(1)[0];
        if (inputs.getLast()[0] != steps)
            throw layer.wrong(
                    "keys", steps + " steps, as values have", Arrays.toString(inputs.getLast()));
    }

    @Override
    final List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() < 2 || inputs.size() > 3)
            throw wrong("inputs", "queries, values and perhaps keys", inputs.size());
        expectSequences(this, inputs);
        int[] query = inputs.getFirst();
        int[] key = inputs.getLast();
        if (key[1] != query[1])
            throw wrong("keys", "[steps, " + query[1] + "], as queries have", Arrays.toString(key));
        return List.of(new int[] {query[0], inputs.get(1)[1]});
    }

    /// {@return the shape of the weight}
    abstract int[] scaleShape(int channels);

    @Override
    final void buildFor(List<int[]> inputs) {
        if (useScale) scale = make(role, List.of(), scaleShape(inputs.getFirst()[1]));
    }

    /// {@return the scores `[N, T, S]` of queries with keys}
    abstract Variable scores(Variable query, Variable key, @Nullable Parameter scale);

    @Override
    final List<Signal> applyTo(List<Signal> inputs) {
        var scores =
                scores(inputs.getFirst().channelsLast(), inputs.getLast().channelsLast(), scale);
        var values = inputs.get(1);
        var seen = AttentionMask.ALL.and(values.mask(), -1, 1, scores.size(2));
        var shares = (causal ? seen.causal(scores) : seen).shares(scores);
        if (dropout > 0) shares = F.dropout(shares, dropout);
        var y = F.matmul(shares, values.channelsLast());
        var mask = inputs.getFirst().mask();
        if (mask == null) return List.of(Signal.of(y));
        // hidden queries give zeros
        var counts = F.reshape(F.apply(new Cast(DType.FLOAT32), mask), -1, scores.size(1), 1);
        return List.of(Signal.of(y.times(counts)).masked(mask));
    }

    @Override
    final Masks masks() {
        return Masks.READ;
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        config.put("causal", causal);
        config.put("dropout", dropout);
        config.put("use_scale", useScale);
    }

    @Override
    void read(Settings settings) {
        causal(settings.flag("causal", false));
        useScale(settings.flag("use_scale", useScale));
        dropout(settings.real("dropout", 0));
    }
}
