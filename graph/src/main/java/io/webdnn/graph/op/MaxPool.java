package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/// The maximum of each window, over any number of spatial axes.
///
/// `Y[n, c, o…] = max_k X[n, c, o·stride + k·dilation − pad …]`, taps outside X not counting: a
/// window wholly outside gives −∞, or the lowest integer.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, D…]` | numeric |
/// | Y | `[N, C, O…]` | as X |
/// | Indices (if `indices`) | as Y | int64 |
///
/// Indices are flat positions in the whole of X, of the first maximum of the window in row-major
/// order, or of its first NaN. NaN gives NaN. With `roundUp` a last window may overrun the end, but
/// does not start in the end padding.
///
/// Source: ONNX MaxPool-22.
///
/// @param kernel taps per spatial axis
/// @param columnMajor whether Indices count the spatial axes with the first one fastest
public record MaxPool(
        List<Integer> kernel,
        List<Window> windows,
        boolean roundUp,
        boolean columnMajor,
        boolean indices)
        implements Primitive {
    public MaxPool {
        kernel = List.copyOf(kernel);
        windows = List.copyOf(windows);
        new Pooling("MaxPool", kernel, windows, roundUp);
    }

    /// {@return two-dimensional pooling with square windows, without Indices}
    public static MaxPool of2d(int kernel, int stride, int pad, boolean roundUp) {
        var window = new Window(stride, 1, pad, pad);
        return new MaxPool(List.of(kernel, kernel), List.of(window, window), roundUp, false, false);
    }

    private Pooling pooling() {
        return new Pooling("MaxPool", kernel, windows, roundUp);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var x = pooling().expect(in);
        var y = x.with(pooling().infer(x.shape()));
        return indices ? List.of(y, y.with(DType.INT64)) : List.of(y);
    }

    @Override
    public Lowering lower(Operands in) {
        var types = infer(in);
        var y = Buffer.of("y", types.getFirst());
        var domain = Stage.indices("o", y.type().shape().dimensions());
        var outputs = new ArrayList<>(List.of(new Stage.Output(y, maximum(in, domain))));
        if (indices) {
            var position = position(in, domain).cast(DType.INT64);
            outputs.add(new Stage.Output(Buffer.of("indices", types.get(1)), position));
        }
        return new Compute(
                List.of(new Stage(domain, outputs)),
                outputs.stream().map(Stage.Output::buffer).toList());
    }

    private Expr maximum(Operands in, List<Index> o) {
        var taps = pooling().taps();
        var element = in.loadOr(0, pooling().at(o, taps), Extreme.lowest(in.type(0).dtype()));
        return new Reduce(Reduce.Operator.MAX, taps, element);
    }

    private Expr position(Operands in, List<Index> o) {
        var taps = pooling().taps();
        var at = pooling().at(o, taps);
        var x = in.load(0, at);
        var best = new Local("best", x.dtype());
        var bestAt = new Local("bestAt", DType.INT32);
        var better = bestAt.less(Expr.of(0)).or(best.less(x));
        if (x.dtype().isFloat()) {
            var isNaN = x.apply(Unary.Operator.IS_NAN);
            var bestIsNot = best.apply(Unary.Operator.IS_NAN).apply(Unary.Operator.NOT);
            better = better.or(isNaN.and(bestIsNot));
        }
        Expr inside = io.webdnn.graph.expr.Literal.of(true);
        for (int d = 2; d < at.size(); d++)
            inside = inside.and(at.get(d).isWithin(in.extent(0, d)));
        var take = inside.and(better);
        return new Fold(
                taps,
                List.of(
                        new Accumulator(best, Extreme.lowest(x.dtype()), take.select(x, best)),
                        new Accumulator(bestAt, Expr.of(-1), take.select(flat(in, at), bestAt))),
                bestAt);
    }

    private Expr flat(Operands in, List<Expr> at) {
        Expr flat = Expr.of(0);
        for (int d = 0; d < at.size(); d++) {
            var stride = in.shape(0).elements(d + 1, at.size());
            if (columnMajor && d >= 2) stride = in.shape(0).elements(2, d);
            flat = flat.plus(at.get(d).times(Expr.of(stride)));
        }
        return flat;
    }
}
