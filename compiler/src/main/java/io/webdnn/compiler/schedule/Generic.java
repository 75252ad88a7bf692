package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layouts;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Computes any stage, element by element: nested loops on JVM and WebAssembly (four elements at
/// once where the innermost axis allows), an invocation per element on WebGPU, per texel on WebGL.
///
/// In loops, a [Let] is computed as far outside as what it depends on allows, and the domain is
/// ordered so that this is far: that makes one kernel of a softmax.
final class Generic implements Template {
    @Override
    public String name() {
        return "Generic";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        return new Result.Accepted(
                switch (request.target()) {
                    case JVM -> List.of(loops(stage, request, null, this));
                    case WEBASSEMBLY ->
                            Region.of(stage).split().stream()
                                    .map(region -> vectors(stage, region, request))
                                    .toList();
                    case WEBGPU -> List.of(perElement(stage, request, this));
                    case WEBGL -> List.of(perTexel(stage, request, this));
                });
    }

    // Loops

    private record Binding(Local local, Expr value) {}

    /// {@return whether values with loops are bound that several elements share}
    static boolean hasRows(Stage stage) {
        var bindings = new ArrayList<Binding>();
        for (var output : stage.outputs()) peel(output.value(), bindings);
        return bindings.stream()
                .anyMatch(
                        b -> hasLoop(b.value) && !Visit.free(b.value).containsAll(stage.domain()));
    }

    private Call vectors(Stage stage, Region region, Request request) {
        boolean isSingle = hasNoLanes(stage, request.layouts());
        var lanes = isSingle ? null : laneIndex(region);
        var interior = lanes != null || isSingle ? null : Interior.of(region);
        if (interior == null) return loops(stage, region, request, lanes, this);
        var kernel = request.kernel(this);
        var root = Scope.root();
        new Nest(stage, region, region.domain(), null, interior, kernel, new TermBuilder(kernel))
                .write(0, List.of(), root);
        return kernel.finish(Grid.none(), root.statements(), request.declined());
    }

    /// {@return the loops over a stage for a template that has chosen the lanes}
    static Call loops(Stage stage, Request request, @Nullable Index lanes, Template template) {
        return loops(stage, Region.of(stage), request, lanes, template);
    }

    private static Call loops(
            Stage stage, Region region, Request request, @Nullable Index lanes, Template template) {
        var kernel = request.kernel(template);
        var bindings = new ArrayList<Binding>();
        var values = new ArrayList<Expr>();
        for (var value : region.values()) values.add(peel(value, bindings));
        var order = order(region, bindings);
        var kept = kept(stage, region, bindings, values, order);
        if (kept != null) {
            kernel.keep(kept.buffer());
            values.set(0, kept.value());
        }
        var nest =
                new Nest(
                        stage,
                        new Region(region.domain(), region.place(), values),
                        order,
                        order.isEmpty() || order.getLast() != lanes ? null : lanes,
                        null,
                        kernel,
                        new TermBuilder(kernel, kept));
        var root = Scope.root();
        nest.write(0, nest.hoist(bindings, root), root);
        return kernel.finish(Grid.none(), root.statements(), request.declined());
    }

    private static @Nullable KeptPart kept(
            Stage stage,
            Region region,
            List<Binding> bindings,
            List<Expr> values,
            List<Index> order) {
        if (order.isEmpty() || !region.place().equals(stage.domain())) return null;
        var bound = bindings.stream().map(Binding::value).toList();
        return KeptPart.of(stage, bound, values.getFirst(), order.getLast());
    }

    private static Expr peel(Expr value, List<Binding> bindings) {
        while (value instanceof Let(var local, var bound, var body)) {
            bindings.add(new Binding(local, peel(bound, bindings)));
            value = body;
        }
        return value;
    }

    /// {@return the domain with the indices first that the bindings with loops depend on}
    private static List<Index> order(Region region, List<Binding> bindings) {
        var outer = new HashSet<Expr>();
        for (var binding : bindings) {
            if (hasLoop(binding.value)) outer.addAll(Visit.free(binding.value));
        }
        var order = new ArrayList<Index>();
        for (var index : region.domain()) if (outer.contains(index)) order.add(index);
        for (var index : region.domain()) if (!outer.contains(index)) order.add(index);
        return order;
    }

    private static boolean hasLoop(Expr e) {
        boolean[] found = {false};
        Visit.all(e, part -> found[0] |= part instanceof Reduce || part instanceof Fold);
        return found[0];
    }

    /// The last index of the domain if four neighbours can be computed at once: they are stored
    /// side by side, and no choice between loads depends on it.
    static @Nullable Index laneIndex(Stage stage, Layouts layouts) {
        return hasNoLanes(stage, layouts) ? null : laneIndex(Region.of(stage));
    }

    private static @Nullable Index laneIndex(Region region) {
        if (region.domain().isEmpty()) return null;
        var last = region.domain().getLast();
        if (last.extent().isFixed() && last.extent().value() < 4) return null;
        return region.values().stream().allMatch(v -> hasLanes(v, last)) ? last : null;
    }

    private static boolean hasNoLanes(Stage stage, Layouts layouts) {
        return stage.outputs().stream().anyMatch(o -> o.buffer().type().dtype() == DType.BOOL)
                || !stage.domain().isEmpty() && hasWide(stage, layouts, stage.domain().getLast());
    }

    /// {@return whether a stage has numbers of 64 bits, which are computed one by one}
    static boolean hasWide(Stage stage, Layouts layouts) {
        return hasWide(stage, layouts, null);
    }

    /// @param index of which numbers must depend to count, unless they are stored; null if all do
    private static boolean hasWide(Stage stage, Layouts layouts, @Nullable Index index) {
        boolean[] found = {false};
        for (var output : stage.outputs()) {
            found[0] |= isWide(output.buffer().type().dtype(), layouts);
            Visit.all(
                    output.value(),
                    part ->
                            found[0] |=
                                    isWide(part.dtype(), layouts)
                                            && (index == null || Visit.free(part).contains(index)));
        }
        return found[0];
    }

    private static boolean isWide(DType dtype, Layouts layouts) {
        var scalar = layouts.scalar(dtype);
        return scalar != null && scalar.isWide();
    }

    /// {@return whether an expression can be computed for four values of an index at once}
    static boolean hasLanes(Expr value, Index index) {
        boolean[] splits = {false};
        Visit.all(
                value,
                part -> {
                    if (part instanceof Select(var condition, var then, var otherwise)
                            && Visit.free(condition).contains(index)
                            && !(Visit.buffers(then).isEmpty()
                                    && Visit.buffers(otherwise).isEmpty())) splits[0] = true;
                    if (part instanceof Fold) splits[0] = true;
                });
        return !splits[0];
    }

    /// The loops over a region, or over what is left of it.
    ///
    /// @param order the indices that are looped over, from outside
    private record Nest(
            Stage stage,
            Region region,
            List<Index> order,
            @Nullable Index lanes,
            @Nullable Interior interior,
            KernelBuilder kernel,
            TermBuilder builder) {
        /// Declares every binding whose indices and locals are there; gives the others.
        List<Binding> hoist(List<Binding> bindings, Scope scope) {
            var later = new ArrayList<Binding>();
            for (var binding : bindings) {
                if (Visit.free(binding.value).stream().allMatch(scope::isBound)) {
                    scope.bind(
                            binding.local,
                            scope.declare(
                                    binding.local.name(), builder.build(binding.value, scope)));
                } else {
                    later.add(binding);
                }
            }
            return later;
        }

        void write(int depth, List<Binding> bindings, Scope scope) {
            if (depth == order.size()) {
                body(scope);
                return;
            }
            var index = order.get(depth);
            var extent = index.extent();
            if (interior != null && index == interior.index()) {
                for (var part : interior.parts()) over(part, interior).write(0, bindings, scope);
                return;
            }
            boolean isWhole = order.size() == region.domain().size();
            var kind = isWhole ? Stmt.For.Kind.PARALLEL : Stmt.For.Kind.SERIAL;
            var variable = new Term.Variable(index.name(), LoopType.INT32);
            if (index == lanes) {
                var wide = scope.withLanes(index, Build.multiply(variable, 4));
                write(depth + 1, hoist(bindings, wide), wide);
                scope.add(
                        new Stmt.For(
                                variable,
                                kernel.size(extent.floorDividedBy(4)),
                                kind,
                                wide.block()));
                var done = extent.floorDividedBy(4).times(4);
                if (extent.equals(done)) return;
                var rest = scope.inner();
                var tail = new Term.Variable(index.name(), LoopType.INT32);
                rest.bind(index, Build.add(tail, kernel.size(done)));
                write(depth + 1, hoist(bindings, rest), rest);
                scope.add(
                        new Stmt.For(
                                tail,
                                kernel.size(extent.minus(done)),
                                Stmt.For.Kind.SERIAL,
                                rest.block()));
            } else {
                var inner = scope.inner();
                inner.bind(index, variable);
                write(depth + 1, hoist(bindings, inner), inner);
                scope.add(new Stmt.For(variable, kernel.size(extent), kind, inner.block()));
            }
        }

        private Nest over(Interior.Part part, Interior interior) {
            var narrow = region.narrowed(interior.index(), part.first(), part.extent());
            var index = narrow.domain().getLast();
            return new Nest(
                    stage,
                    narrow,
                    List.of(index),
                    part.isWide() ? index : null,
                    null,
                    kernel,
                    builder);
        }

        private void body(Scope scope) {
            var terms = new ArrayList<Term>();
            for (var value : region.values()) {
                var term = builder.build(value, scope);
                terms.add(scope.lanes() == null ? term : TermBuilder.wide(term, 4));
            }
            for (int i = 0; i < terms.size(); i++) {
                builder.store(stage.outputs().get(i).buffer(), region.place(), terms.get(i), scope);
            }
        }
    }

    // Grids

    /// {@return the call with an invocation for each element}
    static Call perElement(Stage stage, Request request, Template template) {
        var kernel = request.kernel(template);
        var builder = new TermBuilder(kernel);
        var root = Scope.root();
        var total = new Shape(stage.domain().stream().map(Index::extent).toList()).elements();
        var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
        var inside = root.inner();
        bindDigits(stage.domain(), id, kernel, inside);
        var terms = new ArrayList<Term>();
        for (var output : stage.outputs()) terms.add(builder.stored(output, inside));
        for (int i = 0; i < terms.size(); i++) {
            inside.add(
                    new Stmt.Store(
                            kernel.write(stage.outputs().get(i).buffer()), id, terms.get(i)));
        }
        return kernel.finish(root, id, total, inside, request.declined());
    }

    /// Binds indices to the digits of a row-major number, and declares each.
    static void bindDigits(List<Index> indices, Term number, KernelBuilder kernel, Scope scope) {
        Term rest = number;
        for (int d = indices.size() - 1; d >= 0; d--) {
            var extent = kernel.size(indices.get(d).extent());
            if (indices.get(d).extent().is(1)) {
                scope.bind(indices.get(d), Build.constant(0));
            } else if (d == 0) {
                scope.bind(indices.get(d), rest);
            } else {
                scope.bind(
                        indices.get(d),
                        scope.declare(indices.get(d).name(), Build.remainder(rest, extent)));
                rest = scope.declare("rest", Build.divide(rest, extent));
            }
        }
    }

    static Call perTexel(Stage stage, Request request, Template template) {
        var kernel = request.kernel(template);
        var builder = new TermBuilder(kernel);
        var scope = Scope.root();
        var layout = kernel.layout(stage.outputs().getFirst().buffer());
        var units = Stage.indices("u", layout.units().dimensions());
        var id = scope.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
        bindDigits(units, id, kernel, scope);
        for (int d = 0; d < units.size(); d++) {
            if (d != layout.lane()) scope.bind(stage.domain().get(d), scope.term(units.get(d)));
        }
        var inside = scope;
        Term isInside = null;
        if (layout.lane() >= 0) {
            var index = stage.domain().get(layout.lane());
            var first =
                    scope.declare("first", Build.multiply(scope.term(units.get(layout.lane())), 4));
            inside = scope.withLanes(index, first);
            if (!(index.extent().isFixed() && index.extent().value() % 4 == 0)) {
                isInside =
                        Build.less(
                                builder.build(index, inside),
                                new Term.Splat(kernel.size(index.extent())));
            }
        }
        var terms = new ArrayList<Term>();
        for (var output : stage.outputs()) {
            var term = TermBuilder.wide(builder.stored(output, inside), 4);
            if (isInside != null)
                term = new Term.Choose(isInside, term, Build.constant(term.type(), 0));
            terms.add(term);
        }
        if (inside != scope) inside.statements().forEach(scope::add);
        for (int i = 0; i < terms.size(); i++) {
            scope.add(
                    new Stmt.Store(
                            kernel.write(stage.outputs().get(i).buffer()), id, terms.get(i)));
        }
        return kernel.finish(
                Grid.linear(layout.units().elements(), 1), scope.statements(), request.declined());
    }
}
