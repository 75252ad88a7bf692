package io.webdnn.compiler.schedule;

import io.webdnn.compiler.Target;
import io.webdnn.graph.expr.Stage;
import java.util.List;

/// A row group in loops: softmax, normalizations. What the elements of a row share (its maximum,
/// its sum) is computed once, outside of the loop over the row.
final class LoopRowReduce implements Template {
    @Override
    public String name() {
        return "RowReduce";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        if (!Generic.hasRows(stage)) return new Result.Declined("nothing is shared by a row");
        var lanes =
                request.target() == Target.WEBASSEMBLY
                        ? Generic.laneIndex(stage, request.layouts())
                        : null;
        return new Result.Accepted(List.of(Generic.loops(stage, request, lanes, this)));
    }
}
