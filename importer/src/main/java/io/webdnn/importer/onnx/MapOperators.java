package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// Operators on maps. Their keys are known when compiling, so that what is left in the graph are
/// their values: a vector for a map, a matrix for the maps of a batch.
///
/// Source: ONNX ai.onnx.ml CastMap-1, DictVectorizer-1, ZipMap-1.
final class MapOperators {
    private MapOperators() {}

    static void addTo(Map<String, Operator> table) {
        var domain = MachineLearningOperators.DOMAIN;
        table.put(domain + "CastMap", single(MapOperators::cast));
        table.put(domain + "DictVectorizer", single(MapOperators::vector));
        table.put(domain + "ZipMap", single(MapOperators::zipped));
    }

    /// Maps from the labels to the columns of each row.
    private static Value zipped(Translation node) {
        var labels = ClassScores.labels(node, "classlabels_int64s");
        var x = node.input(0);
        int rank = x.type().rank();
        if (rank < 1 || rank > 2 || !x.type().shape().get(rank - 1).is(labels.size()))
            throw node.wrong("X", "[N, " + labels.size() + "], a column for each label", x.type());
        return node.maps(labels, x);
    }

    /// The values in the order of a vocabulary, 0 for words that the map has not, `[1, words]`.
    private static Value vector(Translation node) {
        var map = node.map(0);
        var numbers = node.integers("int64_vocabulary");
        var words = node.texts("string_vocabulary");
        if ((numbers == null) == (words == null))
            throw node.wrong("int64_vocabulary, string_vocabulary", "one of both", "none or both");
        List<?> vocabulary = numbers == null ? words == null ? List.of() : words : numbers;
        var places = new ArrayList<>(Collections.nCopies(vocabulary.size(), -1));
        var keys = keys(map.keys());
        for (int k = 0; k < keys.size(); k++) {
            int at = vocabulary.indexOf(keys.get(k));
            if (at < 0) throw node.wrong("X", "keys of the vocabulary", keys.get(k));
            places.set(at, k);
        }
        return node.apply(new Unsqueeze(), placed(node, map.values(), places), node.vector(0));
    }

    private static List<Object> keys(Tensor keys) {
        var list = new ArrayList<Object>();
        for (int i = 0; i < keys.size(); i++)
            list.add(keys.dtype() == DType.STRING ? keys.strings()[i] : (Object) keys.getLong(i));
        return list;
    }

    /// {@return the values at the given places of a map, 0 or "" for −1}
    private static Value placed(Translation node, Value values, List<Integer> places) {
        var nothing = node.constant(Tensor.zeros(values.type().dtype(), 1));
        var all = node.apply(new Concat(0), nothing, values);
        return node.apply(
                new Gather(0), all, node.vector(places.stream().map(p -> p + 1L).toList()));
    }

    /// The values in the order of their keys, or each at the place that its key says.
    private static Value cast(Translation node) {
        var map = node.map(0);
        var to =
                switch (node.choice("cast_to", "TO_FLOAT", "TO_STRING", "TO_INT64")) {
                    case "TO_STRING" -> DType.STRING;
                    case "TO_INT64" -> DType.INT64;
                    default -> DType.FLOAT32;
                };
        if (map.keys().dtype() != DType.INT64)
            throw node.wrong("X", "a map with int64 keys", map.keys().dtype());
        var keys = new ArrayList<Long>();
        for (int i = 0; i < map.keys().size(); i++) keys.add(map.keys().getLong(i));
        boolean isSparse = node.choice("map_form", "DENSE", "SPARSE").equals("SPARSE");
        long length = node.integer("max_map", 1);
        List<Integer> places;
        if (isSparse) {
            if (length < 0 || length > Translation.MOST_ELEMENTS)
                throw node.wrong("max_map", "0 ... " + Translation.MOST_ELEMENTS, length);
            places = new ArrayList<>(Collections.nCopies((int) length, -1));
            for (int i = 0; i < keys.size(); i++) {
                long key = keys.get(i);
                if (key < 0 || key >= length)
                    throw node.wrong("X", "keys from 0 to " + (length - 1), key);
                places.set((int) key, i);
            }
        } else {
            places = keys.stream().sorted().map(keys::indexOf).toList();
        }
        return placed(node, ElementwiseOperators.cast(node, map.values(), to), places);
    }
}
