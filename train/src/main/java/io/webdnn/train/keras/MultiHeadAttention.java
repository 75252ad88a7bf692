package io.webdnn.train.keras;

import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Attention of several heads: each query gives a mean of the values, by how well their keys fit
/// it.
///
/// `softmax(q·kᵀ / √keyDim)·v` for each head, q, k and v being affine functions of queries `[N, T,
/// C]`, keys and values `[N, S, D]`; then an affine function of all heads together, `[N, T, C]`.
///
/// ```java
/// var y = new MultiHeadAttention(4, 16).call(words, words); // queries, values (and keys)
/// var z = new MultiHeadAttention(4, 16).call(words, others, others, seen); // and a mask
/// ```
///
/// A mask is `[N, T, S]`, not 0 where a query may see a key. Steps that a mask of queries, values
/// or keys hides are not seen, either.
///
/// Weights: of query, key, value: `kernel` `[C, heads, dim]`, `bias` `[heads, dim]`; of the output:
/// `kernel` `[heads, valueDim, C]`, `bias` `[C]`. Source: Vaswani 2017; Keras 2.4.
public final class MultiHeadAttention extends FluentLayer<MultiHeadAttention> {
    private static final List<String> PARTS = List.of("query", "key", "value", "attention_output");

    private final Map<String, WeightRole> roles = new LinkedHashMap<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final int heads;
    private final int keyDim;
    private int valueDim;
    private double dropout;
    private boolean useBias = true;
    private boolean causal;

    /// @param heads their number
    /// @param keyDim the extent of a head's queries and keys
    public MultiHeadAttention(int heads, int keyDim) {
        this.heads = positive("heads", heads);
        this.keyDim = positive("key dim", keyDim);
        this.valueDim = keyDim;
        for (var part : PARTS) {
            role(part + "/kernel", "kernel", WeightInitializer.GLOROT_UNIFORM);
            role(part + "/bias", "bias", WeightInitializer.ZEROS);
        }
    }

    private void role(String name, String prefix, WeightInitializer initializer) {
        roles.put(name, new WeightRole(name, prefix, initializer));
    }

    /// Sets the extent of a head's values: that of its keys at first.
    public MultiHeadAttention valueDim(int extent) {
        expectNotBuilt("value dim");
        valueDim = positive("value dim", extent);
        return this;
    }

    /// Sets with which probability a value is not looked at in training: 0 at first.
    public MultiHeadAttention dropout(double rate) {
        expectNotBuilt("dropout");
        if (!(rate >= 0 && rate < 1)) throw wrong("dropout", "0 <= rate < 1", rate);
        dropout = rate;
        return this;
    }

    /// Sets whether a query sees no key behind its own place: `false` at first.
    public MultiHeadAttention useCausalMask(boolean whether) {
        expectNotBuilt("use causal mask");
        causal = whether;
        return this;
    }

    /// Sets whether biases are added; they are at first.
    public MultiHeadAttention useBias(boolean whether) {
        expectNotBuilt("use bias");
        useBias = whether;
        return this;
    }

    @Override
    List<String> argumentNames() {
        return List.of("value", "key", "attention_mask");
    }

    @Override
    Map<String, Object> callSettings() {
        return causal ? Map.of("use_causal_mask", true) : Map.of();
    }

