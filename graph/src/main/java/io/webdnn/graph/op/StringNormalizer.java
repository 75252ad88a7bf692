package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Words without stop words, in one case.
///
/// X: string `[C]` or `[1, C]`; Y: what is left of it, `[D]` or `[1, D]`, one `""` if that is
/// nothing. Stop words are left out first, whatever their case unless `caseSensitive`; then the
/// case changes. D depends on data, so it is a symbol. Runs on the host.
///
/// Source: ONNX StringNormalizer-10.
///
/// @param locale as a BCP 47 tag; `""` for none
/// @param left the name of the symbol
public record StringNormalizer(
        Case change, boolean caseSensitive, List<String> stopwords, String locale, String left)
        implements HostOperator {
    /// What the words become.
    public enum Case {
        NONE,
        LOWER,
        UPPER
    }

    public StringNormalizer {
        stopwords = List.copyOf(stopwords);
        if (left.isEmpty())
            throw GraphException.of("StringNormalizer", "left", "a name for what is left", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").strings().rankAtLeast(1).rankAtMost(2);
        if (x.type().rank() == 2) x.extent(0, Dimension.of(1), "rows");
        int last = x.type().rank() - 1;
        return List.of(x.type().with(x.type().shape().with(last, Dimension.symbol(left))));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var language = Locale.forLanguageTag(locale);
        var stops = new HashSet<String>();
        for (var word : stopwords) stops.add(caseSensitive ? word : word.toLowerCase(language));
        var words =
                Arrays.stream(x.strings())
                        .filter(w -> !stops.contains(caseSensitive ? w : w.toLowerCase(language)))
                        .map(w -> changed(w, language))
                        .toArray(String[]::new);
        if (words.length == 0) words = new String[] {""};
        var y = Tensor.of(DType.STRING, words, words.length);
        return List.of(x.rank() == 1 ? y : y.reshape(1, words.length));
    }

    private String changed(String word, Locale language) {
        return switch (change) {
            case NONE -> word;
            case LOWER -> word.toLowerCase(language);
            case UPPER -> word.toUpperCase(language);
        };
    }
}
