package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Load;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The loops of one contraction around its register tile ([LoopContraction]).
///
/// The tile is 6 × 8: twelve accumulators, two columns and a row stay within the sixteen vector
/// registers of x86-64, of which a compiler keeps one for itself, and a processor that starts two
/// multiplications in a cycle and waits four for a result is never idle. Where the last loop over k
/// is written out it is 4 × 8, since compilers then load for several steps at once.
final class ContractionLoops {
    private static final int PANEL = LoopContraction.PANEL;
    private static final int LANES = 4;
    private static final int ROWS = 6;
    private static final int ROWS_WRITTEN_OUT = 4;

    /// Rows of so many elements are as good as longer ones.
    private static final long LONG = 16;

    /// A k loop of so few steps is written out.
    private static final int UNROLLED = 4;

    /// So many elements stay in a second cache (512 KiB and more).
    private static final long CACHED = 100_000;

    private final ContractionForm form;
    private final Load rows;
    private final Load columns;
    private final Index panel;
    private final boolean isInPlace;
    private final List<String> declined;
    private final KernelBuilder kernel;
    private final TermBuilder builder;
    private final Dimension width;
    private final int most;
    private final List<Index> outer;
    private final Index row;

    /// @param rows the left operand, with affine offsets
    /// @param columns the right operand: an element of the first column of a panel
    /// @param panel the index of a panel
    /// @param isInPlace whether columns are where they were computed, and not packed
    ContractionLoops(
            ContractionForm form,
            Load rows,
            Load columns,
            Index panel,
            boolean isInPlace,
            Template.Request request,
            Template template) {
        this.form = form;
        this.rows = rows;
        this.columns = columns;
        this.panel = panel;
        this.isInPlace = isInPlace;
        declined = request.declined();
        width = LoopContraction.extent(form.n());
        most = isWrittenOut(form.k().getLast()) ? ROWS_WRITTEN_OUT : ROWS;
        row = row(form.m(), rows);
        outer = form.m().stream().filter(index -> index != row).toList();
        kernel = request.kernel(template);
        builder = new TermBuilder(kernel);
    }

    private static boolean isWrittenOut(Index index) {
        return index.extent().isFixed() && index.extent().value() <= UNROLLED;
    }

    /// {@return the index whose neighbours lie closest, of those that fill a few tiles: then a
    /// tile's rows share cache lines}
    private static Index row(List<Index> m, Load rows) {
        var offset = LoopContraction.offset(rows);
        return m.stream()
                .filter(index -> LoopContraction.isEven(rows, index))
                .min(
                        Comparator.comparingLong((Index i) -> -Math.min(length(i), LONG))
                                .thenComparingLong(i -> Math.abs(offset.coefficient(i))))
                .orElse(new Index("i", Dimension.of(1)));
    }

    private static long length(Index index) {
        return index.extent().isFixed() ? index.extent().value() : LONG;
    }

    Call call() {
        var root = Scope.root();
        over(form.batch(), root, this::tiles);
        return kernel.finish(Grid.none(), root.statements(), declined);
    }

    /// What is done with some rows, or some columns: where they start, and how many they are.
    private interface Body {
        void write(Scope scope, Term first, int count);
    }

    private void over(List<Index> indices, Scope scope, Consumer<Scope> body) {
        var loops = builder.loops(indices, scope);
        body.accept(loops.innermost());
        loops.close(scope, Stmt.For.Kind.PARALLEL);
    }

    /// All tiles: results that lie side by side one after the other, and what is larger than a
    /// cache from the beginning to the end as seldom as possible.
    private void tiles(Scope scope) {
        boolean rowsFirst =
                !isInPlace
                        && columnsLieSideBySide()
                        && row.extent().isFixed()
                        && width.isFixed()
                        && row.extent().value() > width.value();
        long again = LoopContraction.extent(outer).valueAt(1);
        boolean panelsFirst = traffic(rows, panel.extent().valueAt(1)) <= traffic(columns, again);
        if (rowsFirst)
            over(
                    outer,
                    scope,
                    at ->
                            rows(
                                    at,
                                    (inRows, first, height) ->
                                            panels(
                                                    inRows,
                                                    (in, atPanel, count) ->
                                                            tile(
                                                                    in, atPanel, count, first,
                                                                    height))));
        else if (panelsFirst)
            panels(
                    scope,
                    (inPanel, atPanel, count) ->
                            over(
                                    outer,
                                    inPanel,
                                    at ->
                                            rows(
                                                    at,
                                                    (in, first, height) ->
                                                            tile(
                                                                    in, atPanel, count, first,
                                                                    height))));
        else
            over(
                    outer,
                    scope,
                    at ->
                            panels(
                                    at,
                                    (inPanel, atPanel, count) ->
                                            rows(
                                                    inPanel,
                                                    (in, first, height) ->
                                                            tile(
                                                                    in, atPanel, count, first,
                                                                    height))));
    }

