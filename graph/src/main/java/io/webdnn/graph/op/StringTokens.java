package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Texts cut into words, and words that follow each other joined: `Y[n, i]` is token i of `X[n]`.
///
/// X: string `[N]` or `[N, 1]`; Y: string `[N, length]`, or as long as the most tokens of a text,
/// which depends on data; filled up with `""`, cut off behind `length`. Runs on the host. Source:
/// ours, for Keras's TextVectorization.
///
/// @param lower whether letters become small ones first
/// @param strip whether ASCII's punctuation is left out first
/// @param characters whether each character is a word; else what stands between white space
/// @param grams how many neighbouring words make a token, joined by a blank: all tokens of the
///   first number, then those of the next
/// @param length how many tokens a text has, 0 where that is left open
/// @param symbol the name of the extent that is left open
public record StringTokens(
        boolean lower,
        boolean strip,
        boolean characters,
        List<Integer> grams,
        int length,
        String symbol)
        implements HostOperator {
    private static final String PUNCTUATION = "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'";

    public StringTokens {
        grams = List.copyOf(grams);
        if (grams.isEmpty() || grams.stream().anyMatch(count -> count < 1))
            throw GraphException.of("StringTokens", "grams", "numbers >= 1", grams);
        if (length < 0) throw GraphException.of("StringTokens", "length", ">= 0", length);
        if (length == 0 && symbol.isEmpty())
            throw GraphException.of("StringTokens", "symbol", "a name for the length", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").strings().rankAtLeast(1).rankAtMost(2);
        if (x.type().rank() == 2) x.extent(1, Dimension.of(1), "texts of a row");
        var extent = length == 0 ? Dimension.symbol(symbol) : Dimension.of(length);
        return List.of(x.type().with(Shape.of(x.type().shape().get(0), extent)));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var tokens = new ArrayList<List<String>>();
        for (var text : x.strings()) tokens.add(tokens(text));
        int most = length == 0 ? tokens.stream().mapToInt(List::size).max().orElse(0) : length;
        var y = Tensor.zeros(DType.STRING, x.size(), most);
        for (int n = 0; n < x.size(); n++)
            for (int i = 0; i < Math.min(most, tokens.get(n).size()); i++)
                y.strings()[n * most + i] = tokens.get(n).get(i);
        return List.of(y);
    }

    private List<String> tokens(String text) {
        var words = words(lower ? text.toLowerCase(Locale.ROOT) : text);
        var tokens = new ArrayList<String>();
        for (int count : grams)
            for (int i = 0; i + count <= words.size(); i++)
                tokens.add(String.join(" ", words.subList(i, i + count)));
        return tokens;
    }

    private List<String> words(String text) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        text.codePoints()
                .filter(point -> !strip || PUNCTUATION.indexOf(point) < 0)
                .forEach(point -> {
                    if (characters) {
                        words.add(Character.toString(point));
                    } else if (!Character.isWhitespace(point)) {
                        word.appendCodePoint(point);
                    } else if (!word.isEmpty()) {
                        words.add(word.toString());
                        word.setLength(0);
                    }
                });
        if (!word.isEmpty()) words.add(word.toString());
        return words;
    }
}
