package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A contraction with known filters of 3 × 3 taps that slide over two axes one step at a time, with
/// a quarter of the multiplications ([Winograd]): the output falls into tiles of 4 × 4, and with
/// `f` a filter, `c` a channel and `t` a tile
///
/// 1. once, `U[p, f, c] = G g Gᵀ` at the 36 points `p`, packed as the sum reads it;
/// 2. the input is written out with its padding, channels last;
/// 3. `V[p, t, c] = Bᵀ d B` of the 6 × 6 elements that a tile reads;
/// 4. `M[p, t, f] = Σ_c V[p, t, c] · U[p, f, c]`, a contraction like any other;
/// 5. `Aᵀ M A`, and the epilogue on it.
///
/// Four channels or filters are transformed at once. Where an axis is no multiple of four, the last
/// tile overlaps the one before, so that none is cut off.
final class WinogradContraction implements Template {
    private static final int LANES = 4;
    private static final int SQUARE = Winograd.POINTS * Winograd.POINTS;

    /// Fewer channels or filters do not pay for the transformations.
    private static final long FEWEST_CHANNELS = 16;

    /// Fewer tiles do not pay for the larger filters.
    private static final long FEWEST_TILES = 4;

    @Override
    public String name() {
        return "Winograd";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        var match = ContractionForm.match(stage);
        if (match.form() == null) return new Result.Declined(match.reason());
        var form = match.form();
        if (form.sum().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        if (Generic.hasWide(stage, request.layouts()))
            return new Result.Declined("numbers of 64 bits");
        if (ContractionForm.isConstant(form.a())) form = form.swapped();
        if (!ContractionForm.isConstant(form.b()) || ContractionForm.isConstant(form.a()))
            return new Result.Declined("no known filters");
        if (!form.batch().isEmpty() || form.n().size() != 1 || form.k().size() != 3)
            return new Result.Declined("no channels, filters and two axes of taps");
        var first = slide(form.a(), form);
        var second = first == null ? null : slide(first.moved, form);
        if (first == null || second == null || first.tap == second.tap)
            return new Result.Declined("no 3 × 3 taps that slide one step at a time");
        var channel =
                form.k().stream()
                        .filter(k -> k != first.tap && k != second.tap)
                        .findFirst()
                        .orElseThrow();
        var filter = form.n().getFirst();
        if (!isMultiple(channel, LANES) || !isMultiple(filter, 2 * LANES))
            return new Result.Declined("few channels or filters, or no whole vectors of them");
        if (first.tiles() * second.tiles() < FEWEST_TILES) return new Result.Declined("few tiles");
        var output = stage.outputs().getFirst().buffer();
        var offset = Linear.of(request.layouts().of(output).offset(form.output()));
        boolean isTransposed = offset.coefficient(first.axis) == 1;
        var rows = isTransposed ? second : first;
        var columns = isTransposed ? first : second;
        Index lanes =
                offset.coefficient(columns.axis) == 1
                        ? columns.axis
                        : offset.coefficient(filter) == 1 ? filter : null;
        if (lanes == null || !Generic.hasLanes(form.epilogue(), lanes))
            return new Result.Declined("no neighbours in the output");
        return new Result.Accepted(
                new Writer(form, second.moved, channel, rows, columns, lanes, request, this)
                        .calls());
    }

    private static boolean isMultiple(Index index, int factor) {
        return index.extent().isFixed()
                && index.extent().value() >= FEWEST_CHANNELS
                && index.extent().value() % factor == 0;
    }

    /// Taps that slide along an axis.
    ///
    /// @param tap the index of the taps
    /// @param axis the index of the output
    /// @param over axis + tap
    /// @param moved the factor in terms of `over`
    private record Slide(Index tap, Index axis, Index over, Expr moved) {
        long tiles() {
            return (axis.extent().value() + Winograd.OUTPUTS - 1) / Winograd.OUTPUTS;
        }

        /// {@return the index of the first output of a tile}
        Index first() {
            return new Index(
                    axis.name() + "0", Dimension.of(axis.extent().value() - Winograd.OUTPUTS + 1));
        }

        /// {@return the first output of a tile: the last tile ends with the axis}
        Expr first(Expr tile) {
            return tile.times(Winograd.OUTPUTS)
                    .min(Expr.of(axis.extent().value() - Winograd.OUTPUTS));
        }
    }

    /// {@return taps of which a factor knows only `axis + tap`, or null}
    private static @Nullable Slide slide(Expr factor, ContractionForm form) {
        for (var tap : form.k()) {
            if (!tap.extent().is(Winograd.TAPS) || !Visit.free(factor).contains(tap)) continue;
            for (var axis : form.m()) {
                if (!axis.extent().isFixed() || axis.extent().value() < Winograd.OUTPUTS) continue;
                var over = new Index(axis.name(), axis.extent().plus(Winograd.TAPS - 1));
                var moved = Substitution.ofIndices(factor, List.of(axis), List.of(over.minus(tap)));
                if (!Visit.free(moved).contains(tap)) return new Slide(tap, axis, over, moved);
            }
        }
        return null;
    }

    /// Writes the five steps.
    private static final class Writer {
        private final ContractionForm form;
        private final Expr input;
        private final Index channel;
        private final Index filter;
        private final Slide rows;
        private final Slide columns;
        private final Index lanes;
        private final Request request;
        private final Template template;
        private final String name;
        private final List<Index> others;
        private final Dimension tiles;
        private final List<Call> calls = new ArrayList<>();

        Writer(
                ContractionForm form,
                Expr input,
                Index channel,
                Slide rows,
                Slide columns,
                Index lanes,
                Request request,
                Template template) {
            this.form = form;
            this.input = input;
            this.channel = channel;
            this.rows = rows;
            this.columns = columns;
            this.lanes = lanes;
            this.request = request;
            this.template = template;
            filter = form.n().getFirst();
            name = form.stage().outputs().getFirst().buffer().name();
            others = form.m().stream().filter(i -> i != rows.axis && i != columns.axis).toList();
            tiles =
                    new Shape(others.stream().map(Index::extent).toList())
                            .elements()
                            .times(Dimension.of(rows.tiles() * columns.tiles()));
        }

        List<Call> calls() {
            var filters = filters();
            var padded = padded();
            var inputs = inputs(padded);
            outputs(products(inputs, filters));
            return calls;
        }

        private static Buffer buffer(String name, Dimension... extents) {
            return Buffer.of(name, new TensorType(DType.FLOAT32, new Shape(List.of(extents))));
        }

        private static Dimension of(long extent) {
            return Dimension.of(extent);
        }

        /// `U[p, f / 8, c, f mod 8]`.
        private Buffer filters() {
            int panel = LoopContraction.PANEL;
            var panels = new Index("panel", filter.extent().floorDividedBy(panel));
            var within = new Index("f", of(panel));
            var filters =
                    buffer(
                            name + " filters",
                            of(SQUARE),
                            panels.extent(),
                            channel.extent(),
                            of(panel));
            var kernel = new Loops(request.kernel(template));
            kernel.loop(
                    kernel.root,
                    panels,
                    Stmt.For.Kind.PARALLEL,
                    outer ->
                            kernel.loop(
                                    outer,
                                    channel,
                                    Stmt.For.Kind.PARALLEL,
                                    inner ->
                                            kernel.vectors(
                                                    inner,
                                                    within,
                                                    of(panel),
                                                    Build.constant(0),
                                                    at -> {
                                                        var lines = new ArrayList<List<Term>>();
                                                        for (int s = 0; s < Winograd.TAPS; s++) {
                                                            var taps = new ArrayList<Term>();
                                                            for (int r = 0;
                                                                    r < Winograd.TAPS;
                                                                    r++) {
                                                                var number =
                                                                        panels.times(panel)
                                                                                .plus(within);
                                                                var tap =
                                                                        Substitution.ofIndices(
                                                                                form.b(),
                                                                                List.of(
                                                                                        filter,
                                                                                        rows.tap,
                                                                                        columns.tap),
                                                                                List.of(
                                                                                        number,
                                                                                        Expr.of(r),
                                                                                        Expr.of(
                                                                                                s)));
                                                                taps.add(
                                                                        kernel.value("g", tap, at));
                                                            }
                                                            lines.add(new Winograd(at).taps(taps));
                                                        }
                                                        for (int p = 0; p < Winograd.POINTS; p++) {
                                                            var points =
                                                                    new Winograd(at)
                                                                            .taps(across(lines, p));
                                                            for (int q = 0;
                                                                    q < Winograd.POINTS;
                                                                    q++)
                                                                kernel.builder.store(
                                                                        filters,
                                                                        List.of(
                                                                                point(p, q),
                                                                                panels,
                                                                                channel,
                                                                                within),
                                                                        points.get(q),
                                                                        at);
                                                        }
                                                    })));
            calls.add(kernel.finish());
            return filters;
        }

        private static Expr point(int p, int q) {
            return Expr.of(p * Winograd.POINTS + q);
        }

        private static List<Term> across(List<List<Term>> lines, int i) {
            return lines.stream().map(line -> line.get(i)).toList();
        }

        /// The input over all that tiles read of it, channels last.
        private Buffer padded() {
            var from = new ArrayList<>(others);
            from.addAll(List.of(rows.over, columns.over, channel));
            var extents = from.stream().map(Index::extent).toArray(Dimension[]::new);
            var padded = buffer(name + " padded", extents);
            accept(new Generic(), Stage.each(padded, o -> Substitution.ofIndices(input, from, o)));
            return padded;
        }

        private void accept(Template other, Stage stage) {
            switch (other.apply(stage, request)) {
                case Result.Accepted(var made) -> calls.addAll(made);
                case Result.Declined(var reason) ->
                        throw new IllegalStateException(
                                "Winograd: " + other.name() + ": " + reason);
            }
        }

        /// `V[p, t, c]`.
        private Buffer inputs(Buffer padded) {
            var inputs = buffer(name + " tiles", of(SQUARE), tiles, channel.extent());
            var kernel = new Loops(request.kernel(template));
            var number = new Index("t", tiles);
            kernel.loop(
                    kernel.root,
                    number,
                    Stmt.For.Kind.PARALLEL,
                    outer -> {
                        var tile = tile(number, kernel.builder, outer);
                        kernel.vectors(
                                outer,
                                channel,
                                channel.extent(),
                                Build.constant(0),
                                at -> {
                                    var lines = new ArrayList<List<Term>>();
                                    for (int j = 0; j < Winograd.POINTS; j++) {
                                        var line = new ArrayList<Term>();
                                        for (int i = 0; i < Winograd.POINTS; i++) {
                                            var index = new ArrayList<Expr>(others);
                                            index.addAll(
                                                    List.of(
                                                            tile.row.plus(i),
                                                            tile.column.plus(j),
                                                            channel));
                                            line.add(
                                                    kernel.value("x", new Load(padded, index), at));
                                        }
                                        lines.add(new Winograd(at).inputs(line));
                                    }
                                    for (int p = 0; p < Winograd.POINTS; p++) {
                                        var points = new Winograd(at).inputs(across(lines, p));
                                        for (int q = 0; q < Winograd.POINTS; q++)
                                            kernel.builder.store(
                                                    inputs,
                                                    List.of(point(p, q), number, channel),
                                                    points.get(q),
                                                    at);
                                    }
                                });
                    });
            calls.add(kernel.finish());
            return inputs;
        }

        /// `M[p, t, f]`.
        private Buffer products(Buffer inputs, Buffer filters) {
            int panel = LoopContraction.PANEL;
            var products = buffer(name + " products", of(SQUARE), tiles, filter.extent());
            accept(
                    new LoopContraction(),
                    Stage.each(
                            products,
                            o -> {
                                var c = new Index("c", channel.extent());
                                var f = o.get(2);
                                var left = new Load(inputs, List.of(o.get(0), o.get(1), c));
                                var right =
                                        new Load(
                                                filters,
                                                List.of(
                                                        o.get(0),
                                                        f.floorDividedBy(panel),
                                                        c,
                                                        f.floorModulo(panel)));
                                return Expr.sum(List.of(c), left.times(right));
                            }));
            return products;
        }

        /// The output: lanes are filters until the sums of a tile are there, then, if that is where
        /// neighbours lie, columns.
        private void outputs(Buffer products) {
            var kernel = new Loops(request.kernel(template));
            int size = LoopContraction.PANEL;
            var block = new Index("block", filter.extent().floorDividedBy(size));
            var number = new Index("t", tiles);
            // tiles overlap: no two threads may write at one place
            kernel.loop(
                    kernel.root,
                    block,
                    Stmt.For.Kind.PARALLEL,
                    blocks ->
                            kernel.loop(
                                    blocks,
                                    number,
                                    Stmt.For.Kind.SERIAL,
                                    outer -> {
                                        var tile = tile(number, kernel.builder, outer);
                                        var first = Build.multiply(outer.term(block), size);
                                        kernel.vectors(
                                                outer,
                                                filter,
                                                of(size),
                                                first,
                                                at -> {
                                                    var lines = new ArrayList<List<Term>>();
                                                    for (int q = 0; q < Winograd.POINTS; q++) {
                                                        var line = new ArrayList<Term>();
                                                        for (int p = 0; p < Winograd.POINTS; p++)
                                                            line.add(
                                                                    kernel.value(
                                                                            "m",
                                                                            new Load(
                                                                                    products,
                                                                                    List.of(
                                                                                            point(
                                                                                                    p,
                                                                                                    q),
                                                                                            number,
                                                                                            filter)),
                                                                            at));
                                                        lines.add(new Winograd(at).outputs(line));
                                                    }
                                                    for (int i = 0; i < Winograd.OUTPUTS; i++) {
                                                        var sums =
                                                                new Winograd(at)
                                                                        .outputs(across(lines, i));
                                                        var row = Build.add(at.term(tile.row), i);
                                                        if (lanes == filter)
                                                            storeFilters(
                                                                    kernel, sums, row, tile, at);
                                                        else
                                                            storeColumns(
                                                                    kernel, sums, row, tile, at);
                                                    }
                                                });
                                    }));
            calls.add(kernel.finish());
        }

        private void storeFilters(Loops kernel, List<Term> sums, Term row, Tile tile, Scope at) {
            for (int j = 0; j < Winograd.OUTPUTS; j++) {
                var one = at.inner();
                one.bind(rows.axis, row);
                one.bind(columns.axis, Build.add(at.term(tile.column), j));
                store(kernel, sums.get(j), one, at);
            }
        }

        private void storeColumns(Loops kernel, List<Term> sums, Term row, Tile tile, Scope at) {
            var columnSums = transposed(sums, at);
            for (int l = 0; l < LANES; l++) {
                var one = at.withoutLanes(Build.add(at.term(filter), l));
                one.bind(rows.axis, row);
                store(
                        kernel,
                        columnSums.get(l),
                        one.withLanes(columns.axis, at.term(tile.column)),
                        at);
            }
        }

        private void store(Loops kernel, Term sum, Scope one, Scope at) {
            one.bind(form.sum(), sum);
            var value = TermBuilder.wide(kernel.builder.build(form.epilogue(), one), LANES);
            var output = form.stage().outputs().getFirst().buffer();
            kernel.builder.store(output, form.output(), value, one);
            at.add(one.block());
        }

        /// Lane i of vector j becomes lane j of vector i.
        private static List<Term> transposed(List<Term> rows, Scope scope) {
            var pairs = new ArrayList<Term>(); // (a0 b0 a1 b1), (a2 b2 a3 b3), (c0 d0 …
            for (int r = 0; r < LANES; r += 2)
                for (int l = 0; l < LANES; l += 2)
                    pairs.add(
                            scope.declare(
                                    "pair",
                                    vector(
                                            rows.get(r),
                                            l,
                                            rows.get(r + 1),
                                            l,
                                            rows.get(r),
                                            l + 1,
                                            rows.get(r + 1),
                                            l + 1)));
            var columns = new ArrayList<Term>();
            for (int l = 0; l < LANES; l++) {
                var upper = pairs.get(l / 2);
                var lower = pairs.get(2 + l / 2);
                int at = l % 2 * 2;
                columns.add(
                        scope.declare(
                                "column",
                                vector(upper, at, upper, at + 1, lower, at, lower, at + 1)));
            }
            return columns;
        }

        private static Term vector(Term a, int i, Term b, int j, Term c, int k, Term d, int l) {
            return new Term.Vector(List.of(lane(a, i), lane(b, j), lane(c, k), lane(d, l)));
        }

        private static Term lane(Term vector, int lane) {
            return new Term.Lane(vector, Build.constant(lane));
        }

        /// Where a tile begins.
        private record Tile(Index row, Index column) {}

        /// Binds the indices that the number of a tile gives.
        private Tile tile(Index number, TermBuilder builder, Scope scope) {
            var digits = new ArrayList<>(others);
            digits.add(new Index("ty", of(rows.tiles())));
            digits.add(new Index("tx", of(columns.tiles())));
            var values = ContractionForm.digits(number, digits);
            int last = others.size();
            for (int d = 0; d < last; d++) declare(others.get(d), values.get(d), builder, scope);
            var tile = new Tile(rows.first(), columns.first());
            declare(tile.row, rows.first(values.get(last)), builder, scope);
            declare(tile.column, columns.first(values.get(last + 1)), builder, scope);
            return tile;
        }

        private static void declare(Index index, Expr value, TermBuilder builder, Scope scope) {
            scope.bind(index, scope.declare(index.name(), builder.build(value, scope)));
        }

        /// The loops of a kernel that is being written.
        private final class Loops {
            private final KernelBuilder kernel;
            private final TermBuilder builder;
            private final Scope root = Scope.root();

            Loops(KernelBuilder kernel) {
                this.kernel = kernel;
                builder = new TermBuilder(kernel);
            }

            void loop(Scope outer, Index index, Stmt.For.Kind kind, Consumer<Scope> body) {
                var variable = new Term.Variable(index.name(), LoopType.INT32);
                var inner = outer.inner();
                inner.bind(index, variable);
                body.accept(inner);
                outer.add(new Stmt.For(variable, kernel.size(index.extent()), kind, inner.block()));
            }

            /// Four values of an index at once.
            void vectors(
                    Scope outer, Index index, Dimension extent, Term first, Consumer<Scope> body) {
                var vector = new Index("v", extent.floorDividedBy(LANES));
                loop(
                        outer,
                        vector,
                        Stmt.For.Kind.SERIAL,
                        inner -> {
                            var at =
                                    inner.declare(
                                            "first",
                                            Build.add(
                                                    first,
                                                    Build.multiply(inner.term(vector), LANES)));
                            var wide = inner.withLanes(index, at);
                            body.accept(wide);
                            inner.add(wide.block());
                        });
            }

            Term value(String label, Expr e, Scope scope) {
                return scope.declare(label, TermBuilder.wide(builder.build(e, scope), LANES));
            }

            Call finish() {
                return kernel.finish(Grid.none(), root.statements(), request.declined());
            }
        }
    }
}
