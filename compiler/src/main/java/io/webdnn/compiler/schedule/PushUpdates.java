package io.webdnn.compiler.schedule;

import io.webdnn.compiler.CompileException;
import io.webdnn.compiler.Target;
import io.webdnn.compiler.layout.Layouts;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// A push as it stands: the initial values, then the updates in their order. This is how loops make
/// every push, and others those whose updates read what was pushed before.
///
/// Others have an invocation for each *row*: leading axes are rows where every update reads only
/// the row that it is aimed at, so that each invocation can go through all updates and make those
/// of its row. On WebGPU it makes them in the buffer. A fragment writes its own texel only: it
/// keeps its whole row in an array, and stores one texel of it, so that every texel of a row costs
/// the same again; hence rows of at most [#MOST] elements.
final class PushUpdates {
    /// What a fragment keeps at most: a quarter of what Direct3D 11 has room for.
    private static final long MOST = 1024;

    private final Push push;
    private final Target target;
    private final String origin;
    private final KernelBuilder kernel;
    private final TermBuilder builder;
    private final List<Index> rows;
    private final List<Index> inRow;

    private PushUpdates(Push push, Target target, Layouts layouts, String origin) {
        this.push = push;
        this.target = target;
        this.origin = origin;
        kernel = new KernelBuilder(target, layouts, origin, "Push");
        builder = new TermBuilder(kernel);
        int leading = target.isLoops() ? 0 : leading(push);
        rows = push.domain().subList(0, leading);
        inRow = push.domain().subList(leading, push.domain().size());
    }

    /// {@return the call that pushes}
    ///
    /// @throws CompileException where a fragment cannot keep a row
    static Call of(Push push, Target target, Layouts layouts, String origin) {
        var updates = new PushUpdates(push, target, layouts, origin);
        if (target.isLoops()) return updates.inOneGo();
        return target.isTexels() ? updates.perTexel() : updates.perRow();
    }

    /// {@return how many leading axes are rows}
    private static int leading(Push push) {
        var parts = new ArrayList<>(push.target());
        parts.add(push.condition());
        parts.add(push.value());
        int[] leading = {push.domain().size() - 1};
        for (var part : parts)
            Visit.loads(
                    part,
                    (load, _) -> {
                        if (load.buffer() != push.output()) return;
                        for (int d = 0; d < leading[0]; d++)
                            if (!load.index().get(d).equals(push.target().get(d))) leading[0] = d;
                    });
        return Math.max(0, leading[0]);
    }

    private Call inOneGo() {
        var root = Scope.root();
        pushToBuffer(root);
        return kernel.finish(Grid.none(), root.statements(), List.of());
    }

    private Call perRow() {
        kernel.exchange(push.output());
        var root = Scope.root();
        var total = new Shape(rows.stream().map(Index::extent).toList()).elements();
        var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
        var row = root.inner();
        Generic.bindDigits(rows, id, kernel, row);
        pushToBuffer(row);
        root.add(new Stmt.If(Build.less(id, kernel.size(total)), row.block(), Stmt.Block.of()));
        // no neighbours in a workgroup: an update is one row's, and the others would wait for it
        return kernel.finish(Grid.linear(total, 1), root.statements(), List.of());
    }

    private void pushToBuffer(Scope scope) {
        var start = builder.loops(inRow, scope);
        var each = start.innermost();
        builder.store(push.output(), push.domain(), builder.build(push.initial(), each), each);
        start.close(scope);
        var output = kernel.write(push.output());
        var layout = kernel.layout(push.output());
        update(
                scope,
                hit -> builder.offset(layout.offset(push.target()), hit),
                at -> new Term.Load(output, at, 1),
                (at, value) -> new Stmt.Store(output, at, value));
    }

