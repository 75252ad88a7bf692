package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Bits;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Range;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Turns an expression over indices into terms over memory, adding loops and locals to the scope as
/// it goes: the one place that reads both languages.
///
/// Where the scope has a lane index, what depends on it becomes four lanes wide; what does not
/// stays scalar. A load whose offset grows by one with the lane index is one vector load; any other
/// is four scalar ones, at constant distances where its offset grows evenly.
public final class TermBuilder {
    private final KernelBuilder kernel;
    private final Reductions reductions;

    /// Terms that are numbers of a narrow float dtype already.
    private final IdentityHashMap<Term, DType> rounded = new IdentityHashMap<>();

    public TermBuilder(KernelBuilder kernel) {
        this(kernel, 0, null);
    }

    /// @param writtenOut reductions over at most so many elements become no loops
    TermBuilder(KernelBuilder kernel, int writtenOut) {
        this(kernel, writtenOut, null);
    }

    /// @param kept what a reduction stores while it adds up
    TermBuilder(KernelBuilder kernel, @Nullable KeptPart kept) {
        this(kernel, 0, kept);
    }

    private TermBuilder(KernelBuilder kernel, int writtenOut, @Nullable KeptPart kept) {
        this.kernel = kernel;
        reductions = new Reductions(this, kernel, writtenOut, kept);
    }

    /// {@return the terms of an expression; statements that it needs are added to the scope}
    public Term build(Expr e, Scope scope) {
        kernel.expectNoOverflow(e);
        return switch (e) {
            case Literal(var dtype, var value) -> literal(dtype, value);
            case Extent(var dimension) -> kernel.size(dimension);
            case Index index ->
                    index == scope.lanes() ? laneIndex(scope.term(index)) : scope.term(index);
            case Local local -> scope.term(local);
            case Load load -> {
                var loaded = load(load, scope);
                if (load.dtype() == DType.FLOAT16) rounded.put(loaded, DType.FLOAT16);
                yield loaded;
            }
            case Unary(var operator, var a) -> unary(operator, a, scope);
            case Binary binary -> binary(binary, scope);
            case Select select -> select(select, scope);
            case Cast cast -> convert(build(cast.operand(), scope), cast, scope);
            case Bits(var dtype, var operand) ->
                    new Term.Reinterpret(kernel.type(dtype).scalar(), build(operand, scope));
            case Let(var local, var value, var body) -> {
                scope.bind(local, scope.declare(local.name(), build(value, scope)));
                yield build(body, scope);
            }
            case Reduce reduce -> reductions.build(reduce, scope);
            case Fold fold -> fold(fold, scope);
        };
    }

    /// {@return the terms of an int32 expression, put in linear form first}
    public Term offset(Expr e, Scope scope) {
        return build(Linear.of(e).recombined().toExpr(), scope);
    }

    private static Term laneIndex(Term first) {
        var lanes = new ArrayList<Term>();
        for (int k = 0; k < 4; k++) lanes.add(Build.constant(k));
        return Build.add(new Term.Splat(first), new Term.Vector(lanes));
    }

    private Term literal(DType dtype, Number value) {
        return new Term.Literal(kernel.type(dtype), value);
    }

    // Loads and stores

    private Term load(Load load, Scope scope) {
        var buffer = load.buffer();
        var known = known(buffer);
        if (known != null) return known;
        var held = kernel.held(buffer);
        if (held != null) {
            var at = build(clamped(load, scope).getLast(), scope);
            return loaded(new Term.LocalLoad(held, at), buffer.type().dtype());
        }
        if (scope.lanes() != null && dependsOnLanes(load, scope)) return loadLanes(load, scope);
        var index = kernel.target().isLoops() ? clamped(load, scope) : load.index();
        var layout = kernel.layout(buffer);
        var bound = kernel.read(buffer);
        var offset = build(layout.offset(index), scope);
        if (!layout.isTexels())
            return loaded(new Term.Load(bound, offset, 1), buffer.type().dtype());
        var texel = new Term.Load(bound, offset, 4);
        return loaded(
                new Term.Lane(texel, build(layout.laneOf(index), scope)), buffer.type().dtype());
    }

