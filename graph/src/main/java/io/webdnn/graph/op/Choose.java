package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// One of two tensors as a whole, where their shapes differ: `Z = condition ? X : Y`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | condition | one element | bool |
/// | X, Y | any of one rank | one dtype, any |
/// | Z | theirs; a symbol on each axis on which they differ | as X |
///
/// Which one it is depends on data, so an extent that they do not share is a symbol, `size.d` on
/// axis d. Shapes that are alike belong to [Where].
///
/// Source: ONNX If-21.
///
/// @param size the name of the symbols
public record Choose(String size) implements Primitive {
    public Choose {
        if (size.isEmpty())
            throw GraphException.of("Choose", "size", "a name for the extents that differ", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 3);
        expect.input(0, "condition").dtype(DType.BOOL).single();
        var x = expect.input(1, "X").type();
        expect.input(2, "Y").dtype(x.dtype()).rank(x.rank());
        var shape = x.shape();
        for (int d = 0; d < x.rank(); d++)
            if (differ(in, d)) shape = shape.with(d, Dimension.symbol(size + "." + d));
        return List.of(x.with(shape));
    }

    private static boolean differ(Operands in, int axis) {
        return !in.extent(1, axis).equals(in.extent(2, axis));
    }

    @Override
    public Lowering lower(Operands in) {
        var steps = new ArrayList<Step>();
        var condition = in.load(0, Collections.nCopies(in.type(0).rank(), Expr.of(0)));
        for (int d = 0; d < in.type(1).rank(); d++) {
            if (!differ(in, d)) continue;
            var x = in.extent(1, d);
            var y = in.extent(2, d);
            var extent = RankSelect.int32("extent");
            steps.add(Stage.each(extent, _ -> condition.select(Expr.of(x), Expr.of(y))));
            steps.add(new Measure(size + "." + d, extent, bound(x, y)));
        }
        var z = Buffer.of("z", infer(in).getFirst());
        steps.add(
                Stage.each(
                        z,
                        o ->
                                condition.select(
                                        new Load(in.buffer(1), List.copyOf(o)),
                                        new Load(in.buffer(2), List.copyOf(o)))));
        return new Measured(steps, List.of(z));
    }

    /// {@return what neither is larger than}
    private static Dimension bound(Dimension x, Dimension y) {
        return x.isFixed() && y.isFixed()
                ? Dimension.of(Math.max(x.value(), y.value()))
                : x.plus(y);
    }
}
