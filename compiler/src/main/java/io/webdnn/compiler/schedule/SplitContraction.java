package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Grid;
import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Stage;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A matrix times a vector, on a grid: each element of the matrix is multiplied once, so there is
/// nothing to keep in registers, and outputs are too few to occupy a device. A workgroup therefore
/// divides the sum: each invocation takes every so-manieth product for four neighbouring outputs,
/// and the parts meet in workgroup memory, behind one barrier.
///
/// A matrix that is known when compiling is packed so that neighbouring invocations read
/// neighbours; any other is read element by element with its guards and prologue.
///
/// Cost: one dispatch; each element of the matrix is loaded once, of the vector once for four
/// outputs; half a FLOP per byte.
final class SplitContraction implements Template {
    private static final int INVOCATIONS = 64;
    private static final int LANES = 4;

    /// Workgroups that occupy a device.
    private static final long ENOUGH_WORKGROUPS = 64;

    /// Products that an invocation should have, so that adding up the parts is little beside.
    private static final long ENOUGH_PRODUCTS = 8;

    /// A window of 7 × 7: shorter sums are no work for several invocations.
    private static final int SHORT = 49;

    @Override
    public String name() {
        return "Contraction with a split sum";
    }

    @Override
    public Result apply(Stage stage, Request request) {
        var match = ContractionForm.match(stage);
        if (match.form() == null) return new Result.Declined(match.reason());
        var form = match.form();
        if (form.sum().dtype() != DType.FLOAT32) return new Result.Declined("not of float32");
        if (form.m().isEmpty() == form.n().isEmpty())
            return new Result.Declined("not a matrix times a vector");
        if (form.m().isEmpty()) form = form.swapped();
        var depth = GridContraction.extent(form.k());
        if (depth.isFixed() && depth.value() <= SHORT && !form.batch().isEmpty())
            return new Result.Declined("a short sum that shares no operand");
        var batches = GridContraction.extent(form.batch());
        if (batches.isFixed() && batches.value() > 65_535)
            return new Result.Declined("more than 65535 batches");
        return new Result.Accepted(List.of(new Writer(form, request, this).call()));
    }

    /// Writes the kernel of one contraction, whose factor `a` is the matrix.
    private static final class Writer {
        private final ContractionForm form;
        private final Request request;
        private final KernelBuilder kernel;
        private final TermBuilder builder;
        private final Dimension columns;
        private final Dimension depth;

        /// Invocations side by side, for four outputs each.
        private final int wide;

        /// Invocations that share a sum.
        private final int parts;

        Writer(ContractionForm form, Request request, Template template) {
            this.form = form;
            this.request = request;
            kernel = request.kernel(template);
            builder = new TermBuilder(kernel);
            columns = GridContraction.extent(form.m());
            depth = GridContraction.extent(form.k());
            long batches = GridContraction.extent(form.batch()).valueAt(1);
            int side = INVOCATIONS / LANES;
            while (side > 1
                    && groups(columns.valueAt(1), side) * batches < ENOUGH_WORKGROUPS
                    && depth.valueAt(1) * side / 2 >= ENOUGH_PRODUCTS * INVOCATIONS) side /= 2;
            wide = side;
            parts = INVOCATIONS / side;
        }

        private static long groups(long columns, int wide) {
            return (columns + (long) wide * LANES - 1) / ((long) wide * LANES);
        }

        /// {@return the outputs of a workgroup}
        private long width() {
            return (long) wide * LANES;
        }

        private Dimension tiles() {
            return columns.plus(width() - 1).floorDividedBy(width());
        }

        /// {@return the products of an invocation}
        private Dimension steps() {
            return depth.plus(parts - 1).floorDividedBy(parts);
        }

        Call call() {
            var root = Scope.root();
            var x = root.declare("x", local(0));
            var part = root.declare("part", local(1));
            if (!form.batch().isEmpty()) Generic.bindDigits(form.batch(), group(2), kernel, root);
            var column =
                    root.declare(
                            "column",
                            Build.multiply(Build.add(Build.multiply(group(0), wide), x), LANES));
            var sum = root.declare("sum", Build.constant(LoopType.FLOAT32X4, 0));
            var matrix = matrix(root, x, column);
            var step = new Term.Variable("step", LoopType.INT32);
            var body = root.inner();
            var k = body.declare("k", Build.add(Build.multiply(step, parts), part));
            body.add(multiply(body, k, matrix, sum));
            root.add(new Stmt.For(step, kernel.size(steps()), Stmt.For.Kind.SERIAL, body.block()));
            var sums =
                    kernel.array(
                            "sums", LoopType.FLOAT32X4, INVOCATIONS, LocalArray.Storage.WORKGROUP);
            root.add(new Stmt.LocalStore(sums, Build.add(Build.multiply(part, wide), x), sum));
            root.add(new Stmt.Barrier());
            root.add(
                    new Stmt.If(
                            Build.less(part, Build.constant(1)),
                            store(root, x, column, sums),
                            Stmt.Block.of()));
            return kernel.finish(
                    new Grid(
                            List.of(tiles(), Dimension.of(1), GridContraction.extent(form.batch())),
                            List.of(wide, parts, 1)),
                    root.statements(),
                    request.declined());
        }

