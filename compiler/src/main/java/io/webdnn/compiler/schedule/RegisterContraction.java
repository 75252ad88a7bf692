package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Stage;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A contraction with an operand that is known when compiling, on a grid without workgroup memory:
/// each invocation keeps a tile of sums in registers and reads what it multiplies from memory. No
/// invocation waits for another, which devices without memory of their own for workgroups
/// (software, many phones) need, and others can do without: what an invocation reads, its
/// neighbours read in the same cycle.
///
/// *Columns* are the role that holds the output's innermost index. Neighbouring invocations compute
/// neighbouring columns, each several that are as far apart as the workgroup is wide: so they read
/// and store neighbours, and the same elements of the other operand. The known operand is packed in
/// the order in which it is read, zeros behind the edge.
final class RegisterContraction implements Template {
    /// The most invocations of a workgroup; all devices have as many.
    private static final int INVOCATIONS = 64;

    private static final int LANES = 4;

    /// Fewer invocations would leave a device idle, however little each loads.
    private static final long FEW_INVOCATIONS = 1024;

    @Override
    public String name() {
        return "Contraction in registers";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        var match = ContractionForm.match(stage);
        if (match.form() == null) return new Result.Declined(match.reason());
        var form = match.form();
        if (form.sum().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        if (form.m().isEmpty() || form.n().isEmpty() || form.k().isEmpty())
            return new Result.Declined("no operand is used for several sums");
        if (form.k().stream().anyMatch(k -> !k.extent().isFixed()))
            return new Result.Declined("not a sum of a known number of products");
        if (!form.m().contains(GridContraction.innermost(form))) form = form.swapped();
        boolean isColumns = isKnown(form.a(), form.m(), form.batch(), request.packings());
        if (!isColumns && !isKnown(form.b(), form.n(), form.batch(), request.packings()))
            return new Result.Declined("no operand is known when compiling");
        var batches = GridContraction.extent(form.batch());
        if (batches.isFixed() && batches.value() > 65_535)
            return new Result.Declined("more than 65535 batches");
        return new Result.Accepted(new Writer(form, isColumns, request, this).calls());
    }

    private static boolean isKnown(
            Expr factor, List<Index> own, List<Index> batch, Packings packings) {
        return packings.isKnown(factor)
                && own.stream().allMatch(i -> i.extent().isFixed())
                && batch.stream().allMatch(i -> i.extent().isFixed());
    }

    /// How the work is divided.
    ///
    /// @param wide invocations of a workgroup along columns
    /// @param high invocations of a workgroup along rows
    /// @param columns that an invocation computes
    /// @param rows that an invocation computes
    private record Tile(int wide, int high, int columns, int rows) {
        /// {@return the columns of a workgroup}
        long width() {
            return (long) wide * columns;
        }

        /// {@return the rows of a workgroup}
        long height() {
            return (long) high * rows;
        }

        /// {@return the tile that costs least: loads for each product, padding included, unless it
        /// leaves too few invocations}
        ///
        /// @param leastRows that an invocation computes
        static Tile of(long columns, long rows, long batches, int leastRows) {
            var best = new Tile(4, 1, LANES, leastRows);
            double least = Double.MAX_VALUE;
            for (int perColumns = LANES; perColumns <= 2 * LANES; perColumns *= 2) {
                for (int perRows = leastRows; perRows <= 2 * LANES; perRows *= 2) {
                    for (int wide = 4; wide <= 16; wide *= 2) {
                        long acrossTiles = groups(columns, (long) wide * perColumns);
                        long downTiles = groups(rows, perRows);
                        double padded =
                                (double) (acrossTiles * wide * perColumns) * (downTiles * perRows);
                        long invocations = acrossTiles * wide * downTiles * batches;
                        double loads = (perColumns + perRows) / (double) (perColumns * perRows);
                        double cost =
                                padded
                                        * (0.2 + loads)
                                        * Math.max(1, FEW_INVOCATIONS / (double) invocations);
                        if (cost > least) continue;
                        least = cost;
                        int high = 1;
                        while (high * wide < INVOCATIONS && high < downTiles) high *= 2;
                        best = new Tile(wide, high, perColumns, perRows);
                    }
                }
            }
            return best;
        }
    }

    private static long groups(long extent, long size) {
        return (extent + size - 1) / size;
    }

    private static Dimension groups(Dimension extent, long size) {
        return extent.plus(size - 1).floorDividedBy(size);
    }

    /// Writes the kernel of one contraction.
    private static final class Writer {
        private final ContractionForm form;
        private final boolean isColumnsKnown;
        private final Request request;
        private final List<Call> calls = new ArrayList<>();
        private final KernelBuilder kernel;
        private final TermBuilder builder;
        private final Dimension columns;
        private final Dimension rows;
        private final Tile tile;
        private final boolean hasPartialSums;

        /// The summed indices, from the outermost loop: those first on which guards depend, which
        /// are then found out before the others' loops.
        private final List<Index> k;

        Writer(ContractionForm form, boolean isColumnsKnown, Request request, Template template) {
            this.form = form;
            this.isColumnsKnown = isColumnsKnown;
            this.request = request;
            kernel = request.kernel(template);
            builder = new TermBuilder(kernel);
            var unknown = isColumnsKnown ? form.b() : form.a();
            k = new ArrayList<>(form.k());
            k.sort(
                    Comparator.comparing(
                            index -> !ContractionForm.isElsewhere(unknown, index))); // stable
            var few = PartialSums.isFor(form, request) ? few(k) : null;
            hasPartialSums = few != null;
            if (few != null) {
                k.remove(few);
                k.add(few);
            }
            columns = GridContraction.extent(form.m());
            rows = GridContraction.extent(form.n());
            tile =
                    Tile.of(
                            nominal(columns),
                            nominal(rows),
                            nominal(GridContraction.extent(form.batch())),
                            isColumnsKnown ? 1 : LANES); // known rows are read four at a time
        }

        /// {@return the innermost index that may run over a few products at a time, or null}
        private static @Nullable Index few(List<Index> k) {
            for (var index : k.reversed())
                if (PartialSums.few(index.extent().value()) > 0) return index;
            return null;
        }

        /// {@return an extent, where symbols are taken to be 1}
        private static long nominal(Dimension extent) {
            return extent.valueAt(1);
        }

        List<Call> calls() {
            var root = Scope.root();
            var batch = new Term.GridIndex(Term.GridIndex.Scope.GROUP, 2);
            if (!form.batch().isEmpty()) Generic.bindDigits(form.batch(), batch, kernel, root);
            var x = root.declare("x", new Term.GridIndex(Term.GridIndex.Scope.LOCAL, 0));
            var group = new Term.GridIndex(Term.GridIndex.Scope.GROUP, 0);
            var column = root.declare("column", Build.add(Build.multiply(group, tile.width()), x));
            var block = root.declare("block", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 1));
            var row = root.declare("row", Build.multiply(block, tile.rows));
            var atColumns = new ArrayList<Term>();
            for (int c = 0; c < tile.columns; c++)
                atColumns.add(Build.add(column, (long) c * tile.wide));
            var atRows = new ArrayList<Term>();
            for (int r = 0; r < tile.rows; r++) atRows.add(Build.add(row, r));
            var sums =
                    kernel.array(
                            "sum",
                            LoopType.FLOAT32X4,
                            tile.rows * tile.columns / LANES,
                            LocalArray.Storage.REGISTER);
            for (int s = 0; s < sums.size(); s++)
                root.add(
                        new Stmt.LocalStore(
                                sums, Build.constant(s), Build.constant(LoopType.FLOAT32X4, 0)));
            Elements a;
            Elements b;
            if (isColumnsKnown) {
                a = packedColumns(root, batch, group, x);
                b = elements(root, form.b(), form.n(), atRows, rows, tile.height());
            } else {
                a = elements(root, form.a(), form.m(), atColumns, columns, tile.width());
                b = packedRows(root, batch, block);
            }
            if (hasPartialSums) {
                multiplyFew(root, a, b, PartialSums.of(sums, kernel));
            } else {
                var loops = builder.loops(k, root);
                multiply(loops.innermost(), a, b, sums);
                loops.close(root);
            }
            store(root, atColumns, atRows, sums);
            calls.add(
                    kernel.finish(
                            new Grid(
                                    List.of(
                                            groups(columns, tile.width()),
                                            groups(rows, tile.height()),
                                            GridContraction.extent(form.batch())),
                                    List.of(tile.wide, tile.high, 1)),
                            root.statements(),
                            request.declined()));
            return calls;
        }

        /// Multiplies with a loop over the last index that is cut in parts of a few products.
        private void multiplyFew(Scope root, Elements a, Elements b, PartialSums partial) {
            var last = k.getLast();
            int few = PartialSums.few(last.extent().value());
            var part = new Index(last.name(), Dimension.of(last.extent().value() / few));
            var outer = new ArrayList<>(k.subList(0, k.size() - 1));
            outer.add(part);
            var loops = builder.loops(outer, root);
            var body = loops.innermost();
            partial.clear(body);
            var inner = body.inner();
            var step = new Term.Variable("step", LoopType.INT32);
            inner.bind(last, Build.add(Build.multiply(body.term(part), few), step));
            multiply(inner, a, b, partial.parts());
            body.add(new Stmt.For(step, Build.constant(few), Stmt.For.Kind.SERIAL, inner.block()));
            partial.add(body);
            loops.close(root);
        }

        private Term factor(Term loaded) {
            return hasPartialSums ? PartialSums.half(loaded) : loaded;
        }

        /// Loads an operand for one k: its elements for the columns or rows of an invocation.
        private interface Elements {
            List<Term> at(Scope scope);
        }

        private void multiply(Scope scope, Elements a, Elements b, LocalArray sums) {
            var columns = a.at(scope);
            var vectors = new ArrayList<Term>();
            for (int c = 0; c < columns.size(); c += LANES)
                vectors.add(scope.declare("a", new Term.Vector(columns.subList(c, c + LANES))));
            int s = 0;
            for (var one : b.at(scope)) {
                for (var vector : vectors) {
                    var index = Build.constant(s++);
                    scope.add(
                            new Stmt.LocalStore(
                                    sums,
                                    index,
                                    new Term.MultiplyAdd(
                                            new Term.Splat(one),
                                            vector,
                                            new Term.LocalLoad(sums, index))));
                }
            }
        }

        /// {@return the operand that is not known, with its guards and what is computed from it;
        /// behind the edge, where nothing is stored, its last element}
        ///
        /// @param whole how many elements a workgroup covers
        private Elements elements(
                Scope root,
                Expr factor,
                List<Index> indices,
                List<Term> numbers,
                Dimension extent,
                long whole) {
            var inside = new ArrayList<Term>();
            for (var number : numbers)
                inside.add(
                        KernelBuilder.isMultiple(extent, whole)
                                ? number
                                : root.declare(
                                        "inside",
                                        new Term.Combine(
                                                Binary.Operator.MIN,
                                                number,
                                                kernel.size(extent.plus(-1)))));
            var scopes = digits(root, indices, inside);
            return at -> {
                var elements = new ArrayList<Term>();
                for (var scope : scopes) {
                    var one = at.inner();
                    for (var index : indices) one.bind(index, scope.term(index));
                    var value = builder.build(factor, one);
                    one.statements().forEach(at::add);
                    elements.add(at.declare("e", factor(value)));
                }
                return elements;
            };
        }

        /// {@return scopes in which the indices of a role are those of a column or row}
        private List<Scope> digits(Scope root, List<Index> indices, List<Term> numbers) {
            var scopes = new ArrayList<Scope>();
            for (var number : numbers) {
                var scope = root.inner();
                Generic.bindDigits(indices, number, kernel, scope);
                scope.statements().forEach(root::add);
                scopes.add(scope);
            }
            return scopes;
        }

        private Term numberOfK(Scope scope) {
            Term number = Build.constant(0);
            for (var index : k)
                number =
                        Build.add(
                                Build.multiply(number, index.extent().value()), scope.term(index));
            return number;
        }

        private long depth() {
            return GridContraction.extent(k).value();
        }

        /// {@return where the packed elements of a tile begin}
        private Term start(Scope root, Term batch, Term number, long tiles, long width) {
            var at =
                    form.batch().isEmpty()
                            ? number
                            : Build.add(Build.multiply(batch, tiles), number);
            return root.declare("start", Build.multiply(at, depth() * width));
        }

        private Elements packedColumns(Scope root, Term batch, Term group, Term x) {
            long width = tile.width();
            long tiles = groups(columns.value(), width);
            var packed = packed(form.a(), form.m(), tiles, width);
            var start = start(root, batch, group, tiles, width);
            return at -> {
                var first = Build.add(Build.add(start, Build.multiply(numberOfK(at), width)), x);
                var elements = new ArrayList<Term>();
                for (int c = 0; c < tile.columns; c++)
                    elements.add(
                            factor(
                                    new Term.Load(
                                            kernel.read(packed),
                                            Build.add(first, (long) c * tile.wide),
                                            1)));
                return elements;
            };
        }

        private Elements packedRows(Scope root, Term batch, Term block) {
            int vectors = tile.rows / LANES;
            // a workgroup may reach behind the last block
            long blocks = groups(rows.value(), tile.height()) * tile.high;
            var packed = packed(form.b(), form.n(), blocks, tile.rows);
            var start = start(root, batch, block, blocks, vectors);
            return at -> {
                var first = Build.add(start, Build.multiply(numberOfK(at), vectors));
                var elements = new ArrayList<Term>();
                for (int v = 0; v < vectors; v++) {
                    var vector =
                            at.declare(
                                    "b",
                                    factor(
                                            new Term.Load(
                                                    kernel.read(packed, LANES),
                                                    Build.add(first, v),
                                                    LANES)));
                    for (int l = 0; l < LANES; l++)
                        elements.add(new Term.Lane(vector, Build.constant(l)));
                }
                return elements;
            };
        }

        private Buffer packed(Expr factor, List<Index> indices, long tiles, long width) {
            return new TiledOperand(form, factor, indices, k, tiles, depth(), width)
                    .pack(request, calls);
        }

        private void store(Scope scope, List<Term> atColumns, List<Term> atRows, LocalArray sums) {
            var output = form.stage().outputs().getFirst().buffer();
            var columnDigits = digits(scope, form.m(), atColumns);
            var rowDigits = digits(scope, form.n(), atRows);
            for (int r = 0; r < tile.rows; r++) {
                var inRow = scope.inner();
                for (var index : form.n()) inRow.bind(index, rowDigits.get(r).term(index));
                for (int c = 0; c < tile.columns; c++) {
                    var at = inRow.inner();
                    for (var index : form.m()) at.bind(index, columnDigits.get(c).term(index));
                    var sum =
                            new Term.LocalLoad(
                                    sums, Build.constant((r * tile.columns + c) / LANES));
                    at.bind(form.sum(), new Term.Lane(sum, Build.constant(c % LANES)));
                    var value = builder.build(form.epilogue(), at);
                    builder.store(output, form.output(), value, at);
                    inRow.add(kernel.guarded(atColumns.get(c), columns, tile.width(), at));
                }
                scope.add(kernel.guarded(atRows.get(r), rows, tile.height(), inRow));
            }
        }
    }
}