    /// {@return a number that is known, to be written into the code, or null}
    ///
    /// Not where a kernel is shared by all that compute the same with other numbers.
    private @Nullable Term known(Buffer buffer) {
        var constant = buffer.constant();
        return constant != null
                        && constant.dtype() == DType.FLOAT32
                        && constant.size() == 1
                        && !kernel.isShared()
                ? literal(DType.FLOAT32, constant.getDouble(0))
                : null;
    }

    private static Term loaded(Term stored, DType dtype) {
        if (dtype != DType.BOOL) return stored;
        return isNotZero(stored);
    }

    private static Term isNotZero(Term a) {
        var zero = Build.constant(a.type(), 0);
        return new Term.Apply(Unary.Operator.NOT, new Term.Combine(Binary.Operator.EQUAL, a, zero));
    }

    /// {@return whether the value of a part changes with the lane index, directly or through a
    /// local that is four lanes wide}
    static boolean dependsOnLanes(Expr e, Scope scope) {
        for (var free : Visit.free(e)) {
            if (free == scope.lanes() || scope.term(free).type().lanes() == 4) return true;
        }
        return false;
    }

    private Term loadLanes(Load load, Scope scope) {
        var buffer = load.buffer();
        var layout = kernel.layout(buffer);
        var lanes = Objects.requireNonNull(scope.lanes());
        long stride = layout.isTexels() ? 0 : stride(load, layout, scope);
        if (stride == 1 || isAlongTexels(load, layout, scope)) {
            var offset = firstOffset(load, layout, scope);
            return loaded(new Term.Load(kernel.read(buffer), offset, 4), buffer.type().dtype());
        }
        if (stride > 1) {
            var offset = scope.declare("at", firstOffset(load, layout, scope));
            var parts = new ArrayList<Term>();
            for (int k = 0; k < 4; k++) {
                var part = new Term.Load(kernel.read(buffer), Build.add(offset, k * stride), 1);
                parts.add(loaded(part, buffer.type().dtype()));
            }
            return new Term.Vector(parts);
        }
        var parts = new ArrayList<Term>();
        for (int k = 0; k < 4; k++) {
            var one = scope.withoutLanes(Build.add(scope.term(lanes), k));
            for (var free : Visit.free(load)) {
                if (free != lanes && scope.term(free).type().lanes() == 4) {
                    one.bind(free, new Term.Lane(scope.term(free), Build.constant(k)));
                }
            }
            parts.add(build(load, one));
            one.statements().forEach(scope::add);
        }
        return new Term.Vector(parts);
    }

    private Term firstOffset(Load load, Layout layout, Scope scope) {
        var first = scope.withoutLanes(scope.term(Objects.requireNonNull(scope.lanes())));
        var offset = build(layout.offset(load.index()), first);
        first.statements().forEach(scope::add);
        return offset;
    }

    /// Whether the lane index runs along the texels' lane axis. It starts at multiples of four, and
    /// only in range.
    private static boolean isAlongTexels(Load load, Layout layout, Scope scope) {
        if (!layout.isTexels() || layout.lane() < 0 || hasWideLocals(load, scope)) return false;
        var lanes = Objects.requireNonNull(scope.lanes());
        for (int d = 0; d < load.index().size(); d++) {
            var i = load.index().get(d);
            if (d == layout.lane() ? !i.equals(lanes) : Visit.free(i).contains(lanes)) return false;
        }
        return true;
    }

    /// {@return by how much the offset grows with the lane index, or 0 if that differs or if an
    /// element may be out of range}
    private static long stride(Load load, Layout layout, Scope scope) {
        var lanes = Objects.requireNonNull(scope.lanes());
        var offset = Linear.of(layout.offset(load.index()));
        boolean isEven =
                offset.coefficients().keySet().stream()
                        .noneMatch(atom -> atom != lanes && Visit.free(atom).contains(lanes));
        return isEven && isInRange(load, scope) && !hasWideLocals(load, scope)
                ? offset.coefficient(lanes)
                : 0;
    }

    private static boolean hasWideLocals(Load load, Scope scope) {
        return Visit.free(load).stream()
                .anyMatch(free -> free != scope.lanes() && scope.term(free).type().lanes() == 4);
    }

