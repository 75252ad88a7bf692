package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.ImageDecoder;
import io.webdnn.graph.op.NonMaxSuppression;
import io.webdnn.graph.op.RegexFullMatch;
import io.webdnn.graph.op.StringConcat;
import io.webdnn.graph.op.StringIndex;
import io.webdnn.graph.op.StringNormalizer;
import io.webdnn.graph.op.StringSplit;
import io.webdnn.graph.op.Unique;
import io.webdnn.graph.op.WordCounts;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Operators on text, and those whose results have shapes that depend on data.
final class TextOperators {
    private TextOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("ImageDecoder", single(TextOperators::imageDecoder));
        table.put("NonMaxSuppression", single(TextOperators::nonMaxSuppression));
        table.put("RegexFullMatch", single(TextOperators::fullMatch));
        table.put("StringConcat", single(n -> n.apply(new StringConcat(), n.input(0), n.input(1))));
        table.put("StringNormalizer", single(TextOperators::normalizer));
        table.put("StringSplit", TextOperators::split);
        table.put("TfIdfVectorizer", single(TextOperators::wordCounts));
        table.put("Unique", TextOperators::unique);
    }

    private static Value imageDecoder(Translation node) {
        var format = node.choice("pixel_format", "RGB", "BGR", "Grayscale");
        var op =
                new ImageDecoder(
                        ImageDecoder.Format.valueOf(format.toUpperCase(Locale.ROOT)),
                        node.identity());
        return node.apply(op, node.input(0));
    }

    private static Value nonMaxSuppression(Translation node) {
        boolean center = node.flag("center_point_box", false);
        var op = new NonMaxSuppression(center, node.unique("count"));
        return node.applyAll(op, node.inputs()).getFirst();
    }

    private static List<Value> unique(Translation node) {
        var axis = node.hasAttribute("axis") ? (Integer) node.axis("axis", 0) : null;
        var op = new Unique(axis, node.flag("sorted", true), node.unique("count"));
        return node.applyAll(op, node.inputs());
    }

    private static Value fullMatch(Translation node) {
        if (!node.hasAttribute("pattern")) throw node.wrong("pattern", "a string", "none");
        return node.apply(new RegexFullMatch(node.text("pattern", "")), node.input(0));
    }

    private static Value normalizer(Translation node) {
        var stopwords = node.texts("stopwords");
        var op =
                new StringNormalizer(
                        StringNormalizer.Case.valueOf(
                                node.choice("case_change_action", "NONE", "LOWER", "UPPER")),
                        node.flag("is_case_sensitive", false),
                        stopwords == null ? List.of() : stopwords,
                        node.text("locale", "").replace('_', '-'),
                        node.unique("left"));
        return node.apply(op, node.input(0));
    }

    private static List<Value> split(Translation node) {
        var op =
                new StringSplit(
                        node.text("delimiter", ""),
                        node.integer("maxsplit", -1),
                        node.unique("parts"));
        return node.applyAll(op, node.inputs());
    }

    /// Strings become their numbers in the pool, so that what is counted are numbers.
    private static Value wordCounts(Translation node) {
        var numbers = node.integers("pool_int64s");
        var words = node.texts("pool_strings");
        var x = node.input(0);
        if ((numbers == null) == (words == null))
            throw node.wrong("pool_int64s, pool_strings", "one of both", "none or both");
        if ((words != null) != (x.type().dtype() == DType.STRING))
            throw node.wrong("X", words == null ? "integers" : "strings", x.type());
        if (words != null) {
            var places = new LinkedHashMap<String, Long>();
            for (var word : words) places.putIfAbsent(word, places.size() + 1L);
            x = node.apply(new StringIndex(List.copyOf(places.keySet())), x);
            numbers = words.stream().map(places::get).toList();
        }
        if (numbers == null) throw node.wrong("pool", "words", "none");
        var starts = node.integers("ngram_counts");
        var columns = node.integers("ngram_indexes");
        if (starts == null || columns == null)
            throw node.wrong("ngram_counts, ngram_indexes", "ints", "none");
        var weights = node.reals("weights");
        int least = Math.toIntExact(node.integer("min_gram_length", 1));
        int most = Math.toIntExact(node.integer("max_gram_length", 1));
        var grams = new ArrayList<WordCounts.Gram>();
        int which = 0;
        for (int n = 1; n <= starts.size(); n++) {
            long start = starts.get(n - 1);
            long end = n < starts.size() ? starts.get(n) : numbers.size();
            if (start < 0 || end < start || end > numbers.size() || (end - start) % n != 0)
                throw node.wrong("ngram_counts", "starts of n-grams in the pool", starts);
            for (int at = (int) start; at < end; at += n, which++) {
                if (which >= columns.size() || weights != null && which >= weights.size())
                    throw node.wrong("ngram_indexes, weights", "one for each n-gram", which);
                if (n < least || n > most) continue;
                grams.add(
                        new WordCounts.Gram(
                                numbers.subList(at, at + n),
                                Math.toIntExact(columns.get(which)),
                                weights == null ? 1 : weights.get(which)));
            }
        }
        long width = columns.stream().mapToLong(c -> c).max().orElse(-1) + 1;
        if (width > 1 << 26 || columns.stream().anyMatch(c -> c < 0))
            throw node.wrong("ngram_indexes", "columns from 0 to 2^26", columns);
        var op =
                new WordCounts(
                        grams,
                        Math.toIntExact(width),
                        Math.toIntExact(node.integer("max_skip_count", 0)),
                        WordCounts.Mode.valueOf(node.choice("mode", "TF", "IDF", "TFIDF")));
        if (!node.hasAttribute("mode")) throw node.wrong("mode", "TF, IDF or TFIDF", "none");
        return node.apply(op, x);
    }
}
