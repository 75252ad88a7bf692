package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// The index map of a reshape: which element of one shape is the element of another with the same
/// flat position in row-major order.
final class Reindex {
    private Reindex() {}

    /// {@return the lowering of an operator whose output has input 0's elements in their order}
    static Compute lower(Operands in, Shape to) {
        return Compute.each(in.type(0).with(to), o -> in.load(0, index(in.shape(0), to, o)));
    }

    /// {@return the index into `from` that belongs to an index into `to`}
    ///
    /// Runs of axes with equal products are mapped by themselves, so that axes which a reshape
    /// leaves alone, symbolic ones too, keep their index.
    static List<Expr> index(Shape from, Shape to, List<? extends Expr> index) {
        var mapped = new ArrayList<Expr>();
        int i = 0;
        int j = 0;
        while (i < from.rank() || j < to.rank()) {
            int fromEnd = Math.min(i + 1, from.rank());
            int toEnd = Math.min(j + 1, to.rank());
            search:
            for (int m = fromEnd; m <= from.rank(); m++) {
                for (int n = toEnd; n <= to.rank(); n++) {
                    if (from.elements(i, m).equals(to.elements(j, n))) {
                        fromEnd = m;
                        toEnd = n;
                        break search;
                    }
                }
                if (m == from.rank()) {
                    fromEnd = from.rank();
                    toEnd = to.rank();
                }
            }
            split(from, i, fromEnd, flat(to, j, toEnd, index), mapped);
            i = fromEnd;
            j = toEnd;
        }
        return mapped;
    }

    /// {@return the flat position of an index}
    static Expr flat(Shape shape, List<? extends Expr> index) {
        return flat(shape, 0, shape.rank(), index);
    }

    private static Expr flat(Shape shape, int begin, int end, List<? extends Expr> index) {
        Expr flat = Expr.of(0);
        for (int d = begin; d < end; d++) {
            if (shape.get(d).is(1)) continue;
            flat = flat.plus(index.get(d).times(Expr.of(shape.elements(d + 1, end))));
        }
        return flat;
    }

    private static void split(Shape shape, int begin, int end, Expr flat, List<Expr> into) {
        for (int d = begin; d < end; d++) {
            if (shape.get(d).is(1)) {
                into.add(Expr.of(0));
                continue;
            }
            var position = flat.floorDividedBy(Expr.of(shape.elements(d + 1, end)));
            boolean outermost = shape.elements(begin, d).is(1);
            into.add(outermost ? position : position.floorModulo(Expr.of(shape.get(d))));
        }
    }
}