    private static boolean isInRange(Load load, Scope scope) {
        for (int d = 0; d < load.index().size(); d++) {
            if (!isAtLeastZero(load.index().get(d), scope)
                    || !isBelow(load.index().get(d), load.buffer().type().shape().get(d), scope))
                return false;
        }
        return true;
    }

    private static boolean isAtLeastZero(Expr i, Scope scope) {
        return Range.of(i).low() >= 0 || scope.isAssumed(Expr.of(0).lessOrEqual(i));
    }

    private static boolean isBelow(Expr i, Dimension extent, Scope scope) {
        if (extent.isFixed() && Range.of(i).high() < extent.value()) return true;
        return i.less(Expr.of(extent)) instanceof Literal l && l.is(1)
                || scope.isAssumed(i.less(Expr.of(extent)));
    }

    private List<Expr> clamped(Load load, Scope scope) {
        var index = new ArrayList<Expr>();
        for (int d = 0; d < load.index().size(); d++) {
            var i = load.index().get(d);
            var extent = load.buffer().type().shape().get(d);
            if (!isBelow(i, extent, scope)) i = i.min(Expr.of(extent).minus(1));
            if (!isAtLeastZero(load.index().get(d), scope)) i = i.max(Expr.of(0));
            index.add(i);
        }
        return index;
    }

    /// Adds the store of an element.
    public void store(Buffer buffer, List<? extends Expr> index, Term value, Scope scope) {
        var stored = rounded(value, buffer.type().dtype(), scope);
        var at =
                value.type().lanes() == 4
                        ? scope.withoutLanes(scope.term(Objects.requireNonNull(scope.lanes())))
                        : scope;
        var offset = build(kernel.layout(buffer).offset(index), at);
        if (at != scope) at.statements().forEach(scope::add);
        scope.add(new Stmt.Store(kernel.write(buffer), offset, stored));
    }

    /// {@return a value as buffers hold it: bool as int32, narrow floats rounded}
    Term stored(Term value, DType dtype, Scope scope) {
        return value.type().scalar() == ScalarType.BOOL
                ? new Term.Convert(ScalarType.INT32, value)
                : Narrow.stored(value, dtype, kernel.target().storesHalves(), scope);
    }

    /// {@return the value of an output as its buffer holds it}
    Term stored(Stage.Output output, Scope scope) {
        return rounded(build(output.value(), scope), output.buffer().type().dtype(), scope);
    }

    /// {@return a value as buffers hold it; what a cast has rounded is not rounded again}
    Term rounded(Term value, DType dtype, Scope scope) {
        return rounded.get(value) == dtype ? value : stored(value, dtype, scope);
    }

    // Operators

    /// {@return a term with so many lanes; a single value is spread over them}
    static Term wide(Term a, int lanes) {
        return a.type().lanes() == lanes ? a : new Term.Splat(a);
    }

    private Term unary(Unary.Operator operator, Expr a, Scope scope) {
        return Narrow.wrapped(new Term.Apply(operator, build(a, scope)), a.dtype());
    }

    private Term binary(Binary binary, Scope scope) {
        var a = build(binary.left(), scope);
        var b = build(binary.right(), scope);
        int lanes = Math.max(a.type().lanes(), b.type().lanes());
        boolean isShift = binary.operator() == Binary.Operator.SHIFT_RIGHT;
        if (isShift && Overflow.isWide(binary.dtype()) && !a.type().scalar().isWide())
            return shiftedRight(wide(a, lanes), wide(b, lanes));
        var combined = new Term.Combine(plain(binary), wide(a, lanes), wide(b, lanes));
        return binary.operator().isComparison()
                ? combined
                : Narrow.wrapped(combined, binary.dtype());
    }

    /// The value of 64 bits that `a` stands for, shifted by the low six bits of `b`.
    private static Term shiftedRight(Term a, Term b) {
        var distance = new Term.Combine(Binary.Operator.AND, b, Build.constant(b.type(), 63));
        var last = Build.constant(b.type(), 31);
        if (!a.type().scalar().isUnsigned())
            return new Term.Combine(
                    Binary.Operator.SHIFT_RIGHT,
                    a,
                    new Term.Combine(Binary.Operator.MIN, distance, last));
        return new Term.Choose(
                new Term.Combine(Binary.Operator.LESS_OR_EQUAL, distance, last),
                new Term.Combine(Binary.Operator.SHIFT_RIGHT, a, distance),
                Build.constant(a.type(), 0));
    }

