package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// What the pooling operators share: a window that slides over each channel.
///
/// @param kernel the taps per spatial axis
/// @param roundUp whether a last window may overrun the end
record Pooling(String operation, List<Integer> kernel, List<Window> windows, boolean roundUp) {
    Pooling {
        if (kernel.size() != windows.size() || kernel.stream().anyMatch(k -> k < 1)) {
            throw GraphException.of(operation, "kernel", windows.size() + " extents >= 1", kernel);
        }
    }

    Shape infer(Shape x) {
        var y = new ArrayList<>(x.dimensions().subList(0, 2));
        for (int d = 0; d < windows.size(); d++) {
            var extent = x.get(d + 2);
            var places =
                    roundUp
                            ? windows.get(d).placesRoundingUp(extent, kernel.get(d))
                            : windows.get(d).places(extent, kernel.get(d));
            if (places.isFixed() && places.value() < 1) {
                throw GraphException.of(
                        operation,
                        "X",
                        "a padded extent >= the kernel's on spatial axis " + d,
                        x + " for kernel " + kernel);
            }
            y.add(places);
        }
        return new Shape(y);
    }

    TensorType expect(Operands in) {
        return Expect.of(in).count(1, 1).input(0, "X").numeric().rank(windows.size() + 2).type();
    }

    /// {@return fresh indices of the taps}
    List<Index> taps() {
        return io.webdnn.graph.expr.Stage.indices(
                "k", kernel.stream().map(k -> Dimension.of(k)).toList());
    }

    /// {@return the position in X of some taps at `o = [n, c, o…]`}
    List<Expr> at(List<? extends Expr> o, List<? extends Expr> taps) {
        var at = new ArrayList<Expr>(o.subList(0, 2));
        for (int d = 0; d < windows.size(); d++)
            at.add(windows.get(d).tap(o.get(d + 2), taps.get(d)));
        return at;
    }
}
