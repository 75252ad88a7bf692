package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// The determinant of each matrix of the last two axes.
///
/// X: float `[…, M, M]`, M ≤ 64 and known when compiling; Y: `[…]`, the same dtype; 1 for M = 0.
///
/// Gaussian elimination with row pivoting: for each column, a stage finds the largest number at or
/// below the diagonal, and another writes what the rows below become; a row that is exchanged
/// changes its sign. A column of zeros gives 0. Source: ONNX Det-22.
public record Det() implements Primitive {
    private static final int LARGEST = 64;

    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").floating().rankAtLeast(2).type();
        int batch = x.rank() - 2;
        var rows = x.shape().get(batch);
        if (!rows.isFixed() || !rows.equals(x.shape().get(batch + 1)) || rows.value() > LARGEST)
            throw GraphException.of("Det", "X", "square matrices of up to " + LARGEST + " rows", x);
        return List.of(x.with(x.shape().slice(0, batch)));
    }

    @Override
    public Lowering lower(Operands in) {
        var y = Buffer.of("y", infer(in).getFirst());
        int batch = y.type().rank();
        int m = in.shape(0).size(batch);
        var stages = new ArrayList<Stage>();
        var matrix = in.buffer(0);
        for (int k = 0; k + 1 < m; k++) {
            var from = matrix;
            int column = k;
            var pivots = Buffer.of("pivot" + k, y.type().with(DType.INT32));
            stages.add(Stage.each(pivots, o -> pivot(from, o, column, m)));
            matrix = Buffer.of("eliminated" + k, in.type(0));
            stages.add(Stage.each(matrix, o -> eliminated(from, pivots, o, column)));
        }
        var triangle = matrix;
        var dtype = y.type().dtype();
        stages.add(
                Stage.each(
                        y,
                        o -> {
                            Expr product = Expr.of(dtype, 1);
                            for (int k = 0; k < m; k++)
                                product = product.times(at(triangle, o, Expr.of(k), Expr.of(k)));
                            return product;
                        }));
        return new Compute(stages, List.of(y));
    }

    private static Expr at(Buffer matrix, List<? extends Expr> batch, Expr row, Expr column) {
        var index = new ArrayList<Expr>(batch);
        index.add(row);
        index.add(column);
        return new Load(matrix, index);
    }

    /// {@return the first row at or below the diagonal with the largest magnitude in a column}
    private static Expr pivot(Buffer matrix, List<Index> batch, int column, int m) {
        var r = new Index("r", Dimension.of(m - column));
        var size = at(matrix, batch, r.plus(column), Expr.of(column)).apply(Unary.Operator.ABS);
        var most = new Local("most", size.dtype());
        var row = new Local("row", DType.INT32);
        var isMore = most.less(size);
        return new Fold(
                List.of(r),
                List.of(
                        new Accumulator(most, Expr.of(size.dtype(), -1), isMore.select(size, most)),
                        new Accumulator(row, Expr.of(column), isMore.select(r.plus(column), row))),
                row);
    }

    private static Expr eliminated(Buffer from, Buffer pivots, List<Index> o, int k) {
        var batch = o.subList(0, o.size() - 2);
        var i = o.get(o.size() - 2);
        var j = o.getLast();
        var dtype = from.type().dtype();
        var column = Expr.of(k);
        var pivot = new Load(pivots, List.copyOf(batch));
        var isExchanged = pivot.isEqualTo(column).apply(Unary.Operator.NOT);
        var top = at(from, batch, pivot, j);
        var diagonal = at(from, batch, pivot, column);
        var row = i.isEqualTo(pivot).select(column, i);
        var below = at(from, batch, row, j);
        var zero = Expr.of(dtype, 0);
        var factor =
                diagonal.isEqualTo(zero)
                        .select(zero, at(from, batch, row, column).dividedBy(diagonal));
        var reduced = below.minus(factor.times(top));
        var signed = isExchanged.select(top.apply(Unary.Operator.NEGATE), top);
        return i.less(column).select(below, i.isEqualTo(column).select(signed, reduced));
    }
}
