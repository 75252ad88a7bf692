package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// How often n-grams occur in a sequence.
///
/// `Y[b, column(g)] = Σ_s Σ_i [X[b, i + j·(s+1)] = g[j] for all j]`, summed over all n-grams of the
/// column, i over the places that leave room, s from 0 to `skips` (for single words only 0). `IDF`
/// gives the weight of what occurs at all, `TFIDF` the count times the weight.
///
/// X: integers `[C]` or `[B, C]`; Y: float32 `[width]` or `[B, width]`. Where several n-grams share
/// a column, each counts with its own weight.
///
/// Source: ONNX TfIdfVectorizer-9.
public record WordCounts(List<Gram> grams, int width, int skips, Mode mode) implements Primitive {
    /// What is made of a count.
    public enum Mode {
        TF,
        IDF,
        TFIDF
    }

    /// Words that follow each other, and the column of Y that counts them.
    public record Gram(List<Long> words, int column, float weight) {
        public Gram {
            words = List.copyOf(words);
        }
    }

    public WordCounts {
        grams = List.copyOf(grams);
        if (skips < 0) throw GraphException.of("WordCounts", "skips", ">= 0", skips);
        for (var gram : grams)
            if (gram.column < 0 || gram.column >= width || gram.words.isEmpty())
                throw GraphException.of(
                        "WordCounts", "grams", "words, and a column below " + width, gram);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").integer().rankAtLeast(1).rankAtMost(2);
        var shape = x.type().shape();
        return List.of(
                new TensorType(DType.FLOAT32, shape.with(shape.rank() - 1, Dimension.of(width))));
    }

    /// N-grams of a column stand in rows of a table, shorter ones filled up; what is filled up
    /// matches everything.
    @Override
    public Lowering lower(Operands in) {
        var columns = new ArrayList<List<Gram>>();
        for (int c = 0; c < width; c++) columns.add(new ArrayList<>());
        for (var gram : grams) columns.get(gram.column).add(gram);
        int rows = columns.stream().mapToInt(List::size).max().orElse(0);
        int most = grams.stream().mapToInt(g -> g.words.size()).max().orElse(1);
        var words = Tensor.zeros(DType.INT32, width, rows, most);
        var lengths = Tensor.zeros(DType.INT32, width, rows);
        var weights = Tensor.zeros(DType.FLOAT32, width, rows);
        for (int c = 0; c < width; c++) {
            for (int r = 0; r < columns.get(c).size(); r++) {
                var gram = columns.get(c).get(r);
                lengths.ints()[c * rows + r] = gram.words.size();
                weights.floats()[c * rows + r] = mode == Mode.TF ? 1 : gram.weight;
                for (int j = 0; j < gram.words.size(); j++)
                    words.ints()[(c * rows + r) * most + j] = exact(gram.words.get(j));
            }
        }
        var table = Buffer.constant("words", words);
        var length = Buffer.constant("lengths", lengths);
        var weight = Buffer.constant("weights", weights);
        int rank = in.type(0).rank();
        var extent = in.extent(0, rank - 1);
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var column = o.get(rank - 1);
                    var r = new Index("r", Dimension.of(rows));
                    var s = new Index("s", Dimension.of(skips + 1));
                    var i = new Index("i", extent);
                    var j = new Index("j", Dimension.of(most));
                    var n = new Load(length, List.of(column, r));
                    var at = i.plus(j.times(s.plus(1)));
                    var place = new ArrayList<Expr>(o.subList(0, rank - 1));
                    place.add(at);
                    var same =
                            in.load(0, place)
                                    .cast(DType.INT32)
                                    .isEqualTo(new Load(table, List.of(column, r, j)));
                    var matches =
                            new Reduce(
                                    Reduce.Operator.ALL,
                                    List.of(j),
                                    n.lessOrEqual(j).or(at.isWithin(extent).and(same)));
                    var counts = s.isEqualTo(Expr.of(0)).or(Expr.of(1).less(n));
                    var occurs = Expr.of(0).less(n).and(counts).and(matches);
                    var found = Expr.sum(List.of(s, i), occurs.select(Expr.of(1), Expr.of(0)));
                    var number = mode == Mode.IDF ? found.min(Expr.of(1)) : found;
                    return Expr.sum(
                            List.of(r),
                            number.cast(DType.FLOAT32).times(new Load(weight, List.of(column, r))));
                });
    }

    private static int exact(long word) {
        if (word != (int) word)
            throw GraphException.of("WordCounts", "grams", "words of 32 bits", word);
        return (int) word;
    }
}
