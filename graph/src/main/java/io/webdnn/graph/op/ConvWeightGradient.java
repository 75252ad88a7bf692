package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// The gradient of [Conv] with respect to its weights: a contraction over the batch and the places
/// of the window.
///
/// `dW[m, c, k…] = Σ_{n, o…} dY[n, m, o…] · X[n, ⌊m / (M/group)⌋ · C/group + c, o·stride +
/// k·dilation − pad …]`, X being 0 outside.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, D…]` | float |
/// | dY | `[N, M, O…]` | as X |
/// | dW | `[M, C/group, k…]` | as X |
///
/// Source: ours; ONNX has no gradients.
///
/// @param kernel taps per spatial axis
public record ConvWeightGradient(List<Window> windows, int group, List<Integer> kernel)
        implements Primitive {
    public ConvWeightGradient {
        windows = List.copyOf(windows);
        kernel = List.copyOf(kernel);
        if (kernel.size() != windows.size()) {
            throw GraphException.of(
                    "ConvWeightGradient", "kernel", windows.size() + " extents", kernel);
        }
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        int rank = windows.size() + 2;
        var x = expect.input(0, "X").floating().rank(rank).type();
        var y = expect.input(1, "dY").dtype(x.dtype()).rank(rank);
        y.extent(0, x.shape().get(0), "N");
        for (int d = 0; d < windows.size(); d++) {
            y.extent(d + 2, windows.get(d).places(x.shape().get(d + 2), kernel.get(d)), "O");
        }
        var w = new ArrayList<Dimension>();
        w.add(y.type().shape().get(1));
        w.add(x.shape().get(1).floorDividedBy(group));
        for (int taps : kernel) w.add(Dimension.of(taps));
        return List.of(x.with(new Shape(w)));
    }

    @Override
    public Lowering lower(Operands in) {
        var w = infer(in).getFirst();
        int outPerGroup = w.shape().size(0) / group;
        int inPerGroup = w.shape().size(1);
        return Compute.each(
                w,
                t -> { // t = [m, c, k…]
                    var m = t.get(0);
                    var n = new Index("n", in.extent(1, 0));
                    var o =
                            Stage.indices(
                                    "o", in.shape(1).dimensions().subList(2, in.shape(1).rank()));
                    var channel = m.floorDividedBy(outPerGroup).times(inPerGroup).plus(t.get(1));
                    var x = new ArrayList<Expr>(List.of(n, channel));
                    for (int d = 0; d < windows.size(); d++)
                        x.add(windows.get(d).tap(o.get(d), t.get(d + 2)));
                    var y = new ArrayList<Expr>(List.of(n, m));
                    y.addAll(o);
                    var over = new ArrayList<Index>(List.of(n));
                    over.addAll(o);
                    return Expr.sum(over, in.load(1, y).times(in.loadOrZero(0, x)));
                });
    }
}