    /// Floor division is plain division where nothing is negative.
    private static Binary.Operator plain(Binary binary) {
        boolean isPlain =
                binary.left().dtype() == DType.INT32
                        && Range.of(binary.left()).low() >= 0
                        && Range.of(binary.right()).low() > 0;
        return switch (binary.operator()) {
            case FLOOR_DIVIDE -> isPlain ? Binary.Operator.DIVIDE : binary.operator();
            case FLOOR_MODULO -> isPlain ? Binary.Operator.REMAINDER : binary.operator();
            default -> binary.operator();
        };
    }

    private Term convert(Term a, Cast cast, Scope scope) {
        var from = cast.operand().dtype();
        var to = cast.dtype();
        if (from == to) return a;
        if (to == DType.BOOL) return isNotZero(a);
        var type = kernel.type(to).scalar();
        boolean isHeld = a.type().scalar() == type;
        var converted = isHeld ? a : new Term.Convert(type, a);
        if (to.isFloat()) {
            var nearest =
                    Narrow.rounded(
                            converted, to, cast.saturate(), kernel.target().storesHalves(), scope);
            if (WideFloats.isNarrow(to)) rounded.put(nearest, to);
            return nearest;
        }
        return from.isFloat() && !isHeld
                ? Narrow.clamped(converted, to)
                : Narrow.wrapped(converted, to);
    }

    private Term select(Select select, Scope scope) {
        var condition = build(select.condition(), scope);
        var thenScope = scope.inner();
        assume(select.condition(), thenScope);
        var then = build(select.then(), thenScope);
        var otherwiseScope = scope.inner();
        var otherwise = build(select.otherwise(), otherwiseScope);
        int lanes =
                Math.max(
                        condition.type().lanes(),
                        Math.max(then.type().lanes(), otherwise.type().lanes()));
        boolean isLazy =
                condition.type().lanes() == 1
                        && (!thenScope.statements().isEmpty()
                                || !otherwiseScope.statements().isEmpty()
                                || kernel.target().isLoops()
                                        && !(isHarmless(select.then(), scope)
                                                && isHarmless(select.otherwise(), scope)));
        if (isLazy) {
            var result = scope.declare("chosen", Build.constant(then.type().withLanes(lanes), 0));
            thenScope.add(new Stmt.Assign(result, wide(then, lanes)));
            otherwiseScope.add(new Stmt.Assign(result, wide(otherwise, lanes)));
            scope.add(new Stmt.If(condition, thenScope.block(), otherwiseScope.block()));
            return result;
        }
        if (condition.type().lanes()
                == 4) { // both sides are evaluated, so nothing may be taken for granted
            var plain = scope.inner();
            then = build(select.then(), plain);
            plain.statements().forEach(scope::add);
            otherwiseScope.statements().forEach(scope::add);
        }
        return new Term.Choose(wide(condition, lanes), wide(then, lanes), wide(otherwise, lanes));
    }

    /// Whether a value may be computed in vain: its loads are in range whatever is chosen, and it
    /// costs less than a branch that goes wrong.
    private static boolean isHarmless(Expr e, Scope scope) {
        boolean[] harmless = {true};
        Visit.all(
                e,
                part -> {
                    harmless[0] &=
                            switch (part) {
                                case Load load -> isInRange(load, scope);
                                case Unary(var operator, _) -> isCheap(operator);
                                case Binary(var operator, _, _) ->
                                        operator != Binary.Operator.POWER;
                                default -> true;
                            };
                });
        return harmless[0];
    }

    /// {@return whether a value costs more to compute than to store and to load}
    static boolean isExpensive(Expr e) {
        boolean[] expensive = {false};
        Visit.all(
                e,
                part ->
                        expensive[0] |=
                                part instanceof Unary(var operator, _) && !isCheap(operator));
        return expensive[0];
    }

