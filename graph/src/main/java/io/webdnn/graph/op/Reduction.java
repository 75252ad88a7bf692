package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// An operator that reduces over some axes of its first input: `data`, any shape; and optionally
/// `axes`, an int64 vector that is known when compiling, in any order, negative ones from the end.
///
/// Without axes, or with an empty vector, it reduces over all of them, or over none if
/// `noopWithEmptyAxes`. A reduced axis stays with extent 1 if `keepdims`, else it is dropped.
public sealed interface Reduction extends Primitive
        permits ReduceMax, ReduceMean, ReduceMin, ReduceProd, ReduceSum {
    /// {@return whether reduced axes stay, with extent 1}
    boolean keepdims();

    /// {@return whether no axes means none instead of all}
    boolean noopWithEmptyAxes();

    /// Expects a dtype that can be reduced.
    void expect(Expect.Input data);

    /// {@return the reduction of an element over indices}
    ///
    /// @param count how many elements that are
    Expr reduce(List<Index> indices, Expr element, Dimension count);

    /// {@return the axes that are reduced, counted from 0, in ascending order}
    default List<Integer> axes(Operands in) {
        int rank = in.type(0).rank();
        var given = in.has(1) ? in.longs(1, "axes") : new long[0];
        if (given.length == 0) return noopWithEmptyAxes() ? List.of() : Axes.all(rank);
        return Axes.of(name(), given, rank).stream().sorted().toList();
    }

    @Override
    default List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(1, 2);
        var data = expect.input(0, "data");
        expect(data);
        expect.optional(1, "axes").index().rankAtMost(1);
        var axes = axes(in);
        var extents = new ArrayList<Dimension>();
        for (int d = 0; d < data.type().rank(); d++) {
            if (!axes.contains(d)) extents.add(data.type().shape().get(d));
            else if (keepdims()) extents.add(Dimension.of(1));
        }
        return List.of(data.type().with(new Shape(extents)));
    }

    @Override
    default Lowering lower(Operands in) {
        var axes = axes(in);
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var reduced = new ArrayList<Index>();
                    var at = new ArrayList<Expr>();
                    var count = Dimension.of(1);
                    int kept = 0;
                    for (int d = 0; d < in.type(0).rank(); d++) {
                        if (!axes.contains(d)) {
                            at.add(o.get(keepdims() ? d : kept++));
                            continue;
                        }
                        var r = new Index("r" + d, in.extent(0, d));
                        reduced.add(r);
                        at.add(r);
                        count = count.times(r.extent());
                    }
                    return reduced.isEmpty()
                            ? in.load(0, at)
                            : reduce(reduced, in.load(0, at), count);
                });
    }
}
