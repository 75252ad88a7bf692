package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.KernelBuffer;
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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A contraction as loops around a register tile of rows × columns: per step of k one scalar of
/// each row is spread over the lanes and multiplied with vectors of the columns.
///
/// - *rows* run along one index of m, whose elements are read at a constant distance;
/// - *columns* are all of n, eight at a time, packed when compiling (or, if computed, before the
///   kernel) into panels `[batch…, n / 8, k…, 8]`, so that the inner loop reads them in order;
/// - padding and prologues of the row operand are written out first ([Materialize]), the epilogue
///   is applied to the tile in registers.
///
/// Where there is one row only and its columns are computed, nothing would be gained by packing
/// them: [LaneContraction].
///
/// The tile is 4 × 8: eight accumulators, two columns, a row and a temporary stay within the
/// sixteen vector registers of x86-64.
final class LoopContraction implements Template {
    private static final int ROWS = 4;
    static final int PANEL = 8;
    private static final int LANES = 4;

    /// Rows of so many elements are as good as longer ones.
    private static final long LONG = 4 * ROWS;

    /// A k loop of so few steps is written out.
    private static final int UNROLLED = 4;

    @Override
    public String name() {
        return "Contraction";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        var match = ContractionForm.match(stage);
        if (match.form() == null) return new Result.Declined(match.reason());
        var form = match.form();
        if (form.sum().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        if (form.k().isEmpty()) return new Result.Declined("nothing is summed");
        if (columns(form) < columns(form.swapped())
                && (columns(form) < PANEL || !isConstant(form.b()) && isConstant(form.a()))) {
            form = form.swapped();
        }
        if (form.n().isEmpty()) return new Result.Declined("one operand has no index of its own");
        var lane = isConstant(form.b()) ? null : LaneContraction.lane(form.swapped());
        if (lane != null) form = form.swapped();
        var rows = Materialize.plain(form.a());
        if (rows == null)
            return new Result.Declined(
                    "an operand is neither a load nor one that can be written out");
        var calls = new ArrayList<Call>();
        var load = rows.load();
        for (var before : rows.before())
            load = new Load(write(before, request, calls), load.index());
        if (lane == null) new Writer(form, load, request, this, calls).write();
        else calls.add(LaneContraction.call(form, lane, load, request, this));
        return new Result.Accepted(calls);
    }

    private static long columns(ContractionForm form) {
        return extent(form.n()).isFixed() ? extent(form.n()).value() : 1;
    }

    private static Dimension extent(List<Index> indices) {
        return new Shape(indices.stream().map(Index::extent).toList()).elements();
    }

    private static boolean isConstant(Expr factor) {
        return Visit.buffers(factor).stream().allMatch(b -> b.constant() != null);
    }

    /// {@return the buffer that a stage writes, computed at once if all that it reads is known}
    private static Buffer write(Stage stage, Request request, List<Call> calls) {
        var same = Materialize.copied(stage);
        if (same != null) return same;
        var buffer = Materialize.evaluated(stage);
        if (buffer.constant() == null
                && new Generic().apply(stage, request) instanceof Result.Accepted(var made))
            calls.addAll(made);
        return buffer;
    }

    /// Writes the kernel of one contraction.
    private static final class Writer {
        private final ContractionForm form;
        private final Load rows;
        private final Request request;
        private final List<Call> calls;
        private final KernelBuilder kernel;
        private final TermBuilder builder;
        private final Dimension columns;
        private final Buffer panels;
        private final List<Index> outer = new ArrayList<>();
        private final Index row;

        /// @param calls is given the calls
        Writer(
                ContractionForm form,
                Load rows,
                Request request,
                Template template,
                List<Call> calls) {
            this.form = form;
            this.rows = rows;
            this.request = request;
            this.calls = calls;
            columns = extent(form.n());
            panels = pack();
            row = row(form.m(), rows);
            outer.addAll(form.batch());
            for (var index : form.m()) if (index != row) outer.add(index);
            kernel = request.kernel(template);
            builder = new TermBuilder(kernel);
        }

        /// {@return the index whose neighbours lie closest, of those that fill a few tiles: then a
        /// tile's rows share cache lines}
        private static Index row(List<Index> m, Load rows) {
            var offset =
                    Linear.of(Layout.rowMajor(rows.buffer().type().shape()).offset(rows.index()));
            return m.stream()
                    .min(
                            Comparator.comparingLong((Index i) -> -Math.min(length(i), LONG))
                                    .thenComparingLong(i -> Math.abs(offset.coefficient(i))))
                    .orElse(new Index("i", Dimension.of(1)));
        }

        private static long length(Index index) {
            return index.extent().isFixed() ? index.extent().value() : LONG;
        }

        /// {@return b as `[batch…, n / 8, k…, 8]`, zeros behind the last column}
        private Buffer pack() {
            var extents = new ArrayList<Dimension>();
            for (var index : form.batch()) extents.add(index.extent());
            extents.add(columns.plus(PANEL - 1).floorDividedBy(PANEL));
            for (var index : form.k()) extents.add(index.extent());
            extents.add(Dimension.of(PANEL));
            var name = form.stage().outputs().getFirst().buffer().name();
            var buffer =
                    Buffer.of(name + " panels", new TensorType(DType.FLOAT32, new Shape(extents)));
            return LoopContraction.write(
                    Stage.each(
                            buffer,
                            o -> {
                                int batches = form.batch().size();
                                var flat = o.get(batches).times(PANEL).plus(o.getLast());
                                var from = new ArrayList<Index>(form.batch());
                                var to = new ArrayList<Expr>(o.subList(0, batches));
                                from.addAll(form.k());
                                to.addAll(o.subList(batches + 1, o.size() - 1));
                                from.addAll(form.n());
                                to.addAll(ContractionForm.digits(flat, form.n()));
                                var value = Substitution.ofIndices(form.b(), from, to);
                                return flat.less(Expr.of(columns))
                                        .select(value, Expr.of(DType.FLOAT32, 0));
                            }),
                    request,
                    calls);
        }

        void write() {
            var root = Scope.root();
            var loops = builder.loops(outer, root);
            panels(loops.innermost());
            loops.close(root, Stmt.For.Kind.PARALLEL);
            calls.add(kernel.finish(Grid.none(), root.statements(), request.declined()));
        }

        /// The panels; what is left of the last one has a body of its own.
        private void panels(Scope scope) {
            var whole = columns.floorDividedBy(PANEL);
            var panel = new Term.Variable("panel", LoopType.INT32);
            if (!whole.is(0)) {
                var inner = scope.inner();
                rows(inner, panel, PANEL);
                scope.add(
                        new Stmt.For(
                                panel, kernel.size(whole), Stmt.For.Kind.PARALLEL, inner.block()));
            }
            var rest = columns.minus(whole.times(PANEL));
            if (rest.is(0)) return;
            if (rest.isFixed()) {
                rows(scope, kernel.size(whole), (int) rest.value());
            } else { // a symbolic number of columns: whether one is there is asked for each
                var last = scope.inner();
                rows(last, kernel.size(whole), -1);
                scope.add(
                        new Stmt.If(
                                Build.less(Build.constant(0), kernel.size(rest)),
                                last.block(),
                                Stmt.Block.of()));
            }
        }

        private void rows(Scope scope, Term panel, int width) {
            var whole = row.extent().floorDividedBy(ROWS);
            var rest = row.extent().minus(whole.times(ROWS));
            if (!whole.is(0)) {
                var inner = scope.inner();
                var index = new Term.Variable("tile", LoopType.INT32);
                tile(inner, panel, width, Build.multiply(index, ROWS), ROWS);
                scope.add(
                        new Stmt.For(
                                index, kernel.size(whole), Stmt.For.Kind.PARALLEL, inner.block()));
            }
            if (rest.is(0)) return;
            var first = kernel.size(whole.times(ROWS));
            if (rest.isFixed()) {
                var inner = scope.inner();
                tile(inner, panel, width, first, (int) rest.value());
                scope.add(inner.block());
            } else {
                var inner = scope.inner();
                var index = new Term.Variable("rest", LoopType.INT32);
                tile(inner, panel, width, Build.add(index, first), 1);
                scope.add(
                        new Stmt.For(
                                index, kernel.size(rest), Stmt.For.Kind.SERIAL, inner.block()));
            }
        }

        /// One tile: zeros, the loops over k, the epilogue.
        private void tile(Scope scope, Term panel, int width, Term firstRow, int height) {
            int vectors = width > 0 && width <= LANES ? 1 : PANEL / LANES;
            var accumulators = new ArrayList<Term.Variable>();
            for (int i = 0; i < height * vectors; i++) {
                accumulators.add(scope.declare("acc", Build.constant(LoopType.FLOAT32X4, 0)));
            }
            // both addresses are linear: one part fixed for the tile, one that grows with each k
            scope.bind(row, firstRow);
            var a = Linear.of(kernel.layout(rows.buffer()).offset(rows.index()));
            long stride = a.coefficient(row);
            var atTile = new LinkedHashMap<>(a.coefficients());
            var ofK = new LinkedHashMap<Expr, Long>();
            for (var index : form.k()) {
                var coefficient = atTile.remove(index);
                ofK.put(index, coefficient == null ? 0L : coefficient);
            }
            Term left =
                    scope.declare(
                            "left",
                            builder.build(new Linear(atTile, a.constant()).toExpr(), scope));
            long length = extentOf(form.k());
            Term right =
                    scope.declare(
                            "right", Build.multiply(panelNumber(scope, panel), length * PANEL));
            inner(scope, 0, left, right, ofK, accumulators, vectors, height, stride);
            epilogue(scope, panel, width, firstRow, accumulators, vectors, height);
        }

        private static long extentOf(List<Index> indices) {
            return extent(indices).value();
        }

        private Term panelNumber(Scope scope, Term panel) {
            Term number = Build.constant(0);
            for (var index : form.batch()) {
                number =
                        Build.add(
                                Build.multiply(number, kernel.size(index.extent())),
                                scope.term(index));
            }
            var count = columns.plus(PANEL - 1).floorDividedBy(PANEL);
            return Build.add(Build.multiply(number, kernel.size(count)), panel);
        }

        private void inner(
                Scope scope,
                int depth,
                Term left,
                Term right,
                Map<Expr, Long> ofK,
                List<Term.Variable> accumulators,
                int vectors,
                int height,
                long stride) {
            if (depth == form.k().size()) {
                multiply(scope, left, right, accumulators, vectors, height, stride);
                return;
            }
            var index = form.k().get(depth);
            long step = ofK.getOrDefault(index, 0L);
            long size = index.extent().value();
            long panelStep = PANEL * extentOf(form.k().subList(depth + 1, form.k().size()));
            if (depth == form.k().size() - 1 && size <= UNROLLED) {
                for (int i = 0; i < size; i++) {
                    multiply(
                            scope,
                            Build.add(left, i * step),
                            Build.add(right, i * panelStep),
                            accumulators,
                            vectors,
                            height,
                            stride);
                }
                return;
            }
            var variable = new Term.Variable(index.name(), LoopType.INT32);
            var body = scope.inner();
            var nextLeft = body.declare("left", Build.add(left, Build.multiply(variable, step)));
            var nextRight =
                    body.declare("right", Build.add(right, Build.multiply(variable, panelStep)));
            inner(body, depth + 1, nextLeft, nextRight, ofK, accumulators, vectors, height, stride);
            scope.add(
                    new Stmt.For(
                            variable,
                            kernel.size(index.extent()),
                            Stmt.For.Kind.SERIAL,
                            body.block()));
        }

        private void multiply(
                Scope scope,
                Term left,
                Term right,
                List<Term.Variable> accumulators,
                int vectors,
                int height,
                long stride) {
            KernelBuffer a = kernel.read(rows.buffer());
            KernelBuffer b = kernel.read(panels);
            var block = scope.inner();
            var columnVectors = new ArrayList<Term>();
            for (int v = 0; v < vectors; v++) {
                columnVectors.add(
                        block.declare(
                                "b", new Term.Load(b, Build.add(right, (long) v * LANES), LANES)));
            }
            for (int r = 0; r < height; r++) {
                var spread =
                        block.declare(
                                "a",
                                new Term.Splat(new Term.Load(a, Build.add(left, r * stride), 1)));
                for (int v = 0; v < vectors; v++) {
                    var accumulator = accumulators.get(r * vectors + v);
                    block.add(
                            new Stmt.Assign(
                                    accumulator,
                                    new Term.MultiplyAdd(
                                            spread, columnVectors.get(v), accumulator)));
                }
            }
            scope.add(block.block());
        }

        /// The epilogue is computed four columns wide where there is one index of columns.
        private void epilogue(
                Scope scope,
                Term panel,
                int width,
                Term firstRow,
                List<Term.Variable> accumulators,
                int vectors,
                int height) {
            var output = form.stage().outputs().getFirst().buffer();
            var offset = Linear.of(kernel.layout(output).offset(form.output()));
            for (int r = 0; r < height; r++) {
                for (int v = 0; v < vectors; v++) {
                    var first = Build.add(Build.multiply(panel, PANEL), (long) v * LANES);
                    var accumulator = accumulators.get(r * vectors + v);
                    int present = width < 0 ? -1 : Math.min(LANES, width - v * LANES);
                    if (present == 0) continue;
                    var at = scope.inner();
                    at.bind(row, Build.add(firstRow, r));
                    if (form.n().size() == 1) {
                        wide(at, first, accumulator, present, output, offset);
                    } else {
                        for (int lane = 0; lane < LANES && lane != present; lane++) {
                            narrow(
                                    at,
                                    Build.add(first, lane),
                                    new Term.Lane(accumulator, Build.constant(lane)),
                                    present < 0,
                                    output);
                        }
                    }
                    scope.add(at.block());
                }
            }
        }

        private void wide(
                Scope scope,
                Term first,
                Term accumulator,
                int present,
                Buffer output,
                Linear offset) {
            var index = form.n().getFirst();
            var at = scope.withLanes(index, first);
            at.bind(form.sum(), accumulator);
            var value = TermBuilder.wide(builder.build(form.epilogue(), at), LANES);
            boolean sideBySide = present == LANES && offset.coefficient(index) == 1;
            if (sideBySide) {
                builder.store(output, form.output(), value, at);
            } else {
                var kept = at.declare("value", value);
                for (int lane = 0; lane < LANES && lane != present; lane++) {
                    var one = at.withoutLanes(Build.add(first, lane));
                    builder.store(
                            output, form.output(), new Term.Lane(kept, Build.constant(lane)), one);
                    if (present < 0) {
                        at.add(
                                new Stmt.If(
                                        Build.less(Build.add(first, lane), kernel.size(columns)),
                                        one.block(),
                                        Stmt.Block.of()));
                    } else {
                        at.add(one.block());
                    }
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
            if (asks) {
                scope.add(
                        new Stmt.If(
                                Build.less(number, kernel.size(columns)),
                                at.block(),
                                Stmt.Block.of()));
            } else {
                scope.add(at.block());
            }
        }
    }
}