    private static boolean isCheap(Unary.Operator operator) {
        return switch (operator) {
            case NEGATE, ABS, SIGN, SQRT, FLOOR, CEIL, ROUND, NOT, BIT_NOT, IS_NAN, IS_INFINITE ->
                    true;
            case EXP, LOG, LOG1P, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH -> false;
            case ASINH, ACOSH, ATANH, TANH, ERF -> false;
        };
    }

    static void assume(Expr condition, Scope scope) {
        if (condition instanceof Binary(var operator, var a, var b)
                && operator == Binary.Operator.AND) {
            assume(a, scope);
            assume(b, scope);
        } else {
            scope.assume(condition);
        }
    }

    // Loops

    private Term fold(Fold fold, Scope scope) {
        var variables = new ArrayList<Term.Variable>();
        boolean wide = scope.lanes() != null && dependsOnLanes(fold, scope);
        for (var accumulator : fold.accumulators()) {
            var initial = build(accumulator.initial(), scope);
            variables.add(
                    scope.declare(accumulator.local().name(), wide ? wide(initial, 4) : initial));
        }
        var body = loops(fold.indices(), scope);
        var inner = body.innermost();
        bind(fold.accumulators(), variables, inner);
        var updates = new ArrayList<Term>();
        for (var accumulator : fold.accumulators()) {
            var update = build(accumulator.update(), inner);
            if (wide) update = wide(update, 4);
            updates.add(fold.accumulators().size() == 1 ? update : inner.declare("next", update));
        }
        for (int i = 0; i < updates.size(); i++)
            inner.add(new Stmt.Assign(variables.get(i), updates.get(i)));
        body.close(scope);
        bind(fold.accumulators(), variables, scope);
        return build(fold.result(), scope);
    }

    private static void bind(
            List<Accumulator> accumulators, List<Term.Variable> variables, Scope scope) {
        for (int i = 0; i < variables.size(); i++)
            scope.bind(accumulators.get(i).local(), variables.get(i));
    }

    /// Nested loops that are being written: the scope of the innermost body, and how to close them
    /// all.
    ///
    /// @param scopes one per index, outermost first; one scope without a loop if there are no
    ///   indices
    public record Loops(List<Scope> scopes, List<Index> indices, List<Term> extents) {
        /// {@return the scope of the innermost body}
        public Scope innermost() {
            return scopes.getLast();
        }

        /// Adds the loops to the scope that they stand in.
        public void close(Scope outer) {
            close(outer, Stmt.For.Kind.SERIAL);
        }

        /// Adds the loops to the scope that they stand in, all of them of the given kind.
        public void close(Scope outer, Stmt.For.Kind kind) {
            if (indices.isEmpty()) innermost().statements().forEach(outer::add);
            for (int d = indices.size() - 1; d >= 0; d--) {
                var variable = (Term.Variable) scopes.get(d).term(indices.get(d));
                var loop = new Stmt.For(variable, extents.get(d), kind, scopes.get(d).block());
                (d == 0 ? outer : scopes.get(d - 1)).add(loop);
            }
        }
    }

    /// {@return loops over indices, outermost first, to be filled and closed}
    public Loops loops(List<Index> indices, Scope scope) {
        return loops(indices, null, scope);
    }

    /// {@return loops of which one may end before its extent does}
    Loops loops(List<Index> indices, @Nullable LoopEnd end, Scope scope) {
        var limit = end == null ? null : build(end.limit(), scope);
        var scopes = new ArrayList<Scope>();
        var extents = new ArrayList<Term>();
        for (var index : indices) {
            var inner = (scopes.isEmpty() ? scope : scopes.getLast()).inner();
            inner.bind(index, new Term.Variable(index.name(), LoopType.INT32));
            scopes.add(inner);
            var extent = kernel.size(index.extent());
            if (end != null && limit != null && index == end.index()) {
                var least = new Term.Combine(Binary.Operator.MIN, extent, limit);
                extents.add(scope.declare("end", least));
            } else {
                extents.add(extent);
            }
        }
        if (scopes.isEmpty()) scopes.add(scope.inner());
        return new Loops(scopes, indices, extents);
    }
}
