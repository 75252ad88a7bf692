package io.webdnn.compiler.schedule;

import io.webdnn.compiler.Target;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import org.jspecify.annotations.Nullable;

/// The loops of reductions, for [TermBuilder]: one element after the other, or on WebAssembly four
/// at once where they lie side by side; written out if they are few.
final class Reductions {
    /// Vectors are reduced over windows of so many elements without a loop.
    private static final int WINDOW = 9;

    /// So few elements are reduced one by one.
    private static final int SHORT = 8;

    private final TermBuilder builder;
    private final KernelBuilder kernel;
    private final int writtenOut;
    private final @Nullable KeptPart kept;

    /// @param writtenOut reductions over at most so many elements become no loops
    /// @param kept what a reduction stores while it adds up
    Reductions(TermBuilder builder, KernelBuilder kernel, int writtenOut, @Nullable KeptPart kept) {
        this.builder = builder;
        this.kernel = kernel;
        this.writtenOut = writtenOut;
        this.kept = kept;
    }

    /// {@return what a reduction gives; its loops are added to the scope}
    Term build(Reduce reduce, Scope scope) {
        if (hasLanes(reduce, scope)) return inLanes(reduce, scope);
        var type = kernel.type(reduce.dtype());
        boolean wide = scope.lanes() != null && TermBuilder.dependsOnLanes(reduce, scope);
        var identity = identity(reduce.operator(), reduce.dtype(), wide ? type.withLanes(4) : type);
        var result = scope.declare("acc", identity);
        var steps = new Shape(reduce.indices().stream().map(Index::extent).toList()).elements();
        int most = wide && kernel.target().isLoops() ? WINDOW : writtenOut;
        boolean isWrittenOut = steps.isFixed() && steps.value() <= most;
        boolean isWhole = wide || isWrittenOut || isKept(reduce);
        var end = isWhole ? null : LoopEnd.of(reduce);
        var body = builder.loops(reduce.indices(), end, scope);
        if (end != null) TermBuilder.assume(end.condition(), body.innermost());
        var value =
                end == null
                        ? summand(reduce, body.innermost())
                        : builder.build(end.before(), body.innermost());
        if (wide) value = TermBuilder.wide(value, 4);
        body.innermost()
                .add(
                        new Stmt.Assign(
                                result,
                                Narrow.wrapped(
                                        combine(reduce.operator(), result, value),
                                        reduce.dtype())));
        body.close(scope, isWrittenOut ? Stmt.For.Kind.UNROLLED : Stmt.For.Kind.SERIAL);
        return result;
    }

    private boolean isKept(Reduce reduce) {
        return kept != null && kept.reduce().equals(reduce);
    }

    private Term summand(Reduce reduce, Scope scope) {
        var value = builder.build(reduce.body(), scope);
        if (kept == null || !isKept(reduce)) return value;
        var once = scope.declare("kept", value);
        builder.store(kept.buffer(), kept.place(), once, scope);
        return once;
    }

    /// {@return whether four elements along the last index of a reduction are combined at once:
    /// they lie side by side, and are many}
    private boolean hasLanes(Reduce reduce, Scope scope) {
        if (kernel.target() != Target.WEBASSEMBLY
                || scope.lanes() != null
                || reduce.dtype() != DType.FLOAT32
                || reduce.indices().isEmpty()) return false;
        var last = reduce.indices().getLast();
        if (last.extent().isFixed() && last.extent().value() < SHORT) return false;
        if (!Generic.hasLanes(reduce.body(), last)) return false;
        boolean[] isFit = {true};
        Visit.all(
                reduce.body(),
                part -> {
                    if (!Visit.free(part).contains(last)) return;
                    isFit[0] &= !kernel.type(part.dtype()).scalar().isWide();
                    if (part instanceof Load load) isFit[0] &= isAlong(load, last, scope);
                });
        return isFit[0];
    }

