package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.IsNaN;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.StringIndex;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Operators of classical machine learning, written out in operators of the graph. Only words are
/// looked up on the host.
///
/// Source: ONNX ai.onnx.ml, versions 1 to 5.
final class MachineLearningOperators {
    static final String DOMAIN = "ai.onnx.ml:";

    private MachineLearningOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put(DOMAIN + "ArrayFeatureExtractor", single(MachineLearningOperators::features));
        table.put(DOMAIN + "Binarizer", single(MachineLearningOperators::binarizer));
        table.put(DOMAIN + "CategoryMapper", single(MachineLearningOperators::categories));
        table.put(DOMAIN + "FeatureVectorizer", single(MachineLearningOperators::joined));
        table.put(DOMAIN + "Imputer", single(MachineLearningOperators::imputer));
        table.put(DOMAIN + "LabelEncoder", single(MachineLearningOperators::labels));
        table.put(DOMAIN + "Normalizer", single(MachineLearningOperators::normalizer));
        table.put(DOMAIN + "OneHotEncoder", single(MachineLearningOperators::oneHot));
        table.put(DOMAIN + "Scaler", single(MachineLearningOperators::scaler));
        table.put(DOMAIN + "TreeEnsemble", single(TreeEnsembles::trees));
        LinearModels.addTo(table);
        MapOperators.addTo(table);
        SupportVectors.addTo(table);
        TreeVotes.addTo(table);
    }

    private static Value features(Translation node) {
        int rank = node.rank(0);
        var places = node.apply(new Reshape(), node.input(1), node.vector(-1));
        var taken = node.apply(new Gather(rank - 1), node.input(0), places);
        return rank > 1 ? taken : node.apply(new Reshape(), taken, node.vector(1, -1));
    }

    private static Value binarizer(Translation node) {
        var x = node.input(0);
        double threshold = node.real("threshold", 0);
        if (!x.type().dtype().isFloat()) threshold = Math.floor(threshold); // −0.5 is below 0
        var isAbove = node.apply(new Less(), node.like(x, threshold), x);
        return node.apply(new Cast(x.type().dtype()), isAbove);
    }

    private static Value scaler(Translation node) {
        var x = node.cast(node.input(0), DType.FLOAT32);
        var offset = node.reals("offset");
        var scale = node.reals("scale");
        if (offset != null) x = node.sub(x, floats(node, offset));
        return scale == null ? x : node.mul(x, floats(node, scale));
    }

    private static Value floats(Translation node, List<Float> values) {
        var tensor = Tensor.zeros(DType.FLOAT32, values.size());
        for (int i = 0; i < values.size(); i++) tensor.floats()[i] = values.get(i);
        return node.constant(tensor);
    }

    /// Each row divided by its largest number, its sum of magnitudes, or its length; a row of zeros
    /// stays.
    private static Value normalizer(Translation node) {
        var x = node.cast(node.input(0), DType.FLOAT32);
        var last = node.vector(-1);
        var norm =
                switch (node.choice("norm", "MAX", "L1", "L2")) {
                    case "MAX" -> node.apply(new ReduceMax(true), x, last);
                    case "L1" -> node.apply(new ReduceSum(true), node.apply(new Abs(), x), last);
                    default ->
                            node.apply(
                                    new Sqrt(),
                                    node.apply(new ReduceSum(true), node.mul(x, x), last));
                };
        var isZero = node.apply(new Equal(), norm, node.like(norm, 0));
        return node.div(x, node.apply(new Where(), isZero, node.like(norm, 1), norm));
    }

    private static Value imputer(Translation node) {
        var x = node.input(0);
        boolean isFloat = x.type().dtype().isFloat();
        var reals = node.reals("imputed_value_floats");
        var wholes = node.integers("imputed_value_int64s");
        double missing =
                isFloat
                        ? node.real("replaced_value_float", 0)
                        : node.integer("replaced_value_int64", 0);
        node.ignore("replaced_value_float", "replaced_value_int64");
        if (isFloat ? reals == null : wholes == null)
            throw node.wrong("imputed_value", "one, or one for each column", "none");
        var imputed =
                isFloat && reals != null
                        ? node.cast(floats(node, reals), x.type().dtype())
                        : node.cast(
                                node.vector(wholes == null ? List.of() : wholes), x.type().dtype());
        var isMissing =
                Double.isNaN(missing)
                        ? node.apply(new IsNaN(), x)
                        : node.apply(new Equal(), x, node.like(x, missing));
        return node.apply(new Where(), isMissing, imputed, x);
    }

    /// The inputs side by side, each cut or filled with zeros to the columns that it is said to
    /// have.
    private static Value joined(Translation node) {
        var sizes = node.integers("inputdimensions");
        if (sizes != null && sizes.size() != node.count())
            throw node.wrong(
                    "inputdimensions", "one for each of " + node.count() + " inputs", sizes);
        var columns = new ArrayList<Value>();
        for (int i = 0; i < node.count(); i++) {
            var x = node.cast(node.input(i), DType.FLOAT32);
            if (x.type().rank() == 1) x = node.apply(new Unsqueeze(), x, node.vector(0));
            if (x.type().rank() != 2) throw node.wrong("X", "[N, C] or [C]", node.type(i));
            long wanted = sizes == null ? -1 : sizes.get(i);
            columns.add(sizes == null ? x : fitted(node, x, wanted));
        }
        return node.applyAll(new Concat(1), columns).getFirst();
    }

    private static Value fitted(Translation node, Value x, long columns) {
        var own = x.type().shape().get(1);
        if (own.is(columns)) return x;
        if (columns < 0 || columns > Translation.MOST_ELEMENTS || !own.isFixed())
            throw node.wrong("inputdimensions", "a number of columns", columns);
        if (columns < own.value())
            return node.apply(new Slice(), x, node.vector(0), node.vector(columns), node.vector(1));
        var pads = node.vector(0, 0, 0, columns - own.value());
        return node.apply(new Pad(Pad.Mode.CONSTANT), x, pads);
    }

    // Labels

    /// Numbers or words, as a tensor.
    private static @Nullable Tensor list(Translation node, String name) {
        var reals = node.reals(name + "_floats");
        var wholes = node.integers(name + "_int64s");
        var words = node.texts(name + "_strings");
        var tensor = node.tensor(name + "_tensor");
        if (tensor != null) return tensor;
        if (words != null)
            return Tensor.of(DType.STRING, words.toArray(new String[0]), words.size());
        if (wholes != null)
            return Tensor.of(wholes.stream().mapToLong(Long::longValue).toArray(), wholes.size());
        if (reals == null) return null;
        var floats = Tensor.zeros(DType.FLOAT32, reals.size());
        for (int i = 0; i < floats.size(); i++) floats.floats()[i] = reals.get(i);
        return floats;
    }

    /// Each key becomes its value, everything else the default.
    private static Value labels(Translation node) {
        if (node.opset() < 2) return firstLabels(node);
        var keys = list(node, "keys");
        var values = list(node, "values");
        if (keys == null || values == null || keys.size() != values.size())
            throw node.wrong("keys, values", "lists of one length", keys + ", " + values);
        float real = node.real("default_float", -0.0f);
        long whole = node.integer("default_int64", -1);
        var word = node.text("default_string", "_Unused");
        var given = node.tensor("default_tensor");
        var table = Tensor.zeros(values.dtype(), values.size() + 1);
        switch (values.dtype()) {
            case STRING -> table.strings()[0] = given == null ? word : given.strings()[0];
            case INT64, INT32, INT16 -> table.setLong(0, given == null ? whole : given.getLong(0));
            default -> table.setDouble(0, given == null ? real : given.getDouble(0));
        }
        System.arraycopy(values.storage(), 0, table.storage(), 1, values.size());
        return node.apply(new Gather(0), node.constant(table), places(node, keys));
    }

    /// Before version 2, words become their places in a list, and places words.
    private static Value firstLabels(Translation node) {
        var words = node.texts("classes_strings");
        if (words == null) throw node.wrong("classes_strings", "strings", "none");
        var places = new ArrayList<Long>();
        for (long i = 0; i < words.size(); i++) places.add(i);
        return exchanged(node, words, places);
    }

    /// {@return 1 + the place of each element among some keys, 0 if it is none of them; NaN is
    /// equal to NaN here}
    private static Value places(Translation node, Tensor keys) {
        var x = node.input(0);
        boolean isText = keys.dtype() == DType.STRING;
        if (isText != (x.type().dtype() == DType.STRING))
            throw node.wrong("X", keys.dtype() + "", x.type());
        if (isText) {
            // Backwards, since of equal keys the last one counts.
            var words = Arrays.asList(keys.strings()).reversed();
            var found = node.apply(new StringIndex(words), x);
            var end = node.like(found, words.size() + 1);
            var isNone = node.apply(new Equal(), found, node.like(found, 0));
            return node.apply(new Where(), isNone, found, node.sub(end, found));
        }
        var spread = node.apply(new Unsqueeze(), node.cast(x, keys.dtype()), node.vector(-1));
        var all = node.constant(keys.reshape(keys.size()));
        var isKey = node.apply(new Equal(), spread, all);
        if (keys.dtype().isFloat()) {
            for (int i = 0; i < keys.size(); i++) {
                if (!Double.isNaN(keys.getDouble(i))) continue;
                var isNaN = node.apply(new IsNaN(), all);
                isKey = node.apply(new Where(), isNaN, node.apply(new IsNaN(), spread), isKey);
                break;
            }
        }
        var numbers = new int[keys.size()];
        for (int i = 0; i < numbers.length; i++) numbers[i] = i + 1;
        var number = node.constant(Tensor.of(numbers, numbers.length));
        var found = node.apply(new Where(), isKey, number, node.like(number, 0));
        return node.apply(new ReduceMax(false), found, node.vector(-1));
    }

    private static Value categories(Translation node) {
        var words = node.texts("cats_strings");
        var numbers = node.integers("cats_int64s");
        if (words == null || numbers == null || words.size() != numbers.size())
            throw node.wrong("cats_strings, cats_int64s", "lists of one length", words + "");
        return exchanged(node, words, numbers);
    }

    /// {@return for words their numbers, for numbers their words}
    private static Value exchanged(Translation node, List<String> words, List<Long> numbers) {
        var word = node.text("default_string", "_Unused");
        long number = node.integer("default_int64", -1);
        if (node.type(0).dtype() == DType.STRING) {
            var table = new long[numbers.size() + 1];
            table[0] = number;
            for (int i = 0; i < numbers.size(); i++) table[i + 1] = numbers.get(i);
            var keys = Tensor.of(DType.STRING, words.toArray(new String[0]), words.size());
            return node.apply(new Gather(0), node.vector(table), places(node, keys));
        }
        var table = new ArrayList<>(List.of(word));
        table.addAll(words);
        var texts = Tensor.of(DType.STRING, table.toArray(new String[0]), table.size());
        var keys = Tensor.of(numbers.stream().mapToLong(Long::longValue).toArray(), numbers.size());
        return node.apply(new Gather(0), node.constant(texts), places(node, keys));
    }

    /// A column for each category; what is none gives zeros.
    private static Value oneHot(Translation node) {
        node.flag("zeros", true); // what is no category is no error here either way
        var words = node.texts("cats_strings");
        var numbers = node.integers("cats_int64s");
        if ((words == null) == (numbers == null))
            throw node.wrong("cats_strings, cats_int64s", "one of both", "none or both");
        int count = words == null ? numbers == null ? 0 : numbers.size() : words.size();
        Value places;
        if (words != null) {
            places = places(node, Tensor.of(DType.STRING, words.toArray(new String[0]), count));
        } else {
            var keys = new long[count];
            for (int i = 0; numbers != null && i < count; i++) keys[i] = numbers.get(i);
            places = places(node, Tensor.of(keys, count));
        }
        var spread = node.apply(new Unsqueeze(), places, node.vector(-1));
        var columns = new long[count];
        for (int i = 0; i < count; i++) columns[i] = 1L + i;
        var isColumn =
                node.apply(new Equal(), node.cast(spread, DType.INT64), node.vector(columns));
        return node.apply(new Cast(DType.FLOAT32), isColumn);
    }
}
