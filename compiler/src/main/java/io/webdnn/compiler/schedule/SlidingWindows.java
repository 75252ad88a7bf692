package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Reductions over windows that slide along the last axis, on a grid: depthwise convolutions and
/// pools. An invocation computes several neighbours of the last axis with the windows written out,
/// so that what overlapping windows read and ask of its place is found once.
///
/// Cost: one dispatch; of a 3 × 3 window with neighbours side by side 0.4 instead of 1 load for
/// each product.
final class SlidingWindows implements Template {
    /// Windows of so many elements are written out.
    private static final int MOST_ELEMENTS = 25;

    /// Products that an invocation writes out: code is transferred, too.
    private static final int MOST_PRODUCTS = 100;

    private static final int FEWEST_NEIGHBOURS = 4;
    private static final int MOST_NEIGHBOURS = 8;

    /// Fewer invocations would leave a device idle.
    private static final long FEW_INVOCATIONS = 1024;

    @Override
    public String name() {
        return "Sliding windows";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        if (stage.domain().isEmpty()) return new Result.Declined("a single element");
        var last = stage.domain().getLast();
        if (!last.extent().isFixed() || last.extent().value() < FEWEST_NEIGHBOURS)
            return new Result.Declined("no neighbours along the last axis");
        int elements = 0;
        for (var output : stage.outputs()) {
            var windows = new ArrayList<Reduce>();
            boolean hasFold = collect(output.value(), windows);
            if (hasFold || windows.isEmpty()) return new Result.Declined("no reduction");
            for (var window : windows) {
                if (!slides(window, last))
                    return new Result.Declined("no window that slides along the last axis");
                var size = new Shape(window.indices().stream().map(Index::extent).toList());
                if (!size.elements().isFixed() || size.elements().value() > MOST_ELEMENTS)
                    return new Result.Declined("windows of more than 25 elements");
                elements += (int) size.elements().value();
            }
        }
        int neighbours = neighbours(stage, elements);
        if (neighbours < FEWEST_NEIGHBOURS) return new Result.Declined("too few elements");
        return new Result.Accepted(List.of(call(stage, neighbours, request)));
    }

    /// Collects the outermost reductions; true if there is a fold.
    private static boolean collect(Expr e, List<Reduce> windows) {
        if (e instanceof Fold) return true;
        if (e instanceof Reduce reduce) windows.add(reduce);
        boolean hasFold = false;
        for (var part : Visit.parts(e)) hasFold |= collect(part, windows);
        return hasFold;
    }

    /// Whether neighbours read the same elements: a step of the last index is shorter than the
    /// window.
    private static boolean slides(Reduce window, Index last) {
        boolean[] slides = {false};
        Visit.loads(window.body(), (load, _) -> slides[0] |= overlaps(load, window, last));
        return slides[0];
    }

    private static boolean overlaps(Load load, Reduce window, Index last) {
        var place = Strided.of(load.buffer(), load.index());
        if (place == null || !place.stride(last).isFixed()) return false;
        long step = Math.abs(place.stride(last).value());
        if (step == 0) return false;
        for (var index : window.indices()) {
            var stride = place.stride(index);
            if (!stride.isFixed() || stride.value() == 0 || !index.extent().isFixed()) continue;
            long length = Math.abs(stride.value()) * index.extent().value();
            if (step % stride.value() == 0 && step < length) return true;
        }
        return false;
    }

    /// {@return how many neighbours an invocation computes: as many as the device can spare, a
    /// divisor of the last extent if there is one}
    private static int neighbours(Stage stage, int elements) {
        long extent = stage.domain().getLast().extent().value();
        long all =
                new Shape(stage.domain().stream().map(Index::extent).toList())
                        .elements()
                        .valueAt(1);
        int most = (int) Math.min(MOST_NEIGHBOURS, extent);
        while (most > FEWEST_NEIGHBOURS
                && (most * elements > MOST_PRODUCTS || all / most < FEW_INVOCATIONS)) most--;
        if (all / most < FEW_INVOCATIONS || most * elements > MOST_PRODUCTS) return 1;
        for (int count = most; count >= FEWEST_NEIGHBOURS; count--)
            if (extent % count == 0) return count;
        return FEWEST_NEIGHBOURS;
    }

    private Call call(Stage stage, int neighbours, Request request) {
        var kernel = request.kernel(this);
        var builder = new TermBuilder(kernel, MOST_ELEMENTS);
        var last = stage.domain().getLast();
        var tile =
                new Index(
                        last.name(), last.extent().plus(neighbours - 1).floorDividedBy(neighbours));
        var tiles = new ArrayList<>(stage.domain().subList(0, stage.domain().size() - 1));
        tiles.add(tile);
        var total = new Shape(tiles.stream().map(Index::extent).toList()).elements();
        var root = Scope.root();
        var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
        var inside = root.inner();
        Generic.bindDigits(tiles, id, kernel, inside);
        var first = inside.declare("first", Build.multiply(inside.term(tile), neighbours));
        for (int n = 0; n < neighbours; n++) {
            var at = inside.inner();
            var place = Build.add(first, n);
            at.bind(last, place);
            for (var output : stage.outputs())
                builder.store(
                        output.buffer(), stage.domain(), builder.build(output.value(), at), at);
            inside.add(kernel.guarded(place, last.extent(), neighbours, at));
        }
        return kernel.finish(root, id, total, inside, request.declined());
    }
}