    private Call perTexel() {
        var layout = kernel.layout(push.output());
        int last = push.domain().size() - 1;
        var extent = new Shape(inRow.stream().map(Index::extent).toList()).elements();
        if (inRow.size() != 1
                || layout.lane() != last
                || !extent.isFixed()
                || extent.value() > MOST)
            throw new CompileException(
                    origin,
                    target,
                    "expected elements that can be computed at once, or in rows of at most "
                            + MOST
                            + ", got some that depend on those before, in rows of "
                            + extent);
        int size = Math.toIntExact(extent.value());
        var row = kernel.hold(push.output(), size);
        var root = Scope.root();
        var units = Stage.indices("u", layout.units().dimensions());
        var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
        Generic.bindDigits(units, id, kernel, root);
        for (int d = 0; d < last; d++) root.bind(rows.get(d), root.term(units.get(d)));
        var start = builder.loops(inRow, root);
        var each = start.innermost();
        var initial = builder.build(push.initial(), each);
        var dtype = push.output().type().dtype();
        each.add(
                new Stmt.LocalStore(
                        row, each.term(inRow.getFirst()), builder.stored(initial, dtype, each)));
        start.close(root);
        update(
                root,
                hit -> builder.build(push.target().get(last), hit),
                at -> new Term.LocalLoad(row, at),
                (at, value) -> new Stmt.LocalStore(row, at, value));
        var first = root.declare("first", Build.multiply(root.term(units.get(last)), 4));
        var lanes = new ArrayList<Term>();
        for (int k = 0; k < 4; k++) {
            var at = Build.add(first, k);
            var inside = new Term.Combine(Binary.Operator.MIN, at, Build.constant(size - 1));
            lanes.add(
                    new Term.Choose(
                            Build.less(at, Build.constant(size)),
                            new Term.LocalLoad(row, inside),
                            Build.constant(row.type(), 0)));
        }
        root.add(new Stmt.Store(kernel.write(push.output()), id, new Term.Vector(lanes)));
        var grid = Grid.linear(layout.units().elements(), 1);
        return kernel.finish(grid, root.statements(), List.of());
    }

    /// Adds the loops over the updates.
    ///
    /// @param place where an update is aimed at
    /// @param load what stands at a place
    /// @param store puts a value there
    private void update(
            Scope scope,
            Function<Scope, Term> place,
            UnaryOperator<Term> load,
            BiFunction<Term, Term, Stmt> store) {
        var loops = builder.loops(push.updates(), scope);
        var each = loops.innermost();
        Expr isHit = push.condition();
        for (int d = rows.size(); d < push.domain().size(); d++)
            isHit = isHit.and(push.target().get(d).isWithin(push.domain().get(d).extent()));
        var mine = rows.isEmpty() ? each : each.inner();
        var hit = mine.inner();
        var at = hit.declare("at", place.apply(hit));
        var dtype = push.output().type().dtype();
        var value = builder.stored(builder.build(push.value(), hit), dtype, hit);
        var combined = combined(load.apply(at), value);
        kernel.expectNoOverflow(push);
        hit.add(store.apply(at, builder.stored(Narrow.wrapped(combined, dtype), dtype, hit)));
        mine.add(new Stmt.If(builder.build(isHit, mine), hit.block(), Stmt.Block.of()));
        if (mine != each) {
            Expr isMine = Literal.of(true);
            for (int d = 0; d < rows.size(); d++)
                isMine = isMine.and(push.target().get(d).isEqualTo(rows.get(d)));
            each.add(new Stmt.If(builder.build(isMine, each), mine.block(), Stmt.Block.of()));
        }
        loops.close(scope);
    }

    private Term combined(Term before, Term value) {
        return switch (push.combine()) {
            case REPLACE -> value;
            case ADD -> new Term.Combine(Binary.Operator.ADD, before, value);
            case MULTIPLY -> new Term.Combine(Binary.Operator.MULTIPLY, before, value);
            case MIN -> new Term.Combine(Binary.Operator.MIN, before, value);
            case MAX -> new Term.Combine(Binary.Operator.MAX, before, value);
        };
    }
}
