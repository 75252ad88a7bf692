package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.TensorType;
import java.util.List;

/// The mean of each window, over any number of spatial axes.
///
/// `Y[n, c, o…] = Σ_k X[n, c, o·stride + k·dilation − pad …] / count`, X being 0 outside; count is
/// the number of taps inside X, or, with `countIncludePad`, inside X and its padding (a window that
/// overruns the end padding counts fewer). A window wholly in the padding gives NaN where that does
/// not count.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, D…]` | float |
/// | Y | `[N, C, O…]` | as X |
///
/// With `roundUp` a last window may overrun the end, but does not start in the end padding. Source:
/// ONNX AveragePool-22.
///
/// @param kernel taps per spatial axis
public record AveragePool(
        List<Integer> kernel, List<Window> windows, boolean roundUp, boolean countIncludePad)
        implements Primitive {
    public AveragePool {
        kernel = List.copyOf(kernel);
        windows = List.copyOf(windows);
        new Pooling("AveragePool", kernel, windows, roundUp);
    }

    /// {@return two-dimensional pooling with square windows}
    public static AveragePool of2d(int kernel, int stride, int pad) {
        var window = new Window(stride, 1, pad, pad);
        return new AveragePool(List.of(kernel, kernel), List.of(window, window), false, false);
    }

    private Pooling pooling() {
        return new Pooling("AveragePool", kernel, windows, roundUp);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        Expect.of(in).count(1, 1).input(0, "X").floating();
        var x = pooling().expect(in);
        return List.of(x.with(pooling().infer(x.shape())));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var taps = pooling().taps();
                    var dtype = Accumulation.of(in.type(0).dtype());
                    var element = in.loadOrZero(0, pooling().at(o, taps)).cast(dtype);
                    var count = count(in, o).cast(dtype);
                    return Expr.sum(taps, element).dividedBy(count).cast(in.type(0).dtype());
                });
    }

    private Expr count(Operands in, List<Index> o) {
        Expr count = Expr.of(1);
        for (int d = 0; d < windows.size(); d++) {
            var window = windows.get(d);
            boolean unpadded = window.padBegin() <= 0 && window.padEnd() <= 0;
            if (!roundUp && (countIncludePad || unpadded)) {
                count = count.times(kernel.get(d)); // every tap counts
                continue;
            }
            int begin = countIncludePad ? -window.padBegin() : 0;
            var end = Expr.of(in.extent(0, d + 2).plus(countIncludePad ? window.padEnd() : 0));
            count =
                    count.times(
                            window.tapsWithin(o.get(d + 2), kernel.get(d), Expr.of(begin), end));
        }
        return count;
    }
}
