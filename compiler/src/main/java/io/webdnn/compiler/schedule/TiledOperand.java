package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// A factor of a contraction that is known before the first run, in the order in which a grid reads
/// it: `[batch…, tile, k, element]`, zeros behind the edges.
///
/// @param form the contraction, whose batch the factor shares
/// @param factor what is packed
/// @param indices the role whose elements are numbered through and cut into tiles
/// @param k the summed indices, from the outermost loop
/// @param tiles how many tiles there are
/// @param depth how many k a tile has, at least as many as are summed
/// @param width elements of a tile
record TiledOperand(
        ContractionForm form,
        Expr factor,
        List<Index> indices,
        List<Index> k,
        long tiles,
        long depth,
        long width) {
    /// {@return the packed factor; once for all plans that want it in this order}
    ///
    /// @param calls where the call is put that packs it when loading
    Buffer pack(Template.Request request, List<Call> calls) {
        return request.packings()
                .of(
                        List.of(factor, form.batch(), indices, k, tiles, depth, width),
                        this::stage,
                        request,
                        calls);
    }

    private Stage stage() {
        var extents = new ArrayList<Dimension>();
        for (var index : form.batch()) extents.add(index.extent());
        extents.add(Dimension.of(tiles));
        extents.add(Dimension.of(depth));
        extents.add(Dimension.of(width));
        var name = form.stage().outputs().getFirst().buffer().name() + " tiles";
        var buffer = Buffer.of(name, new TensorType(DType.FLOAT32, new Shape(extents)));
        return Stage.each(buffer, this::element);
    }

    private Expr element(List<? extends Expr> at) {
        int batches = form.batch().size();
        var summed = at.get(batches + 1);
        var flat = at.get(batches).times(width).plus(at.get(batches + 2));
        var from = new ArrayList<Index>(form.batch());
        var to = new ArrayList<Expr>(at.subList(0, batches));
        from.addAll(k);
        to.addAll(ContractionForm.digits(summed, k));
        from.addAll(indices);
        to.addAll(ContractionForm.digits(flat, indices));
        return flat.less(Expr.of(GridContraction.extent(indices)))
                .and(summed.less(Expr.of(GridContraction.extent(k))))
                .select(Substitution.ofIndices(factor, from, to), Expr.of(DType.FLOAT32, 0));
    }
}
