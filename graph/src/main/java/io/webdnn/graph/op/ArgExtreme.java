package io.webdnn.graph.op;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// What [ArgMax] and [ArgMin] share.
record ArgExtreme(
        String operation, boolean largest, int axis, boolean keepdims, boolean selectLastIndex) {
    List<TensorType> infer(Operands in) {
        var data = Expect.of(in).count(1, 1).input(0, "data").numeric();
        int along = data.axis(axis);
        var type = data.type();
        if (type.shape().get(along).is(0))
            throw GraphException.of(operation, "data", "an extent > 0 on axis " + along, type);
        var shape =
                keepdims ? type.shape().with(along, Dimension.of(1)) : type.shape().without(along);
        return List.of(new TensorType(DType.INT64, shape));
    }

    Lowering lower(Operands in) {
        int along = axis < 0 ? axis + in.type(0).rank() : axis;
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var r = new Index("r", in.extent(0, along));
                    var at = new ArrayList<Expr>(o);
                    if (keepdims) at.set(along, r);
                    else at.add(along, r);
                    return position(in.load(0, at), r).cast(DType.INT64);
                });
    }

    private Expr position(Expr x, Index r) {
        var dtype = x.dtype();
        var best = new Local("best", dtype);
        var bestAt = new Local("bestAt", DType.INT32);
        var take = isBetter(x, best);
        return new Fold(
                List.of(r),
                List.of(
                        new Accumulator(
                                best,
                                largest ? Extreme.lowest(dtype) : Extreme.highest(dtype),
                                take.select(x, best)),
                        new Accumulator(bestAt, Expr.of(0), take.select(r, bestAt))),
                bestAt);
    }

    private Expr isBetter(Expr x, Expr best) {
        var low = largest ? best : x;
        var high = largest ? x : best;
        var better = selectLastIndex ? low.lessOrEqual(high) : low.less(high);
        if (!x.dtype().isFloat()) return better;
        var isNaN = x.apply(Unary.Operator.IS_NAN);
        var bestIsNot = best.apply(Unary.Operator.IS_NAN).apply(Unary.Operator.NOT);
        return better.or(selectLastIndex ? isNaN : isNaN.and(bestIsNot));
    }
}