    /// {@return how many elements are fetched from beyond the second cache if an operand is read so
    /// often}
    private static long traffic(Load operand, long times) {
        long elements = operand.buffer().type().shape().elements().valueAt(1);
        return elements <= CACHED ? 0 : times * elements;
    }

    /// The panels; what is left of the last one has a body of its own. A count of -1 is one that is
    /// not known.
    private void panels(Scope scope, Body body) {
        var whole = width.floorDividedBy(PANEL);
        if (!whole.is(0)) {
            var inner = scope.inner();
            var variable = new Term.Variable("panel", LoopType.INT32);
            body.write(inner, variable, PANEL);
            scope.add(
                    new Stmt.For(
                            variable, kernel.size(whole), Stmt.For.Kind.PARALLEL, inner.block()));
        }
        var rest = width.minus(whole.times(PANEL));
        if (rest.is(0)) return;
        var last = scope.inner();
        if (rest.isFixed()) {
            body.write(last, kernel.size(whole), (int) rest.value());
            scope.add(last.block());
        } else {
            body.write(last, kernel.size(whole), -1);
            scope.add(
                    new Stmt.If(
                            Build.less(Build.constant(0), kernel.size(rest)),
                            last.block(),
                            Stmt.Block.of()));
        }
    }

    /// The rows in tiles of equal height, or of one less towards the end.
    private void rows(Scope scope, Body body) {
        if (!row.extent().isFixed()) {
            var whole = row.extent().floorDividedBy(most);
            rows(scope, Dimension.of(0), whole, most, body);
            rows(scope, whole.times(most), row.extent().minus(whole.times(most)), 1, body);
            return;
        }
        long extent = row.extent().value();
        long count = Math.ceilDiv(extent, most);
        int height = (int) Math.ceilDiv(extent, count);
        long high = extent - count * (height - 1);
        rows(scope, Dimension.of(0), Dimension.of(high), height, body);
        rows(scope, Dimension.of(high * height), Dimension.of(count - high), height - 1, body);
    }

    private void rows(Scope scope, Dimension first, Dimension count, int height, Body body) {
        if (count.is(0)) return;
        var inner = scope.inner();
        var variable = new Term.Variable("tile", LoopType.INT32);
        var at = Build.add(Build.multiply(variable, height), kernel.size(first));
        body.write(inner, at, height);
        scope.add(
                new Stmt.For(variable, kernel.size(count), Stmt.For.Kind.PARALLEL, inner.block()));
    }

    /// One tile: zeros, the loops over k, the epilogue.
    ///
    /// @param count how many columns of the panel there are, -1 if that is not known
    private void tile(Scope scope, Term atPanel, int count, Term firstRow, int height) {
        int vectors = count > 0 && count <= LANES ? 1 : PANEL / LANES;
        var accumulators = new ArrayList<Term.Variable>();
        for (int i = 0; i < height * vectors; i++)
            accumulators.add(scope.declare("acc", Build.constant(LoopType.FLOAT32X4, 0)));
        scope.bind(row, firstRow);
        scope.bind(panel, atPanel);
        if (isInPlace) scope.bind(form.n().getFirst(), Build.multiply(atPanel, PANEL));
        var left = Operand.of(rows, form.k(), kernel);
        var right = Operand.of(columns, form.k(), kernel);
        sum(
                scope,
                0,
                scope.declare("left", builder.build(left.start.toExpr(), scope)),
                scope.declare("right", builder.build(right.start.toExpr(), scope)),
                new Tile(left, right, accumulators, vectors, height));
        for (int r = 0; r < height; r++) {
            for (int v = 0; v < vectors; v++) {
                var at = scope.inner();
                at.bind(row, Build.add(firstRow, r));
                var first = Build.add(Build.multiply(atPanel, PANEL), (long) v * LANES);
                int present = count < 0 ? -1 : Math.min(LANES, count - v * LANES);
                epilogue(at, first, accumulators.get(r * vectors + v), present);
                scope.add(at.block());
            }
        }
    }

    /// Where the elements of an operand are: an offset that is fixed for a tile, and how far each
    /// step of an index of k leads.
    private record Operand(Load load, Linear start, Map<Index, Long> steps) {
        static Operand of(Load load, List<Index> k, KernelBuilder kernel) {
            var offset = Linear.of(kernel.layout(load.buffer()).offset(load.index()));
            var start = new LinkedHashMap<>(offset.coefficients());
            var steps = new LinkedHashMap<Index, Long>();
            for (var index : k) {
                steps.put(index, offset.coefficient(index));
                start.remove(index);
            }
            return new Operand(load, new Linear(start, offset.constant()), steps);
        }

