package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Numpy's broadcasting: shapes are aligned at the last axis, an axis of extent 1 repeats. Symbols
/// are never 1.
public final class Broadcast {
    private Broadcast() {}

    /// {@return the shape that all broadcast to}
    public static Shape shapes(String operation, List<Shape> shapes) {
        int rank = shapes.stream().mapToInt(Shape::rank).max().orElse(0);
        var extents = new ArrayList<Dimension>();
        for (int d = 0; d < rank; d++) {
            var extent = Dimension.of(1);
            for (var shape : shapes) {
                int axis = d - (rank - shape.rank());
                if (axis < 0 || shape.get(axis).is(1)) continue;
                if (!extent.is(1) && !extent.equals(shape.get(axis))) {
                    throw GraphException.of(operation, "inputs", "shapes that broadcast", shapes);
                }
                extent = shape.get(axis);
            }
            extents.add(extent);
        }
        return new Shape(extents);
    }

    /// {@return whether `from` broadcasts to `to`}
    public static boolean reaches(Shape from, Shape to) {
        if (from.rank() > to.rank()) return false;
        for (int d = 0; d < from.rank(); d++) {
            var extent = from.get(d);
            if (!extent.is(1) && !extent.equals(to.get(d + to.rank() - from.rank()))) return false;
        }
        return true;
    }

    /// {@return the index into a tensor of shape `from` that belongs to an index into what it
    /// broadcasts to}
    public static List<Expr> index(Shape from, List<? extends Expr> index) {
        var mapped = new ArrayList<Expr>();
        for (int d = 0; d < from.rank(); d++) {
            mapped.add(from.get(d).is(1) ? Expr.of(0) : index.get(d + index.size() - from.rank()));
        }
        return mapped;
    }
}
