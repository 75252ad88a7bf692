package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// Maxima of windows that slide over an array a few elements at a time, each part of a
/// concatenation by itself: neighbouring windows side by side.
final class ArrayPool implements Template {
    /// Steps from one window to the next beyond which most maxima would be computed in vain.
    private static final long WIDEST = 4;

    /// Windows beside each other that are worth a call.
    private static final long FEWEST = 8;

    @Override
    public String name() {
        return "Pool";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        if (stage.outputs().size() != 1) return new Result.Declined("several outputs");
        if (Schedule.dependsOnStep(stage))
            return new Result.Declined("its offsets change from one repetition to the next");
        var output = stage.outputs().getFirst().buffer();
        if (output.type().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        var calls = new ArrayList<Call>();
        for (var region : Region.of(stage).split()) {
            if (!(region.values().getFirst() instanceof Reduce reduce)
                    || reduce.operator() != Reduce.Operator.MAX
                    || !(reduce.body() instanceof Load load)
                    || load.dtype() != DType.FLOAT32
                    || !ArrayContraction.isInside(load))
                return new Result.Declined("not one maximum of elements");
            var x = Strided.of(load.buffer(), load.index());
            var y = Strided.of(output, region.place());
            if (x == null || y == null || !slides(region.domain(), x, y))
                return new Result.Declined("no windows beside each other");
            calls.add(
                    new Call.Pool(
                            region.domain(),
                            reduce.indices(),
                            x,
                            y,
                            request.origin(),
                            request.declined()));
        }
        return new Result.Accepted(calls);
    }

    private static boolean slides(List<Index> domain, Strided x, Strided y) {
        if (domain.isEmpty()) return false;
        var last = domain.getLast();
        var step = x.stride(last);
        return last.extent().isFixed()
                && last.extent().value() >= FEWEST
                && y.stride(last).equals(Dimension.of(1))
                && step.isFixed()
                && step.value() >= 1
                && step.value() <= WIDEST;
    }
}
