package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.GreaterOrEqual;
import io.webdnn.graph.op.Mod;
import io.webdnn.graph.op.NumbersToStrings;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.StringHash;
import io.webdnn.graph.op.StringIndex;
import io.webdnn.graph.op.StringTokens;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What makes categories of numbers, words and texts, and vectors of categories.
final class CategoryLayers {
    private CategoryLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("CategoryEncoding", CategoryLayers::categoryEncoding);
        table.put("Discretization", CategoryLayers::discretization);
        table.put("Hashing", CategoryLayers::hashing);
        table.put("IntegerLookup", CategoryLayers::integerLookup);
        table.put("StringLookup", CategoryLayers::stringLookup);
        table.put("TextVectorization", CategoryLayers::textVectorization);
    }

    private static Value integers(LayerCall call) {
        return call.apply(new Cast(DType.INT32), call.input());
    }

    private static Value categoryEncoding(LayerCall call) {
        var config = call.config();
        int count = config.integer(config.has("num_tokens") ? "num_tokens" : "max_tokens");
        var mode = config.choice("output_mode", "multi_hot", "one_hot", "count");
        return encoded(call, integers(call), count, mode, call.argument(-1, "count_weights"));
    }

    /// {@return categories `[N, k]` as vectors: one for each, or one for all of an example}
    private static Value encoded(
            LayerCall call, Value categories, int count, String mode, @Nullable Value weights) {
        int rank = categories.type().rank();
        boolean each = mode.equals("one_hot");
        var own = categories;
        if (rank == 1) own = call.unsqueeze(own, 1);
        else if (each && rank == 2 && call.shape(own).get(1).is(1)) rank = 1;
        int[] known = IntStream.range(0, count).toArray();
        var all = call.constant(Tensor.of(known, count));
        var same = call.apply(new Equal(), call.unsqueeze(own, own.type().rank()), all);
        var ones = call.apply(new Cast(DType.FLOAT32), same);
        if (weights != null)
            ones = Value.of(call.mul(ones, call.unsqueeze(weights, weights.type().rank())));
        if (each && rank > 1) return ones;
        var along = call.vector(own.type().rank() - 1);
        return mode.equals("count")
                ? call.apply(new ReduceSum(false), ones, along)
                : call.apply(new ReduceMax(false), ones, along);
    }

    /// The number of boundaries that are not greater.
    private static Value discretization(LayerCall call) {
        var config = call.config();
        config.ignore("num_bins", "epsilon");
        if (!config.has("bin_boundaries"))
            throw config.wrong("bin_boundaries", "numbers (adapted ones are in no file)", "none");
        float[] boundaries = config.reals("bin_boundaries", 0);
        var x = call.input();
        var all = call.constant(Tensor.of(boundaries, boundaries.length));
        int rank = x.type().rank();
        var notGreater = call.apply(new GreaterOrEqual(), call.unsqueeze(x, rank), all);
        var bins =
                call.apply(
                        new ReduceSum(false),
                        call.apply(new Cast(DType.INT32), notGreater),
                        call.vector(rank));
        var mode = config.choice("output_mode", "int", "one_hot", "multi_hot", "count");
        return mode.equals("int") ? bins : encoded(call, bins, boundaries.length + 1, mode, null);
    }

    /// The bin that a hash of each word, or of each number's decimals, says.
    private static Value hashing(LayerCall call) {
        var config = call.config();
        int bins = config.integer("num_bins");
        if (bins < 1) throw config.wrong("num_bins", ">= 1", bins);
        var x = call.input();
        boolean isText = x.type().dtype() == DType.STRING;
        var text =
                isText
                        ? x
                        : call.apply(new NumbersToStrings(), call.apply(new Cast(DType.INT64), x));
        boolean hasMask = config.has("mask_value") && bins > 1;
        var key = new ArrayList<Long>();
        if (config.get("salt") instanceof Long number) key.addAll(List.of(number, number));
        else if (config.has("salt")) for (int half : config.integers("salt")) key.add((long) half);
        var hash = new StringHash(hasMask ? bins - 1 : bins, key);
        var bin = call.apply(new Cast(DType.INT32), call.apply(hash, text));
        if (hasMask) {
            var mask = String.valueOf(config.get("mask_value"));
            var isMask =
                    call.apply(
                            new Cast(DType.BOOL), call.apply(new StringIndex(List.of(mask)), text));
            var behind = Value.of(call.add(bin, number(call, 1)));
            bin = call.apply(new Where(), isMask, number(call, 0), behind);
        }
        var mode = config.choice("output_mode", "int", "one_hot", "multi_hot", "count");
        return mode.equals("int") ? bin : encoded(call, bin, bins, mode, null);
    }

    private static Value number(LayerCall call, int number) {
        return Value.of(call.scalar(DType.INT32, number));
    }

    /// The place of each number in a list, behind those of the mask (0, if there is one) and of
    /// what is not in the list; or the number of each place.
    private static Value integerLookup(LayerCall call) {
        var config = call.config();
        if (!(config.get("vocabulary") instanceof List<?>))
            throw config.wrong("vocabulary", "a list of integers", config.get("vocabulary"));
        var known = config.integers("vocabulary").stream().mapToInt(Integer::intValue).toArray();
        int unknown = config.integer("oov_token", -1);
        var x = integers(call);
        if (config.flag("invert", false)) return inverted(call, x, known, unknown);
        var list = call.constant(Tensor.of(known, known.length));
        var places = IntStream.range(1, known.length + 1).toArray(); // 0 is no place
        int rank = x.type().rank();
        var same = call.apply(new Equal(), call.unsqueeze(x, rank), list);
        var place =
                call.apply(
                        new ReduceSum(false),
                        call.mul(
                                call.apply(new Cast(DType.INT32), same),
                                call.constant(Tensor.of(places, places.length))),
                        call.vector(rank));
        var isMask =
                config.has("mask_token")
                        ? call.apply(new Equal(), x, number(call, config.integer("mask_token")))
                        : null;
        return looked(
                call,
                place,
                isMask,
                known.length,
                bins -> call.apply(new Mod(false), x, number(call, bins)));
    }

    /// {@return the number at each place, another one where there is none}
    private static Value inverted(LayerCall call, Value place, int[] known, int unknown) {
        var config = call.config();
        config.ignore("max_tokens", "vocabulary_dtype", "vocabulary_size", "has_input_vocabulary");
        config.ignore("pad_to_max_tokens", "output_mode", "idf_weights");
        var all = new ArrayList<Integer>();
        if (config.has("mask_token")) all.add(config.integer("mask_token"));
        for (int i = 0; i < config.integer("num_oov_indices", 1); i++) all.add(unknown);
        for (int number : known) all.add(number);
        int[] numbers = all.stream().mapToInt(Integer::intValue).toArray();
        var last = number(call, numbers.length - 1);
        var inside = call.apply(new Clip(), place, number(call, 0), last);
        var found =
                call.apply(
                        new Gather(0), call.constant(Tensor.of(numbers, numbers.length)), inside);
        var isPlace = call.apply(new Equal(), place, inside);
        return call.apply(new Where(), isPlace, found, number(call, unknown));
    }

    /// The same of strings.
    private static Value stringLookup(LayerCall call) {
        var config = call.config();
        config.ignore("encoding");
        var x = call.input();
        if (x.type().dtype() != DType.STRING) throw call.wrong("input", "strings", x.type());
        if (config.flag("invert", false)) throw config.wrong("invert", "false", true);
        var mask = config.has("mask_token") ? config.text("mask_token", "") : null;
        var known = vocabulary(config, mask, config.text("oov_token", "[UNK]"));
        var isMask =
                mask == null
                        ? null
                        : call.apply(
                                new Cast(DType.BOOL),
                                call.apply(new StringIndex(List.of(mask)), x));
        return looked(
                call, place(call, known, x), isMask, known.size(), bins -> bin(call, x, bins));
    }

    private static Value place(LayerCall call, List<String> known, Value words) {
        return call.apply(new Cast(DType.INT32), call.apply(new StringIndex(known), words));
    }

    private static Value bin(LayerCall call, Value words, int bins) {
        return call.apply(
                new Cast(DType.INT32), call.apply(new StringHash(bins, List.of()), words));
    }

    /// {@return the words of a list, which may begin with the mask and what stands for others}
    private static List<String> vocabulary(
            LayerConfig config, @Nullable String mask, String unknown) {
        if (!(config.get("vocabulary") instanceof List<?> said))
            throw config.wrong(
                    "vocabulary",
                    "a list of strings (adapted ones are in no file)",
                    config.get("vocabulary"));
        var known = new ArrayList<String>();
        for (var word : said) known.add(String.valueOf(word));
        var special = new ArrayList<String>();
        if (mask != null) special.add(mask);
        special.add(unknown);
        if (known.size() >= special.size() && known.subList(0, special.size()).equals(special))
            known.subList(0, special.size()).clear();
        return known;
    }

    /// {@return what a layer gives for places in its list, from 1 on, 0 for none}
    ///
    /// @param isMask what stands for nothing, null if there is no such thing
    /// @param bin which of some places what is not in the list has
    private static Value looked(
            LayerCall call,
            Value place,
            @Nullable Value isMask,
            int count,
            IntFunction<Value> bin) {
        var config = call.config();
        config.ignore("vocabulary_dtype", "vocabulary_size", "has_input_vocabulary", "oov_token");
        var mode = config.choice("output_mode", "int", "one_hot", "multi_hot", "count", "tf_idf");
        int others = config.integer("num_oov_indices", 1);
        // vectors have no place for the mask
        int first = isMask != null && mode.equals("int") ? 1 : 0;
        var known = Value.of(call.add(place, number(call, first + others - 1)));
        var unknown =
                switch (others) {
                    case 0 -> number(call, -1);
                    case 1 -> number(call, first);
                    default -> Value.of(call.add(bin.apply(others), number(call, first)));
                };
        var isKnown = call.apply(new Cast(DType.BOOL), place);
        var index = call.apply(new Where(), isKnown, known, unknown);
        if (isMask != null)
            index = call.apply(new Where(), isMask, number(call, first == 1 ? 0 : -1), index);
        int size = count + others;
        boolean pads = config.flag("pad_to_max_tokens", false);
        int width = pads && config.has("max_tokens") ? config.integer("max_tokens") : size;
        config.ignore("max_tokens");
        if (mode.equals("int")) {
            config.ignore("idf_weights");
            return index;
        }
        if (!mode.equals("tf_idf")) {
            config.ignore("idf_weights");
            return encoded(call, index, width, mode, null);
        }
        if (!config.has("idf_weights"))
            throw config.wrong("idf_weights", "numbers (adapted ones are in no file)", "none");
        float[] said = config.reals("idf_weights", 0);
        if (said.length != count)
            throw config.wrong("idf_weights", count + " numbers, as words", said.length);
        var weights = new float[width];
        float sum = 0;
        for (float weight : said) sum += weight;
        // what is not in the list weighs the mean of what is
        for (int i = 0; i < others; i++) weights[i] = sum / count;
        System.arraycopy(said, 0, weights, others, count);
        var counts = encoded(call, index, width, "count", null);
        return Value.of(call.mul(counts, call.constant(Tensor.of(weights, width))));
    }

    /// The places of a text's words in a list, or a vector that counts them.
    private static Value textVectorization(LayerCall call) {
        var config = call.config();
        config.ignore("encoding", "ragged", "sparse");
        var x = call.input();
        if (x.type().dtype() != DType.STRING) throw call.wrong("input", "strings", x.type());
        int rank = x.type().rank();
        if (rank > 2 || rank == 2 && !call.shape(x).get(1).is(1))
            throw call.wrong("input", "[N] or [N, 1]", call.shape(x));
        var standardize =
                config.has("standardize")
                        ? config.choice(
                                "standardize",
                                "lower_and_strip_punctuation",
                                "lower",
                                "strip_punctuation")
                        : "";
        if (!config.has("split")) throw config.wrong("split", "whitespace or character", "none");
        var split = config.choice("split", "whitespace", "character");
        boolean places =
                config.choice("output_mode", "int", "multi_hot", "count", "tf_idf").equals("int");
        int length = places ? config.integer("output_sequence_length", 0) : 0;
        config.ignore("output_sequence_length");
        var tokens =
                new StringTokens(
                        standardize.startsWith("lower"),
                        standardize.endsWith("strip_punctuation"),
                        split.equals("character"),
                        grams(config),
                        length,
                        length > 0 ? "" : config.name() + ".tokens");
        var words = call.apply(tokens, x);
        var known = vocabulary(config, places ? "" : null, "[UNK]");
        var isNone =
                call.apply(new Cast(DType.BOOL), call.apply(new StringIndex(List.of("")), words));
        return looked(
                call,
                place(call, known, words),
                isNone,
                known.size(),
                bins -> bin(call, words, bins));
    }

    private static List<Integer> grams(LayerConfig config) {
        if (!config.has("ngrams")) return List.of(1);
        if (config.get("ngrams") instanceof List<?>) return config.integers("ngrams");
        return IntStream.rangeClosed(1, config.integer("ngrams")).boxed().toList();
    }
}
