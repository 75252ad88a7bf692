package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// The k largest (or smallest) elements along an axis, in order, and where they stand.
///
/// `Indices[…, r, …]` is the i with exactly r elements before `X[…, i, …]`, and `Values` is X
/// there; of equal elements the one with the lower index comes first, NaN counts as larger than
/// everything.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | any of rank ≥ 1 | numeric |
/// | K, known when compiling | one element, 0 … extent of the axis | int64 |
/// | Values | X with K on the axis | as X |
/// | Indices | as Values | int64 |
///
/// Elements are ranked by counting: n² comparisons a row of n. The result is always sorted. Source:
/// ONNX TopK-24.
///
/// @param axis negative ones from the end
public record TopK(int axis, boolean largest) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var x = expect.input(0, "X").numeric().rankAtLeast(1);
        int along = x.axis(axis);
        expect.input(1, "K").index().single();
        long k = in.longs(1, "K")[0];
        var extent = x.type().shape().get(along);
        if (k < 0 || extent.isFixed() && k > extent.value())
            throw GraphException.of("TopK", "K", "0 ... " + extent, k);
        var values = x.type().with(x.type().shape().with(along, Dimension.of(k)));
        return List.of(values, values.with(DType.INT64));
    }

    @Override
    public Lowering lower(Operands in) {
        int along = axis < 0 ? axis + in.type(0).rank() : axis;
        var types = infer(in);
        var extent = in.extent(0, along);
        var ranks = Buffer.of("ranks", in.type(0).with(DType.INT32));
        var places = Buffer.of("places", types.get(1));
        var values = Buffer.of("values", types.get(0));
        var rank =
                Stage.each(
                        ranks,
                        o -> {
                            var j = new Index("j", extent);
                            var before = before(in, o, at(o, along, j), along);
                            return Expr.sum(List.of(j), before.select(Expr.of(1), Expr.of(0)));
                        });
        var place =
                Stage.each(
                        places,
                        o -> {
                            var i = new Index("i", extent);
                            var hit = new Load(ranks, at(o, along, i)).isEqualTo(o.get(along));
                            var found = Expr.sum(List.of(i), hit.select(i, Expr.of(0)));
                            return found.cast(DType.INT64);
                        });
        var value =
                Stage.each(
                        values,
                        o -> {
                            var i = new Load(places, List.copyOf(o)).cast(DType.INT32);
                            return in.load(0, at(o, along, i));
                        });
        return new Compute(List.of(rank, place, value), List.of(values, places));
    }

    /// {@return whether the element at `other` comes before the one at `o`}
    private Expr before(Operands in, List<? extends Expr> o, List<Expr> other, int along) {
        var mine = in.load(0, o);
        var theirs = in.load(0, other);
        var wins = largest ? greater(theirs, mine) : greater(mine, theirs);
        var loses = largest ? greater(mine, theirs) : greater(theirs, mine);
        var isFirst = other.get(along).less(o.get(along));
        return wins.or(loses.apply(Unary.Operator.NOT).and(isFirst));
    }

    private static Expr greater(Expr a, Expr b) {
        var greater = b.less(a);
        if (!a.dtype().isFloat()) return greater;
        var isOther = b.apply(Unary.Operator.IS_NAN).apply(Unary.Operator.NOT);
        return greater.or(a.apply(Unary.Operator.IS_NAN).and(isOther));
    }

    private static List<Expr> at(List<? extends Expr> o, int axis, Expr index) {
        var at = new ArrayList<Expr>(o);
        at.set(axis, index);
        return at;
    }
}
