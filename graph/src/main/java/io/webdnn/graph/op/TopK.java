package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The k largest (or smallest) elements along an axis, in order, and where they stand.
///
/// `Indices[…, r, …]` is the i with exactly r elements before `X[…, i, …]`, and `Values` is X
/// there; of equal elements the one with the lower index comes first, NaN counts as larger than
/// everything.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | any of rank ≥ 1 | numeric |
/// | K | one element, 0 … extent of the axis | int64 |
/// | Values | X with K on the axis | as X |
/// | Indices | as Values | int64 |
///
/// Runs are merged of which K elements are kept ([MergeSort]): n log² K comparisons a row of n.
/// Short rows, and those of an extent that is a symbol, are ranked by counting: n² comparisons. The
/// result is always sorted. A K that is not known when compiling is a symbol, and limited to what
/// an axis can give. Source: ONNX TopK-24.
///
/// @param axis negative ones from the end
/// @param count the name of the symbol, null if K must be known
public record TopK(int axis, boolean largest, @Nullable String count) implements Primitive {
    /// With a K that is known when compiling.
    public TopK(int axis, boolean largest) {
        this(axis, largest, null);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var x = expect.input(0, "X").numeric().rankAtLeast(1);
        int along = x.axis(axis);
        expect.input(1, "K").index().single();
        var values = x.type().with(x.type().shape().with(along, wanted(in, along)));
        return List.of(values, values.with(DType.INT64));
    }

    private Dimension wanted(Operands in, int along) {
        if (count != null && in.constantOrNull(1) == null) return Dimension.symbol(count);
        long k = in.longs(1, "K")[0];
        var extent = in.extent(0, along);
        if (k < 0 || extent.isFixed() && k > extent.value())
            throw GraphException.of("TopK", "K", "0 ... " + extent, k);
        return Dimension.of(k);
    }

    /// Counting takes fewer stages, which is worth more than comparisons in rows up to this.
    private static final long SHORT = 64;

    @Override
    public Lowering lower(Operands in) {
        int along = axis < 0 ? axis + in.type(0).rank() : axis;
        var extent = in.extent(0, along);
        var k = wanted(in, along);
        var compute =
                extent.isFixed() && extent.value() > SHORT
                        ? merged(in, along, k.isFixed() ? k.value() : extent.value())
                        : counted(in, along, extent);
        return k.isFixed() ? compute : measured(in, k, extent, compute);
    }

    private static Lowering measured(Operands in, Dimension k, Dimension extent, Compute compute) {
        var steps = new ArrayList<Step>();
        var given = in.load(1, Collections.nCopies(in.type(1).rank(), Expr.of(0)));
        var limited = RankSelect.int32("k");
        var most = Expr.of(extent).cast(given.dtype());
        steps.add(
                Stage.each(
                        limited,
                        _ -> given.max(Expr.of(given.dtype(), 0)).min(most).cast(DType.INT32)));
        steps.add(new Measure(k.toString(), limited, extent));
        steps.addAll(compute.stages());
        return new Measured(steps, compute.outputs());
    }

    private Compute merged(Operands in, int along, long k) {
        var types = infer(in);
        var shape = in.shape(0).without(along).dimensions();
        var extents = new ArrayList<>(shape);
        extents.add(in.extent(0, along));
        var numbers = RankSelect.int32("numbers", extents.toArray(Dimension[]::new));
        var steps = new ArrayList<Stage>();
        steps.add(Stage.each(numbers, List::getLast));
        var sorted =
                MergeSort.first(
                        numbers,
                        Math.max(1, k),
                        (row, a, b) ->
                                before(in, inserted(row, along, a), inserted(row, along, b), along),
                        steps);
        var places = Buffer.of("places", types.get(1));
        var values = Buffer.of("values", types.get(0));
        steps.add(Stage.each(places, o -> found(sorted, o, along).cast(DType.INT64)));
        steps.add(Stage.each(values, o -> in.load(0, at(o, along, found(sorted, o, along)))));
        return new Compute(steps, List.of(values, places));
    }

    private static Expr found(Buffer sorted, List<Index> o, int along) {
        var index = new ArrayList<Expr>(o);
        index.add(index.remove(along));
        return new Load(sorted, index);
    }

    private static List<Expr> inserted(List<Index> row, int along, Expr index) {
        var at = new ArrayList<Expr>(row);
        at.add(along, index);
        return at;
    }

    private Compute counted(Operands in, int along, Dimension extent) {
        var types = infer(in);
        var ranks = Buffer.of("ranks", in.type(0).with(DType.INT32));
        var places = Buffer.of("places", types.get(1));
        var values = Buffer.of("values", types.get(0));
        var rank =
                Stage.each(
                        ranks,
                        o -> {
                            var j = new Index("j", extent);
                            var before = before(in, at(o, along, j), o, along);
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

    /// {@return whether the element at `a` comes before the one at `b`}
    private Expr before(Operands in, List<Expr> a, List<? extends Expr> b, int along) {
        var mine = in.load(0, b);
        var theirs = in.load(0, a);
        var wins = largest ? greater(theirs, mine) : greater(mine, theirs);
        var loses = largest ? greater(mine, theirs) : greater(theirs, mine);
        var isFirst = a.get(along).less(b.get(along));
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
