package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A shape that data says: `output[i] = input[i]`, of which each entry is known by name.
///
/// input: `[n]`, int32 or int64; output: `[n]`, int64. An entry of `extents` that is a symbol
/// called `size.` and something is measured: from here on it stands for what the input holds there.
/// The others are known: a number, or made of other symbols. Whoever takes the output as a shape
/// ([Expand], [Tile], [Reshape], [Range], [Pad]) has a shape of `extents`.
///
/// A run ends with an error where the input holds something below 0, or something else than what is
/// known.
///
/// @param size how the measured symbols begin, which whoever makes the operator makes unique; empty
///   if all is known for certain, so that no run looks at the input
public record Extents(String size, List<Dimension> extents) implements Primitive, KnowsExtents {
    public Extents {
        extents = List.copyOf(extents);
    }

    /// {@return the symbol of an entry that is measured}
    public static Dimension measured(String size, int entry) {
        return Dimension.symbol(size + "." + entry);
    }

    @Override
    public List<Dimension> extents(Operands in) {
        return extents;
    }

    @Override
    public Op bind(Map<String, Long> sizes) {
        return new Extents(size, extents.stream().map(e -> e.bind(sizes)).toList());
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var count = Dimension.of(extents.size());
        Expect.of(in).count(1, 1).input(0, "input").index().shape(Shape.of(count));
        return List.of(new TensorType(DType.INT64, Shape.of(count)));
    }

    private boolean isMeasured(int entry) {
        return !size.isEmpty() && extents.get(entry).equals(measured(size, entry));
    }

    @Override
    public Lowering lower(Operands in) {
        var type = infer(in).getFirst();
        if (size.isEmpty()) return Compute.each(type, o -> named(o.getFirst()).cast(DType.INT64));
        var steps = new ArrayList<Step>();
        var fits = fits(in);
        for (int i = 0; i < extents.size(); i++)
            if (isMeasured(i))
                measure(extents.get(i).toString(), fits.select(entry(in, i), Expr.of(-1)), steps);
        if (steps.isEmpty()) // what is known is held against the data all the same
        measure(size, fits.select(Expr.of(0), Expr.of(-1)), steps);
        var y = Buffer.of("y", type);
        steps.add(Stage.each(y, o -> in.load(0, o).cast(DType.INT64)));
        return new Measured(steps, List.of(y));
    }

    private Expr named(Expr entry) {
        var value = Expr.of(extents.isEmpty() ? Dimension.of(0) : extents.getLast());
        for (int i = extents.size() - 2; i >= 0; i--)
            value = entry.isEqualTo(Expr.of(i)).select(Expr.of(extents.get(i)), value);
        return value;
    }

    private static void measure(String symbol, Expr value, List<Step> to) {
        var extent = RankSelect.int32("extent");
        to.add(Stage.each(extent, _ -> value));
        to.add(new Measure(symbol, extent, null));
    }

    /// {@return an entry within 32 bits: one beyond them is no size that there is memory for}
    private static Expr entry(Operands in, int i) {
        var dtype = in.type(0).dtype();
        var value = in.load(0, Expr.of(i));
        return value.max(Expr.of(dtype, -1))
                .min(Expr.of(dtype, Integer.MAX_VALUE))
                .cast(DType.INT32);
    }

    private Expr fits(Operands in) {
        Expr fits = Literal.of(true);
        for (int i = 0; i < extents.size(); i++)
            if (!isMeasured(i)) fits = fits.and(entry(in, i).isEqualTo(Expr.of(extents.get(i))));
        return fits;
    }
}