        long step(Index index) {
            return steps.getOrDefault(index, 0L);
        }
    }

    private record Tile(
            Operand left,
            Operand right,
            List<Term.Variable> accumulators,
            int vectors,
            int height) {}

    private void sum(Scope scope, int depth, Term left, Term right, Tile tile) {
        if (depth == form.k().size()) {
            multiply(scope, left, right, tile);
            return;
        }
        var index = form.k().get(depth);
        long leftStep = tile.left.step(index);
        long rightStep = tile.right.step(index);
        if (depth == form.k().size() - 1 && isWrittenOut(index)) {
            for (int i = 0; i < index.extent().value(); i++) {
                multiply(
                        scope,
                        Build.add(left, i * leftStep),
                        Build.add(right, i * rightStep),
                        tile);
            }
            return;
        }
        var variable = new Term.Variable(index.name(), LoopType.INT32);
        var body = scope.inner();
        var nextLeft = body.declare("left", Build.add(left, Build.multiply(variable, leftStep)));
        var nextRight =
                body.declare("right", Build.add(right, Build.multiply(variable, rightStep)));
        sum(body, depth + 1, nextLeft, nextRight, tile);
        scope.add(
                new Stmt.For(
                        variable, kernel.size(index.extent()), Stmt.For.Kind.SERIAL, body.block()));
    }

    private void multiply(Scope scope, Term left, Term right, Tile tile) {
        var a = kernel.read(tile.left.load.buffer());
        var b = kernel.read(tile.right.load.buffer());
        long distance =
                Linear.of(kernel.layout(rows.buffer()).offset(rows.index())).coefficient(row);
        var block = scope.inner();
        var vectors = new ArrayList<Term>();
        for (int v = 0; v < tile.vectors; v++) {
            var at = Build.add(right, (long) v * LANES);
            vectors.add(block.declare("b", new Term.Load(b, at, LANES)));
        }
        for (int r = 0; r < tile.height; r++) {
            var element = new Term.Load(a, Build.add(left, r * distance), 1);
            var spread = block.declare("a", new Term.Splat(element));
            for (int v = 0; v < tile.vectors; v++) {
                var accumulator = tile.accumulators.get(r * tile.vectors + v);
                var sum = new Term.MultiplyAdd(spread, vectors.get(v), accumulator);
                block.add(new Stmt.Assign(accumulator, sum));
            }
        }
        scope.add(block.block());
    }

    /// The epilogue of four columns: at once, where there is one index of columns.
    ///
    /// @param present how many of them there are, -1 if that is not known
    private void epilogue(Scope scope, Term first, Term.Variable sums, int present) {
        var output = form.stage().outputs().getFirst().buffer();
        if (form.n().size() == 1) {
            wide(scope, first, sums, present, output);
            return;
        }
        for (int lane = 0; lane < LANES && lane != present; lane++) {
            var sum = new Term.Lane(sums, Build.constant(lane));
            narrow(scope, Build.add(first, lane), sum, present < 0, output);
        }
    }

    /// Whether neighbouring columns are neighbours in the result.
    private boolean columnsLieSideBySide() {
        var layout = kernel.layout(form.stage().outputs().getFirst().buffer());
        var offset = Linear.of(layout.offset(form.output()));
        return form.n().size() == 1 && offset.coefficient(form.n().getFirst()) == 1;
    }

    private void wide(Scope scope, Term first, Term sums, int present, Buffer output) {
        var index = form.n().getFirst();
        var at = scope.withLanes(index, first);
        at.bind(form.sum(), sums);
        var value = TermBuilder.wide(builder.build(form.epilogue(), at), LANES);
        if (present == LANES && columnsLieSideBySide()) {
            builder.store(output, form.output(), value, at);
        } else {
            var kept = at.declare("value", value);
            for (int lane = 0; lane < LANES && lane != present; lane++) {
                var number = Build.add(first, lane);
                var one = at.withoutLanes(number);
                var element = new Term.Lane(kept, Build.constant(lane));
                builder.store(output, form.output(), element, one);
                at.add(present < 0 ? ifPresent(number, one) : one.block());
            }
        }
        scope.add(at.block());
    }

    private void narrow(Scope scope, Term number, Term sum, boolean asks, Buffer output) {
        var at = scope.inner();
        Generic.bindDigits(form.n(), number, kernel, at);
        at.bind(form.sum(), sum);
        var value = builder.build(form.epilogue(), at);
        builder.store(output, form.output(), value, at);
        scope.add(asks ? ifPresent(number, at) : at.block());
    }

    private Stmt ifPresent(Term column, Scope then) {
        return new Stmt.If(Build.less(column, kernel.size(width)), then.block(), Stmt.Block.of());
    }
}