    /// {@return whether the elements of a load along an index lie side by side}
    private boolean isAlong(Load load, Index index, Scope scope) {
        var offset = Linear.of(kernel.layout(load.buffer()).offset(load.index()));
        return offset.coefficient(index) == 1
                && offset.coefficients().keySet().stream()
                        .allMatch(atom -> atom == index || !Visit.free(atom).contains(index))
                && Visit.free(load).stream()
                        .allMatch(free -> free instanceof Index || scope.isBound(free));
    }

    /// Four sums, of every fourth element each, are added up behind the loop; what is left over is
    /// added one by one.
    private Term inLanes(Reduce reduce, Scope scope) {
        var type = kernel.type(reduce.dtype());
        var operator = reduce.operator();
        var four = scope.declare("acc4", identity(operator, reduce.dtype(), type.withLanes(4)));
        var one = scope.declare("acc", identity(operator, reduce.dtype(), type));
        int count = reduce.indices().size();
        var outer = builder.loops(reduce.indices().subList(0, count - 1), scope);
        var inner = outer.innermost();
        var index = reduce.indices().getLast();
        var extent = index.extent();
        var groups = extent.floorDividedBy(4);
        var group = new Term.Variable(index.name(), LoopType.INT32);
        var lanes = inner.withLanes(index, Build.multiply(group, 4));
        var value = TermBuilder.wide(summand(reduce, lanes), 4);
        lanes.add(new Stmt.Assign(four, combine(operator, four, value)));
        inner.add(new Stmt.For(group, kernel.size(groups), Stmt.For.Kind.SERIAL, lanes.block()));
        var done = groups.times(4);
        if (!extent.equals(done)) {
            var rest = inner.inner();
            var tail = new Term.Variable(index.name(), LoopType.INT32);
            rest.bind(index, Build.add(tail, kernel.size(done)));
            rest.add(new Stmt.Assign(one, combine(operator, one, summand(reduce, rest))));
            inner.add(
                    new Stmt.For(
                            tail,
                            kernel.size(extent.minus(done)),
                            Stmt.For.Kind.SERIAL,
                            rest.block()));
        }
        outer.close(scope);
        Term result = one;
        for (int k = 0; k < 4; k++)
            result = combine(operator, result, new Term.Lane(four, Build.constant(k)));
        return scope.declare("reduced", result);
    }

    private static Term combine(Reduce.Operator operator, Term accumulator, Term value) {
        var binary =
                switch (operator) {
                    case SUM -> Binary.Operator.ADD;
                    case PRODUCT -> Binary.Operator.MULTIPLY;
                    case MAX -> Binary.Operator.MAX;
                    case MIN -> Binary.Operator.MIN;
                    case ANY -> Binary.Operator.OR;
                    case ALL -> Binary.Operator.AND;
                };
        if (operator == Reduce.Operator.SUM
                && value.type().scalar() == ScalarType.FLOAT32
                && value instanceof Term.Combine(var inner, var a, var b)
                && inner == Binary.Operator.MULTIPLY) {
            return new Term.MultiplyAdd(a, b, accumulator);
        }
        return new Term.Combine(binary, accumulator, value);
    }

    /// {@return what a reduction starts from}
    private static Term identity(Reduce.Operator operator, DType dtype, LoopType type) {
        double value =
                switch (operator) {
                    case SUM, ANY -> 0;
                    case PRODUCT, ALL -> 1;
                    case MAX -> Narrow.lowest(dtype);
                    case MIN -> Narrow.highest(dtype);
                };
        if (type.scalar() == ScalarType.UINT64 && operator == Reduce.Operator.MIN)
            return new Term.Literal(type, -1L); // all bits
        if (type.scalar() == ScalarType.INT64
                && (operator == Reduce.Operator.MAX || operator == Reduce.Operator.MIN)) {
            return new Term.Literal(
                    type, operator == Reduce.Operator.MAX ? Long.MIN_VALUE : Long.MAX_VALUE);
        }
        return Build.constant(type, value);
    }
}