    @Override
    void readCallSetting(String name, Object value) {
        if (!name.equals("use_causal_mask") || !(value instanceof Boolean whether))
            throw wrong("call argument '" + name + "'", "none, or use_causal_mask", value);
        if (isBuilt() && whether != causal)
            throw wrong("call argument '" + name + "'", "the same at all calls", value);
        causal = whether;
    }

    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() < 2 || inputs.size() > 4)
            throw wrong("inputs", "queries, values, perhaps keys and a mask", inputs.size());
        AttentionLayer.expectSequences(this, inputs.subList(0, Math.min(3, inputs.size())));
        int[] query = inputs.getFirst();
        if (inputs.size() > 3) {
            int[] seen = {query[0], inputs.get(1)[0]};
            if (!Arrays.equals(seen, inputs.get(3)))
                throw wrong("mask", Arrays.toString(seen), Arrays.toString(inputs.get(3)));
        }
        if (isBuilt()) {
            expectWidth(query, "query");
            expectWidth(key(inputs), "key");
            expectWidth(inputs.get(1), "value");
        }
        return List.of(query);
    }

    private static <T> T key(List<T> inputs) {
        return inputs.get(Math.min(2, inputs.size() - 1));
    }

    private void expectWidth(int[] input, String part) {
        int width = parameter(part + "/kernel").size(0);
        if (input[1] != width) throw wrong(part, "[steps, " + width + "]", Arrays.toString(input));
    }

    @Override
    void buildFor(List<int[]> inputs) {
        int width = inputs.getFirst()[1];
        build("query", new int[] {width, heads, keyDim}, heads, keyDim);
        build("key", new int[] {key(inputs)[1], heads, keyDim}, heads, keyDim);
        build("value", new int[] {inputs.get(1)[1], heads, valueDim}, heads, valueDim);
        build("attention_output", new int[] {heads, valueDim, width}, width);
    }

    private void build(String part, int[] kernel, int... bias) {
        make(part + "/kernel", kernel);
        if (useBias) make(part + "/bias", bias);
    }

    private void make(String name, int... shape) {
        parameters.put(name, make(Objects.requireNonNull(roles.get(name)), List.of(), shape));
    }

    private Parameter parameter(String name) {
        return Objects.requireNonNull(parameters.get(name));
    }

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        var query = inputs.getFirst().channelsLast();
        var q = projected("query", query, keyDim);
        var k = projected("key", key(inputs).channelsLast(), keyDim);
        var v = projected("value", inputs.get(1).channelsLast(), valueDim);
        var scores = F.matmul(q.times(1 / Math.sqrt(keyDim)), F.transpose(k, 0, 1, 3, 2));
        var shares = seen(inputs, scores).shares(scores);
        if (dropout > 0) shares = F.dropout(shares, dropout);
        var all = heads * valueDim;
        var joined =
                F.reshape(F.transpose(F.matmul(shares, v), 0, 2, 1, 3), -1, query.size(1), all);
        var kernel = parameter("attention_output/kernel");
        var y = F.matmul(joined, F.reshape(kernel, all, kernel.size(2)));
        if (useBias) y = y.plus(parameter("attention_output/bias"));
        return List.of(Signal.of(y).masked(inputs.getFirst().mask()));
    }

    private AttentionMask seen(List<Signal> inputs, Variable scores) {
        int rows = scores.size(2);
        int columns = scores.size(3);
        var seen =
                AttentionMask.ALL
                        .and(inputs.getFirst().mask(), -1, 1, rows, 1)
                        .and(inputs.get(1).mask(), -1, 1, 1, columns);
        if (inputs.size() > 2) seen = seen.and(inputs.get(2).mask(), -1, 1, 1, columns);
        if (inputs.size() > 3)
            seen = seen.and(AttentionMask.of(inputs.get(3).channelsLast()), -1, 1, rows, columns);
        return causal ? seen.causal(scores) : seen;
    }

    @Override
    Masks masks() {
        return Masks.READ;
    }

    /// {@return x `[N, T, C]` as `[N, heads, T, extent]`}
    private Variable projected(String part, Variable x, int extent) {
        var kernel = parameter(part + "/kernel");
        var y = F.matmul(x, F.reshape(kernel, kernel.size(0), heads * extent));
        if (useBias) y = y.plus(F.reshape(parameter(part + "/bias"), heads * extent));
        return F.transpose(F.reshape(y, -1, x.size(1), heads, extent), 0, 2, 1, 3);
    }

    private List<WeightRole> said() {
        var said = new ArrayList<>(roles.values());
        return said.subList(0, 2); // what is said of one is said of all
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("num_heads", heads);
        config.put("key_dim", keyDim);
        config.put("value_dim", valueDim);
        config.put("dropout", dropout);
        config.put("use_bias", useBias);
        config.put("output_shape", null);
        config.put("attention_axes", null);
        WeightRole.describe(said(), null, config);
    }

    @Override
    void read(Settings settings) {
        valueDim(settings.integer("value_dim", keyDim));
        dropout(settings.real("dropout", 0));
        useBias(settings.flag("use_bias", true));
        for (var role : roles.values()) role.read(settings);
        if (settings.has("output_shape"))
            throw settings.wrong("output_shape", "null", settings.values().get("output_shape"));
        var axes = settings.values().get("attention_axes");
        if (axes != null && !axes.equals(List.of(1L)))
            throw settings.wrong("attention_axes", "[1]", axes);
    }
}
