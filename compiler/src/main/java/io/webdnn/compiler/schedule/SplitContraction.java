package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A matrix times a vector, on a grid: each element of the matrix is multiplied once, so there is
/// nothing to keep in registers, and outputs are too few to occupy a device. An invocation takes
/// every so-manieth product for four neighbouring outputs; a second kernel adds up these parts and
/// applies the epilogue. No invocation waits for another.
///
/// A matrix that is known when compiling is packed so that neighbouring invocations read
/// neighbours; any other is read element by element with its guards and prologue.
///
/// Cost: one dispatch, two where a sum is divided; each element of the matrix is loaded once, of
/// the vector once for four outputs; half a FLOP per byte.
final class SplitContraction implements Template {
    private static final int LANES = 4;

    /// A window of 7 × 7: shorter sums are no work for several invocations.
    private static final int SHORT = 49;

    /// What a symbol is taken to be.
    private static final long USUAL = 128;

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
        return new Result.Accepted(new Writer(form, request, this).calls());
    }

    /// Writes the kernels of one contraction, whose factor `a` is the matrix.
    private static final class Writer {
        private final ContractionForm form;
        private final Request request;
        private final Template template;
        private final List<Call> calls = new ArrayList<>();

        /// Outputs of one batch.
        private final Dimension columns;

        /// Vectors of four outputs, of one batch.
        private final Dimension vectors;

        private final Dimension batches;
        private final Dimension depth;

        /// Invocations that share a sum.
        private final long parts;

        Writer(ContractionForm form, Request request, Template template) {
            this.form = form;
            this.request = request;
            this.template = template;
            columns = GridContraction.extent(form.m());
            vectors = columns.plus(LANES - 1).floorDividedBy(LANES);
            batches = GridContraction.extent(form.batch());
            depth = GridContraction.extent(form.k());
            long outputs = vectors.valueAt(USUAL) * batches.valueAt(USUAL);
            parts = Math.max(1, SplitReduction.parts(outputs, depth.valueAt(USUAL)));
        }

        List<Call> calls() {
            if (parts == 1) {
                calls.add(products(null));
                return calls;
            }
            var name = form.stage().outputs().getFirst().buffer().name() + " parts";
            var sums =
                    Buffer.of(
                            name,
                            new TensorType(
                                    DType.FLOAT32,
                                    Shape.of(batches, Dimension.of(parts), vectors.times(LANES))));
            calls.add(products(sums));
            calls.add(total(sums));
            return calls;
        }

        /// The kernel that multiplies.
        ///
        /// @param sums where the parts of sums go, or null if they are whole
        private Call products(@Nullable Buffer sums) {
            var kernel = request.kernel(template);
            var root = Scope.root();
            var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
            var inside = root.inner();
            var vector = inside.declare("vector", Build.remainder(id, kernel.size(vectors)));
            var rest = inside.declare("rest", Build.divide(id, kernel.size(vectors)));
            var part = inside.declare("part", Build.remainder(rest, Build.constant(parts)));
            var batch = inside.declare("batch", Build.divide(rest, Build.constant(parts)));
            Generic.bindDigits(form.batch(), batch, kernel, inside);
            var column = inside.declare("column", Build.multiply(vector, LANES));
            var sum = inside.declare("sum", Build.constant(LoopType.FLOAT32X4, 0));
            sum(kernel, inside, sum, part, matrix(kernel, inside, batch, vector, column));
            if (sums == null) {
                for (int lane = 0; lane < LANES; lane++)
                    store(
                            kernel,
                            inside,
                            Build.add(column, lane),
                            new Term.Lane(sum, Build.constant(lane)));
            } else {
                var row = Build.add(Build.multiply(batch, parts), part);
                var first =
                        inside.declare(
                                "first",
                                Build.add(
                                        Build.multiply(row, kernel.size(vectors.times(LANES))),
                                        column));
                for (int lane = 0; lane < LANES; lane++)
                    inside.add(
                            new Stmt.Store(
                                    kernel.write(sums),
                                    Build.add(first, lane),
                                    new Term.Lane(sum, Build.constant(lane))));
            }
            return kernel.finish(
                    root, id, vectors.times(parts).times(batches), inside, request.declined());
        }

        /// Adds up every so-manieth product.
        private void sum(
                KernelBuilder kernel, Scope scope, Term.Variable sum, Term part, Matrix matrix) {
            var step = new Term.Variable("step", LoopType.INT32);
            var body = scope.inner();
            var k = body.declare("k", Build.add(Build.multiply(step, parts), part));
            var at = body.inner();
            Generic.bindDigits(form.k(), k, kernel, at);
            var element = at.declare("b", new TermBuilder(kernel).build(form.b(), at));
            var product = new Term.MultiplyAdd(new Term.Splat(element), matrix.at(at, k), sum);
            at.add(new Stmt.Assign(sum, product));
            body.add(kernel.guarded(k, depth, parts, at));
            var steps = depth.plus(parts - 1).floorDividedBy(parts);
            scope.add(new Stmt.For(step, kernel.size(steps), Stmt.For.Kind.SERIAL, body.block()));
        }

        /// Loads the four elements of the matrix that an invocation multiplies for one k.
        private interface Matrix {
            Term at(Scope scope, Term k);
        }

        private Matrix matrix(
                KernelBuilder kernel, Scope scope, Term batch, Term vector, Term column) {
            var packed = packed();
            if (packed != null) {
                var start =
                        scope.declare(
                                "start",
                                Build.add(
                                        Build.multiply(batch, depth.value() * vectors.value()),
                                        vector));
                return (_, k) ->
                        new Term.Load(
                                kernel.read(packed, LANES),
                                Build.add(start, Build.multiply(k, vectors.value())),
                                LANES);
            }
            var elements = new ArrayList<Scope>();
            for (int lane = 0; lane < LANES; lane++) {
                Term number = Build.add(column, lane);
                if (!KernelBuilder.isMultiple(columns, LANES))
                    number =
                            new Term.Combine(
                                    Binary.Operator.MIN, number, kernel.size(columns.plus(-1)));
                var element = scope.inner();
                Generic.bindDigits(form.m(), number, kernel, element);
                element.statements().forEach(scope::add);
                elements.add(element);
            }
            return (at, _) -> {
                var lanes = new ArrayList<Term>();
                for (var element : elements) {
                    var one = at.inner();
                    for (var index : form.m()) one.bind(index, element.term(index));
                    lanes.add(new TermBuilder(kernel).build(form.a(), one));
                    one.statements().forEach(at::add);
                }
                return new Term.Vector(lanes);
            };
        }

        /// {@return the matrix as `[batch…, k, column]`, or null if it is not known before the
        /// first run}
        private @Nullable Buffer packed() {
            var all = new ArrayList<Index>(form.batch());
            all.addAll(form.m());
            all.addAll(form.k());
            boolean isKnown =
                    request.packings().isKnown(form.a())
                            && all.stream().allMatch(index -> index.extent().isFixed());
            if (!isKnown) return null;
            return new TiledOperand(
                            form,
                            form.a(),
                            form.m(),
                            form.k(),
                            1,
                            depth.value(),
                            vectors.value() * LANES)
                    .pack(request, calls);
        }

        /// The kernel that adds up the parts of each output.
        private Call total(Buffer sums) {
            var kernel = request.kernel(template);
            var root = Scope.root();
            var id = root.declare("id", new Term.GridIndex(Term.GridIndex.Scope.GLOBAL, 0));
            var inside = root.inner();
            var column = inside.declare("column", Build.remainder(id, kernel.size(columns)));
            var batch = inside.declare("batch", Build.divide(id, kernel.size(columns)));
            Generic.bindDigits(form.batch(), batch, kernel, inside);
            var width = kernel.size(vectors.times(LANES));
            var first =
                    inside.declare(
                            "first",
                            Build.add(Build.multiply(Build.multiply(batch, parts), width), column));
            var sum = inside.declare("sum", Build.constant(LoopType.FLOAT32, 0));
            var part = new Term.Variable("part", LoopType.INT32);
            var load =
                    new Term.Load(
                            kernel.read(sums), Build.add(first, Build.multiply(part, width)), 1);
            inside.add(
                    new Stmt.For(
                            part,
                            Build.constant(parts),
                            Stmt.For.Kind.SERIAL,
                            Stmt.Block.of(
                                    new Stmt.Assign(
                                            sum,
                                            new Term.Combine(Binary.Operator.ADD, sum, load)))));
            store(kernel, inside, column, sum);
            return kernel.finish(root, id, columns.times(batches), inside, request.declined());
        }

        /// Stores what the epilogue makes of a sum, if its column exists.
        private void store(KernelBuilder kernel, Scope scope, Term column, Term sum) {
            var builder = new TermBuilder(kernel);
            var at = scope.inner();
            Generic.bindDigits(form.m(), column, kernel, at);
            at.bind(form.sum(), sum);
            var value = builder.build(form.epilogue(), at);
            builder.store(form.stage().outputs().getFirst().buffer(), form.output(), value, at);
            scope.add(kernel.guarded(column, columns, LANES, at));
        }
    }
}
