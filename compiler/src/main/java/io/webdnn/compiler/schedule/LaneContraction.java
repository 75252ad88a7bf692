package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction of which one operand has no index of its own (a depthwise convolution): neighbours
/// in the last axis of the output are computed side by side, and each element of that operand is
/// spread over the lanes.
///
/// There is nothing to pack, since no element of the other operand is read by more than the window
/// that slides over it. As a part of [LoopContraction] it takes what that has no tile for.
final class LaneContraction {
    private static final int LANES = 4;

    /// Vectors of neighbours, each with an accumulator: the additions to one must not wait for each
    /// other.
    private static final int VECTORS = 4;

    /// Windows of so many elements are written out.
    private static final int UNROLLED = 25;

    private final ContractionForm form;
    private final KernelBuilder kernel;
    private final TermBuilder builder;
    private final Index lane;
    private final Expr window;

    private LaneContraction(ContractionForm form, Index lane, Expr window, KernelBuilder kernel) {
        this.form = form;
        this.lane = lane;
        this.window = window;
        this.kernel = kernel;
        builder = new TermBuilder(kernel);
    }

    /// {@return the index of the last axis of the output, if four of its values lie side by side
    /// there and the right operand does not depend on it; else null}
    static @Nullable Index lane(ContractionForm form) {
        if (!form.n().isEmpty() || form.output().isEmpty()) return null;
        return form.output().getLast() instanceof Index index && form.m().contains(index)
                ? index
                : null;
    }

    /// {@return the kernel of a form that has a lane}
    ///
    /// @param window the left operand as a plain load
    static Call call(
            ContractionForm form,
            Index lane,
            Expr window,
            Template.Request request,
            Template template) {
        return new LaneContraction(form, lane, window, request.kernel(template))
                .call(request.declined());
    }

    private Call call(List<String> declined) {
        var outer = new ArrayList<>(form.batch());
        for (var index : form.m()) if (index != lane) outer.add(index);
        var root = Scope.root();
        var loops = builder.loops(outer, root);
        neighbours(loops.innermost());
        loops.close(root, Stmt.For.Kind.PARALLEL);
        return kernel.finish(Grid.none(), root.statements(), declined);
    }

    /// The last axis: as many vectors at once as there are, then one vector, then one element.
    private void neighbours(Scope scope) {
        var done = Dimension.of(0);
        for (int vectors : new int[] {VECTORS, 1, 0}) {
            int width = Math.max(1, vectors * LANES);
            var count = lane.extent().minus(done).floorDividedBy(width);
            if (count.is(0)) continue;
            var variable = new Term.Variable(lane.name(), LoopType.INT32);
            var inner = scope.inner();
            var first =
                    inner.declare(
                            "first", Build.add(Build.multiply(variable, width), kernel.size(done)));
            tile(inner, first, vectors);
            scope.add(
                    new Stmt.For(
                            variable, kernel.size(count), Stmt.For.Kind.SERIAL, inner.block()));
            done = done.plus(count.times(width));
        }
    }

    /// @param vectors how many, or 0 for a single element
    private void tile(Scope scope, Term first, int vectors) {
        var type = vectors == 0 ? LoopType.FLOAT32 : LoopType.FLOAT32X4;
        var accumulators = new ArrayList<Term.Variable>();
        for (int v = 0; v < Math.max(1, vectors); v++) {
            accumulators.add(scope.declare("acc", Build.constant(type, 0)));
        }
        sum(scope, first, vectors, accumulators);
        for (int v = 0; v < accumulators.size(); v++) {
            var at = at(scope, first, v, vectors);
            at.bind(form.sum(), accumulators.get(v));
            var value = TermBuilder.wide(builder.build(form.epilogue(), at), type.lanes());
            builder.store(form.stage().outputs().getFirst().buffer(), form.output(), value, at);
            scope.add(at.block());
        }
    }

    private Scope at(Scope scope, Term first, int vector, int vectors) {
        if (vectors > 0) return scope.withLanes(lane, Build.add(first, (long) vector * LANES));
        var single = scope.inner();
        single.bind(lane, first);
        return single;
    }

    private void sum(Scope scope, Term first, int vectors, List<Term.Variable> accumulators) {
        var loops = builder.loops(form.k(), scope);
        var step = loops.innermost();
        int lanes = accumulators.getFirst().type().lanes();
        var spread = TermBuilder.wide(builder.build(form.b(), step), lanes);
        if (vectors > 0) spread = step.declare("b", spread); // each vector reads it
        for (int v = 0; v < accumulators.size(); v++) {
            var accumulator = accumulators.get(v);
            var at = at(step, first, v, vectors);
            var value = TermBuilder.wide(builder.build(window, at), lanes);
            at.add(new Stmt.Assign(accumulator, new Term.MultiplyAdd(value, spread, accumulator)));
            step.add(at.block());
        }
        loops.close(scope, isWrittenOut() ? Stmt.For.Kind.UNROLLED : Stmt.For.Kind.SERIAL);
    }

    private boolean isWrittenOut() {
        var steps = new Shape(form.k().stream().map(Index::extent).toList()).elements();
        return steps.isFixed() && steps.value() <= UNROLLED;
    }
}