        private static Term local(int axis) {
            return new Term.GridIndex(Term.GridIndex.Scope.LOCAL, axis);
        }

        private static Term group(int axis) {
            return new Term.GridIndex(Term.GridIndex.Scope.GROUP, axis);
        }

        /// {@return `sum += a · b` for one k, if there is one for every part}
        private Stmt multiply(Scope scope, Term k, Matrix matrix, Term.Variable sum) {
            var at = scope.inner();
            Generic.bindDigits(form.k(), k, kernel, at);
            var vector = at.declare("b", builder.build(form.b(), at));
            var product = new Term.MultiplyAdd(new Term.Splat(vector), matrix.at(at, k), sum);
            at.add(new Stmt.Assign(sum, product));
            boolean isWhole = depth.isFixed() && depth.value() % parts == 0;
            return isWhole
                    ? at.block()
                    : new Stmt.If(Build.less(k, kernel.size(depth)), at.block(), Stmt.Block.of());
        }

        /// Loads the four elements of the matrix that an invocation multiplies for one k.
        private interface Matrix {
            Term at(Scope scope, Term k);
        }

        private Matrix matrix(Scope root, Term x, Term column) {
            var packed = packed();
            if (packed != null) {
                var batch =
                        GridContraction.extent(form.batch()).is(1) ? Build.constant(0) : group(2);
                var tile = Build.add(Build.multiply(batch, tiles().value()), group(0));
                var start =
                        root.declare(
                                "start", Build.add(Build.multiply(tile, depth.value() * wide), x));
                return (_, k) ->
                        new Term.Load(
                                kernel.read(packed, LANES),
                                Build.add(start, Build.multiply(k, wide)),
                                LANES);
            }
            var elements = new ArrayList<Scope>();
            for (int lane = 0; lane < LANES; lane++) {
                Term number = Build.add(column, lane);
                if (!isWhole())
                    number =
                            new Term.Combine(
                                    Binary.Operator.MIN, number, kernel.size(columns.plus(-1)));
                var scope = root.inner();
                Generic.bindDigits(form.m(), number, kernel, scope);
                scope.statements().forEach(root::add);
                elements.add(scope);
            }
            return (at, _) -> {
                var lanes = new ArrayList<Term>();
                for (var element : elements) {
                    var one = at.inner();
                    for (var index : form.m()) one.bind(index, element.term(index));
                    lanes.add(builder.build(form.a(), one));
                    one.statements().forEach(at::add);
                }
                return new Term.Vector(lanes);
            };
        }

        private @Nullable Buffer packed() {
            var all = new ArrayList<Index>(form.batch());
            all.addAll(form.m());
            all.addAll(form.k());
            boolean isKnown =
                    ContractionForm.isConstant(form.a())
                            && all.stream().allMatch(index -> index.extent().isFixed());
            if (!isKnown) return null;
            return new TiledOperand(
                            form,
                            form.a(),
                            form.m(),
                            form.k(),
                            tiles().value(),
                            depth.value(),
                            width())
                    .pack(request.packings());
        }

        private boolean isWhole() {
            return columns.isFixed() && columns.value() % width() == 0;
        }

        /// {@return what the first part does: it adds up all, and stores}
        private Stmt.Block store(Scope root, Term x, Term column, LocalArray sums) {
            var scope = root.inner();
            var total = scope.declare("total", new Term.LocalLoad(sums, x));
            var other = new Term.Variable("other", LoopType.INT32);
            var at = Build.add(Build.multiply(Build.add(other, 1), wide), x);
            var more =
                    new Stmt.Assign(
                            total,
                            new Term.Combine(
                                    Binary.Operator.ADD, total, new Term.LocalLoad(sums, at)));
            scope.add(
                    new Stmt.For(
                            other,
                            Build.constant(parts - 1),
                            Stmt.For.Kind.SERIAL,
                            Stmt.Block.of(more)));
            var output = form.stage().outputs().getFirst().buffer();
            for (int lane = 0; lane < LANES; lane++) {
                var number = Build.add(column, lane);
                var one = scope.inner();
                Generic.bindDigits(form.m(), number, kernel, one);
                one.bind(form.sum(), new Term.Lane(total, Build.constant(lane)));
                var value = builder.build(form.epilogue(), one);
                builder.store(output, form.output(), value, one);
                scope.add(
                        isWhole()
                                ? one.block()
                                : new Stmt.If(
                                        Build.less(number, kernel.size(columns)),
                                        one.block(),
                                        Stmt.Block.of()));
            }
            return scope.block();
        }
    }
}
