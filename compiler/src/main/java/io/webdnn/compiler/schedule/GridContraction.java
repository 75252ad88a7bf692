package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Stage;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction on a grid of workgroups: each computes a tile of the output, whose operands pass
/// through workgroup memory in steps of k.
///
/// - *columns* are the role that holds the output's innermost index, so that neighbours in a
///   workgroup store neighbours; each invocation computes four columns × four rows;
/// - an operand that is known when compiling is packed into the tiles' order, zeros behind the
///   edge, and loaded four at a time; any other is loaded element by element with its guards and
///   prologue, so that a convolution needs no copy of its windows;
/// - the epilogue is applied to each element as it is stored.
///
/// A workgroup has 64 invocations, the tile is 32 × 32 where the output is that large; a narrow
/// output gets a longer tile. At most 16 KiB of workgroup memory are taken.
final class GridContraction implements Template {
    private static final int INVOCATIONS = 64;
    private static final int PER_INVOCATION = 4;

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
        if (form.m().isEmpty() || form.n().isEmpty())
            return new Result.Declined("no operand is used for several sums");
        // columns are m here: the role of the innermost index
        if (!form.m().contains(innermost(form))) form = form.swapped();
        var batches = extent(form.batch());
        if (batches.isFixed() && batches.value() > 65_535)
            return new Result.Declined("more than 65535 batches");
        return new Result.Accepted(new Writer(form, request, this).calls());
    }

    static @Nullable Index innermost(ContractionForm form) {
        var output = form.stage().outputs().getFirst().buffer();
        var offset =
                Linear.of(
                        io.webdnn.compiler.layout.Layout.rowMajor(output.type().shape())
                                .offset(form.output()));
        for (var role : List.of(form.m(), form.n()))
            for (var index : role) if (offset.coefficient(index) == 1) return index;
        return form.m().getLast();
    }

    static Dimension extent(List<Index> indices) {
        return new Shape(indices.stream().map(Index::extent).toList()).elements();
    }

    /// Writes the kernel of one contraction.
    private static final class Writer {
        private final ContractionForm form;
        private final Request request;
        private final List<Call> calls = new ArrayList<>();
        private final KernelBuilder kernel;
        private final TermBuilder builder;
        private final Dimension columns;
        private final Dimension rows;
        private final Dimension depth;

        /// Invocations along columns and rows.
        private final int wide;

        private final int high;

        /// How many k are in workgroup memory at once.
        private final int step;

        private final boolean hasPartialSums;

        Writer(ContractionForm form, Request request, Template template) {
            this.form = form;
            this.request = request;
            kernel = request.kernel(template);
            builder = new TermBuilder(kernel);
            columns = extent(form.m());
            rows = extent(form.n());
            depth = extent(form.k());
            int fewRows = fitting(rows);
            int fewColumns = fitting(columns);
            high = fewRows < 8 ? fewRows : fewColumns < 8 ? INVOCATIONS / fewColumns : 8;
            wide = INVOCATIONS / high;
            step = wide > 16 || high > 16 ? 8 : 16;
            hasPartialSums = PartialSums.isFor(form, request);
        }

        /// {@return how many invocations, a power of two up to 8, cover an extent}
        private static int fitting(Dimension extent) {
            if (!extent.isFixed()) return 8;
            int invocations = 8;
            while (invocations > 1 && extent.value() <= width(invocations / 2)) invocations /= 2;
            return invocations;
        }

        List<Call> calls() {
            var root = Scope.root();
            var x = root.declare("x", new Term.GridIndex(Term.GridIndex.Scope.LOCAL, 0));
            var y = root.declare("y", new Term.GridIndex(Term.GridIndex.Scope.LOCAL, 1));
            if (!form.batch().isEmpty()) {
                var batch = new Term.GridIndex(Term.GridIndex.Scope.GROUP, 2);
                Generic.bindDigits(form.batch(), batch, kernel, root);
            }
            var columnSide = side("a", 0, form.m(), form.a(), wide);
            var rowSide = side("b", 1, form.n(), form.b(), high);
            var column =
                    root.declare(
                            "column",
                            Build.multiply(
                                    new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0),
                                    PER_INVOCATION));
            var row =
                    root.declare(
                            "row",
                            Build.multiply(
                                    new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 1),
                                    PER_INVOCATION));
            var sums =
                    kernel.array(
                            "sum", LoopType.FLOAT32X4, PER_INVOCATION, LocalArray.Storage.REGISTER);
            for (int r = 0; r < PER_INVOCATION; r++) {
                root.add(
                        new Stmt.LocalStore(
                                sums, Build.constant(r), Build.constant(LoopType.FLOAT32X4, 0)));
            }
            var number = Build.add(Build.multiply(y, wide), x);
            var loaders = List.of(columnSide.loader(root, number), rowSide.loader(root, number));
            var tiles = new Term.Variable("tile", LoopType.INT32);
            var body = root.inner();
            var first = body.declare("first", Build.multiply(tiles, step));
            for (var loader : loaders) loader.load(body, tiles, first);
            body.add(new Stmt.Barrier());
            if (hasPartialSums) multiplyFew(body, columnSide, rowSide, x, y, sums);
            else multiply(body, columnSide, rowSide, x, y, Build.constant(0), step, sums);
            body.add(new Stmt.Barrier());
            root.add(new Stmt.For(tiles, kernel.size(steps()), Stmt.For.Kind.SERIAL, body.block()));
            store(root, column, row, sums);
            var groups = new ArrayList<Dimension>();
            groups.add(tiles(columns, wide));
            groups.add(tiles(rows, high));
            groups.add(extent(form.batch()));
            calls.add(
                    kernel.finish(
                            new Grid(groups, List.of(wide, high, 1)),
                            root.statements(),
                            request.declined()));
            return calls;
        }

        /// {@return how many elements invocations side by side compute}
        private static long width(int invocations) {
            return (long) invocations * PER_INVOCATION;
        }

        private static Dimension tiles(Dimension extent, int invocations) {
            long tile = width(invocations);
            return extent.plus(tile - 1).floorDividedBy(tile);
        }

        private Dimension steps() {
            return depth.plus(step - 1).floorDividedBy(step);
        }

        private void multiply(
                Scope scope,
                Side columnSide,
                Side rowSide,
                Term x,
                Term y,
                Term first,
                int count,
                LocalArray sums) {
            var index = new Term.Variable("k", LoopType.INT32);
            var k = Build.add(first, index);
            var inner = scope.inner();
            var a =
                    inner.declare(
                            "a",
                            new Term.LocalLoad(
                                    columnSide.tile, Build.add(Build.multiply(k, wide), x)));
            var b =
                    inner.declare(
                            "b",
                            new Term.LocalLoad(
                                    rowSide.tile, Build.add(Build.multiply(k, high), y)));
            for (int r = 0; r < PER_INVOCATION; r++) {
                var row = Build.constant(r);
                inner.add(
                        new Stmt.LocalStore(
                                sums,
                                row,
                                new Term.MultiplyAdd(
                                        new Term.Splat(new Term.Lane(b, row)),
                                        a,
                                        new Term.LocalLoad(sums, row))));
            }
            scope.add(
                    new Stmt.For(
                            index, Build.constant(count), Stmt.For.Kind.SERIAL, inner.block()));
        }

        private void multiplyFew(
                Scope scope, Side columnSide, Side rowSide, Term x, Term y, LocalArray sums) {
            var partial = PartialSums.of(sums, kernel);
            int few = PartialSums.few(step);
            var part = new Term.Variable("part", LoopType.INT32);
            var body = scope.inner();
            partial.clear(body);
            var first = Build.multiply(part, few);
            multiply(body, columnSide, rowSide, x, y, first, few, partial.parts());
            partial.add(body);
            scope.add(
                    new Stmt.For(
                            part, Build.constant(step / few), Stmt.For.Kind.SERIAL, body.block()));
        }

        private void store(Scope scope, Term column, Term row, LocalArray sums) {
            var output = form.stage().outputs().getFirst().buffer();
            for (int r = 0; r < PER_INVOCATION; r++) {
                var atRow = Build.add(row, r);
                var inRow = scope.inner();
                Generic.bindDigits(form.n(), atRow, kernel, inRow);
                for (int c = 0; c < PER_INVOCATION; c++) {
                    var atColumn = Build.add(column, c);
                    var at = inRow.inner();
                    Generic.bindDigits(form.m(), atColumn, kernel, at);
                    at.bind(
                            form.sum(),
                            new Term.Lane(
                                    new Term.LocalLoad(sums, Build.constant(r)),
                                    Build.constant(c)));
                    var value = builder.build(form.epilogue(), at);
                    builder.store(output, form.output(), value, at);
                    inRow.add(kernel.guarded(atColumn, columns, width(wide), at));
                }
                scope.add(kernel.guarded(atRow, rows, width(high), inRow));
            }
        }

        private Side side(
                String name, int axis, List<Index> indices, Expr factor, int invocations) {
            var tile =
                    kernel.array(
                            name,
                            hasPartialSums
                                    ? new LoopType(ScalarType.FLOAT16, 4)
                                    : LoopType.FLOAT32X4,
                            step * invocations,
                            LocalArray.Storage.WORKGROUP);
            return new Side(axis, indices, factor, invocations, tile);
        }

        /// Writes the loads of a tile.
        private interface Loader {
            void load(Scope body, Term tileNumber, Term first);
        }

        /// One operand: the part of the output that it spans and its tile, `[step][invocations]`
        /// vectors of four.
        private final class Side {
            final int axis;
            final List<Index> indices;
            final Expr factor;
            final int invocations;
            final LocalArray tile;
            final Dimension extent;

            Side(int axis, List<Index> indices, Expr factor, int invocations, LocalArray tile) {
                this.axis = axis;
                this.indices = indices;
                this.factor = factor;
                this.invocations = invocations;
                this.tile = tile;
                this.extent = GridContraction.extent(indices);
            }

            /// Says which vectors of the tile an invocation loads, and finds out before the loop
            /// what does not depend on k.
            Loader loader(Scope root, Term number) {
                var vector =
                        root.declare(
                                "vector", Build.remainder(number, Build.constant(invocations)));
                var slice =
                        root.declare("slice", Build.divide(number, Build.constant(invocations)));
                int slices = INVOCATIONS / invocations;
                var packed = packed();
                if (packed != null) {
                    var group = new Term.GridIndex(Term.GridIndex.Scope.GROUP, axis);
                    Term base = group;
                    if (!form.batch().isEmpty()) {
                        base =
                                Build.add(
                                        Build.multiply(
                                                new Term.GridIndex(Term.GridIndex.Scope.GROUP, 2),
                                                kernel.size(tiles(extent, invocations))),
                                        group);
                    }
                    var start =
                            root.declare(
                                    "start",
                                    Build.multiply(
                                            base,
                                            kernel.size(steps().times((long) step * invocations))));
                    return (body, tileNumber, first) ->
                            each(
                                    body,
                                    slice,
                                    slices,
                                    (at, k) ->
                                            new Term.Load(
                                                    kernel.read(packed, 4),
                                                    Build.add(
                                                            Build.add(
                                                                    start,
                                                                    Build.multiply(
                                                                            Build.add(first, k),
                                                                            invocations)),
                                                            vector),
                                                    4),
                                    vector);
                }
                var scopes = new ArrayList<Scope>();
                var firstElement =
                        root.declare(
                                "element",
                                Build.add(
                                        Build.multiply(
                                                new Term.GridIndex(
                                                        Term.GridIndex.Scope.GROUP, axis),
                                                width(invocations)),
                                        Build.multiply(vector, PER_INVOCATION)));
                for (int e = 0; e < PER_INVOCATION; e++) {
                    Term element = Build.add(firstElement, e);
                    if (!KernelBuilder.isMultiple(extent, width(invocations)))
                        element =
                                new Term.Combine(
                                        Binary.Operator.MIN, element, kernel.size(extent.plus(-1)));
                    var scope = root.inner();
                    Generic.bindDigits(indices, element, kernel, scope);
                    scope.statements().forEach(root::add);
                    scopes.add(scope);
                }
                boolean wholeDepth = KernelBuilder.isMultiple(depth, step);
                return (body, tileNumber, first) ->
                        each(
                                body,
                                slice,
                                slices,
                                (at, k) -> {
                                    var flat = at.declare("k", Build.add(first, k));
                                    var digits = at.inner();
                                    Generic.bindDigits(form.k(), flat, kernel, digits);
                                    digits.statements().forEach(at::add);
                                    var lanes = new ArrayList<Term>();
                                    for (var scope : scopes) {
                                        var one = at.inner();
                                        for (var index : indices)
                                            one.bind(index, scope.term(index));
                                        for (var index : form.k())
                                            one.bind(index, digits.term(index));
                                        lanes.add(builder.build(factor, one));
                                        one.statements().forEach(at::add);
                                    }
                                    Term value = new Term.Vector(lanes);
                                    return wholeDepth
                                            ? value
                                            : new Term.Choose(
                                                    Build.less(flat, kernel.size(depth)),
                                                    value,
                                                    Build.constant(LoopType.FLOAT32X4, 0));
                                },
                                vector);
            }

            private interface Element {
                Term at(Scope scope, Term k);
            }

            /// Stores the vectors that an invocation loads: every `slices`-th k from its own.
            private void each(Scope body, Term slice, int slices, Element element, Term vector) {
                for (int k = 0; k < step; k += slices) {
                    var at = body.inner();
                    var own = Build.add(slice, k);
                    var value = element.at(at, own);
                    if (hasPartialSums) value = PartialSums.half(value);
                    at.add(
                            new Stmt.LocalStore(
                                    tile,
                                    Build.add(Build.multiply(own, invocations), vector),
                                    value));
                    body.add(
                            k + slices <= step
                                    ? at.block()
                                    : new Stmt.If(
                                            Build.less(own, Build.constant(step)),
                                            at.block(),
                                            Stmt.Block.of()));
                }
            }

            /// {@return the operand in tiles, or null if it is not known before the first run}
            private @Nullable Buffer packed() {
                boolean isKnown =
                        request.packings().isKnown(factor)
                                && extent.isFixed()
                                && depth.isFixed()
                                && extent(form.batch()).isFixed();
                if (!isKnown) return null;
                return new TiledOperand(
                                form,
                                factor,
                                indices,
                                form.k(),
                                tiles(extent, invocations).value(),
                                steps().times(step).value(),
                                width(invocations))
                        .pack(request, calls);
            }
        }
    }
}
