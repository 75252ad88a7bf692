package io.webdnn.compiler.loop;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Rewrites a kernel into what a printer can print line by line: unrolled loops are written out,
/// constants are folded, and register arrays that are only indexed by literals become variables.
///
/// Afterwards no [Stmt.For.Kind#UNROLLED] loop is left and no operation has only literal operands
/// (but for those that [Constants] cannot evaluate).
public final class Expand {
    private final Map<Term.Variable, Term> replaced = new HashMap<>();
    private final Map<Term.Variable, Interval> intervals = new HashMap<>();
    private final Map<Term.Variable, Boolean> assigned = new HashMap<>();

    private final Grid grid;

    private Expand(Grid grid) {
        this.grid = grid;
    }

    /// {@return the kernel, expanded}
    public static Kernel kernel(Kernel kernel) {
        var expand = new Expand(kernel.grid());
        expand.findAssigned(kernel.body());
        var body = RegisterArrays.toVariables(expand.block(kernel.body()));
        var arrays = kernel.arrays().stream().filter(a -> RegisterArrays.isUsed(a, body)).toList();
        return new Kernel(
                kernel.name(),
                kernel.template(),
                kernel.buffers(),
                kernel.parameters(),
                arrays,
                kernel.grid(),
                body);
    }

    private void findAssigned(Stmt statement) {
        switch (statement) {
            case Stmt.Block(var statements) -> statements.forEach(this::findAssigned);
            case Stmt.Assign(var variable, _) -> assigned.put(variable, true);
            case Stmt.For f -> findAssigned(f.body());
            case Stmt.If(_, var then, var otherwise) -> {
                findAssigned(then);
                findAssigned(otherwise);
            }
            case Stmt.Declare _, Stmt.Store _, Stmt.LocalStore _, Stmt.Barrier _, Stmt.Call _ -> {}
        }
    }

    private Stmt.Block block(Stmt.Block block) {
        var into = new ArrayList<Stmt>();
        for (var statement : block.statements()) append(statement, into);
        return new Stmt.Block(into);
    }

    private void append(Stmt statement, List<Stmt> into) {
        switch (statement) {
            case Stmt.Block b -> {
                for (var inner : b.statements()) append(inner, into);
            }
            case Stmt.Declare(var variable, var value) -> declare(variable, term(value), into);
            case Stmt.Assign(var variable, var value) ->
                    into.add(
                            new Stmt.Assign(
                                    (Term.Variable) replaced.getOrDefault(variable, variable),
                                    term(value)));
            case Stmt.Store(var buffer, var offset, var value) ->
                    into.add(new Stmt.Store(buffer, term(offset), term(value)));
            case Stmt.LocalStore(var array, var index, var value) ->
                    into.add(new Stmt.LocalStore(array, term(index), term(value)));
            case Stmt.For loop -> loop(loop, into);
            case Stmt.If(var condition, var then, var otherwise) -> {
                var folded = term(condition);
                if (folded instanceof Term.Literal(_, var value)) {
                    append(value.longValue() != 0 ? then : otherwise, into);
                } else {
                    into.add(new Stmt.If(folded, block(then), block(otherwise)));
                }
            }
            case Stmt.Barrier barrier -> into.add(barrier);
            case Stmt.Call(var name, var arguments) -> {
                var mapped = new ArrayList<Stmt.Argument>();
                for (var argument : arguments) {
                    mapped.add(
                            argument instanceof Stmt.Argument.Scalar(var scalar)
                                    ? new Stmt.Argument.Scalar(term(scalar))
                                    : argument);
                }
                into.add(new Stmt.Call(name, mapped));
            }
        }
    }

    private void declare(Term.Variable variable, Term value, List<Stmt> into) {
        if (!assigned.containsKey(variable) && isPlain(value)) {
            replaced.put(variable, value);
            return;
        }
        // A body that is written out several times declares a new variable each time.
        var fresh = new Term.Variable(variable.name(), variable.type());
        replaced.put(variable, fresh);
        if (assigned.containsKey(variable)) assigned.put(fresh, true);
        else intervals.put(fresh, Interval.of(value, intervals, grid));
        into.add(new Stmt.Declare(fresh, value));
    }

    private boolean isPlain(Term value) {
        return switch (value) {
            case Term.Literal _, Term.Parameter _, Term.GridIndex _ -> true;
            case Term.Variable v -> !assigned.containsKey(v);
            case Term.Splat(var scalar) -> scalar instanceof Term.Literal;
            default -> false;
        };
    }

    private void loop(Stmt.For loop, List<Stmt> into) {
        var extent = term(loop.extent());
        var count = extent instanceof Term.Literal l ? l.value().longValue() : -1;
        if (loop.kind() == Stmt.For.Kind.UNROLLED && count < 0 && !(extent instanceof Term.Literal))
            throw new IllegalArgumentException(
                    "For: extent of an unrolled loop: expected a literal, got " + extent);
        if (loop.kind() == Stmt.For.Kind.UNROLLED || count == 0 || count == 1) {
            for (long i = 0; i < count; i++) {
                replaced.put(loop.index(), Build.constant(i));
                append(loop.body(), into);
            }
            return;
        }
        var index = new Term.Variable(loop.index().name(), loop.index().type());
        replaced.put(loop.index(), index);
        intervals.put(index, Interval.ofLoop(extent, intervals, grid));
        into.add(new Stmt.For(index, extent, loop.kind(), block(loop.body())));
    }

    private Term term(Term term) {
        return switch (term) {
            case Term.Literal l -> {
                var folded = Constants.fold(l);
                yield folded == null ? l : folded;
            }
            case Term.Variable v -> replaced.getOrDefault(v, v);
            case Term.Parameter p ->
                    p.dimension().isFixed() ? Build.constant(p.dimension().value()) : p;
            case Term.GridIndex g -> g;
            case Term.Apply(var operator, var a) -> once(term(a), x -> new Term.Apply(operator, x));
            case Term.Combine(var operator, var a, var b) -> combine(operator, term(a), term(b));
            case Term.MultiplyAdd(var a, var b, var c) -> multiplyAdd(term(a), term(b), term(c));
            case Term.Choose(var condition, var then, var otherwise) -> {
                var c = term(condition);
                var known = scalarOf(c);
                if (known != null) yield term(known.longValue() != 0 ? then : otherwise);
                if (c instanceof Term.Splat(var all)) c = all;
                yield fold(new Term.Choose(c, term(then), term(otherwise)));
            }
            case Term.Convert(var to, var a) -> {
                var operand = term(a);
                yield operand.type().scalar() == to
                        ? operand
                        : once(operand, x -> new Term.Convert(to, x));
            }
            case Term.Reinterpret(var to, var a) -> {
                var operand = term(a);
                yield operand.type().scalar() == to
                        ? operand
                        : once(operand, x -> new Term.Reinterpret(to, x));
            }
            case Term.Splat(var scalar) -> new Term.Splat(term(scalar));
            case Term.Lane(var vector, var lane) -> lane(term(vector), term(lane));
            case Term.Vector(var lanes) -> new Term.Vector(lanes.stream().map(this::term).toList());
            case Term.Load(var buffer, var offset, var lanes) ->
                    new Term.Load(buffer, term(offset), lanes);
            case Term.LocalLoad(var array, var index) -> new Term.LocalLoad(array, term(index));
        };
    }

    /// A function of four equal lanes is computed once.
    private static Term once(Term operand, UnaryOperator<Term> function) {
        return operand instanceof Term.Splat(var scalar)
                ? new Term.Splat(fold(function.apply(scalar)))
                : fold(function.apply(operand));
    }

    private static Term multiplyAdd(Term a, Term b, Term c) {
        return a instanceof Term.Splat(var x)
                        && b instanceof Term.Splat(var y)
                        && c instanceof Term.Splat(var z)
                ? new Term.Splat(fold(new Term.MultiplyAdd(x, y, z)))
                : fold(new Term.MultiplyAdd(a, b, c));
    }

    private static Term fold(Term term) {
        var folded = Constants.fold(term);
        return folded == null ? term : folded;
    }

    /// {@return the value that all lanes of a term have, or null}
    private static @Nullable Number scalarOf(Term term) {
        return switch (term) {
            case Term.Literal(_, var value) -> value;
            case Term.Splat(Term.Literal(_, var value)) -> value;
            default -> null;
        };
    }

    private static Term lane(Term vector, Term lane) {
        if (vector instanceof Term.Splat(var scalar)) return scalar;
        if (!(lane instanceof Term.Literal(_, var i))) return new Term.Lane(vector, lane);
        // a padding lane, whose value nobody uses, may be computed from a lane behind the last
        int kept = i.intValue() & 3;
        return vector instanceof Term.Vector(var lanes)
                ? lanes.get(kept)
                : new Term.Lane(vector, Build.constant(kept));
    }

    private Term combine(Binary.Operator operator, Term a, Term b) {
        var folded = Constants.fold(new Term.Combine(operator, a, b));
        if (folded != null) return folded;
        if (a instanceof Term.Splat(var p) && b instanceof Term.Splat(var q))
            return new Term.Splat(combine(operator, p, q));
        var scalar = a.type().scalar();
        if (scalar == ScalarType.BOOL && (operator == AND || operator == OR)) {
            var x = scalarOf(a);
            var y = scalarOf(b);
            // false absorbs in a conjunction, true in a disjunction; the other value is neutral
            long absorbing = operator == OR ? 1 : 0;
            if (x != null) return x.longValue() == absorbing ? a : b;
            if (y != null) return y.longValue() == absorbing ? b : a;
            return new Term.Combine(operator, a, b);
        }
        if (scalar.isFloat()) return new Term.Combine(operator, a, b);
        return a.type().equals(LoopType.INT32) ? index(operator, a, b) : plain(operator, a, b);
    }

    private static Term plain(Binary.Operator operator, Term a, Term b) {
        var x = scalarOf(a);
        var y = scalarOf(b);
        if (operator == ADD && is(x, 0) || operator == MULTIPLY && is(x, 1)) return b;
        if (is(y, 0) && (operator == ADD || operator == SUBTRACT)) return a;
        if (is(y, 1) && (operator == MULTIPLY || operator == DIVIDE || operator == FLOOR_DIVIDE))
            return a;
        if (is(y, -1) && (operator == DIVIDE || operator == FLOOR_DIVIDE))
            return new Term.Apply(Unary.Operator.NEGATE, a);
        if ((is(y, 1) || is(y, -1)) && (operator == REMAINDER || operator == FLOOR_MODULO))
            return Build.constant(a.type(), 0);
        if (operator == MULTIPLY && is(x, 0)) return a;
        if (operator == MULTIPLY && is(y, 0)) return b;
        return new Term.Combine(operator, a, b);
    }

    private static boolean is(@Nullable Number value, long expected) {
        return value != null && value.longValue() == expected;
    }

    private Term index(Binary.Operator operator, Term a, Term b) {
        var plain = plain(operator, a, b);
        if (!(plain instanceof Term.Combine c) || c.operator() != operator) return plain;
        var x = Interval.of(a, intervals, grid);
        var y = Interval.of(b, intervals, grid);
        switch (operator) {
            case ADD -> {
                if (a instanceof Term.Literal && !(b instanceof Term.Literal))
                    return index(ADD, b, a);
                if (b instanceof Term.Literal(_, var q)
                        && a instanceof Term.Combine(var inner, var p, Term.Literal(_, var r))
                        && inner == ADD) {
                    return index(ADD, p, Build.constant((int) (q.longValue() + r.longValue())));
                }
            }
            case DIVIDE, FLOOR_DIVIDE -> {
                if (x.low() >= 0 && x.high() < y.low()) return Build.constant(0);
                if (operator == FLOOR_DIVIDE && x.isNatural() && y.low() > 0)
                    return new Term.Combine(DIVIDE, a, b);
            }
            case REMAINDER, FLOOR_MODULO -> {
                if (x.low() >= 0 && x.high() < y.low()) return a;
                if (operator == FLOOR_MODULO && x.isNatural() && y.low() > 0)
                    return new Term.Combine(REMAINDER, a, b);
            }
            case MIN -> {
                if (x.high() <= y.low()) return a;
                if (y.high() <= x.low()) return b;
            }
            case MAX -> {
                if (x.low() >= y.high()) return a;
                if (y.low() >= x.high()) return b;
            }
            case LESS -> {
                if (x.high() < y.low()) return bool(true);
                if (x.low() >= y.high()) return bool(false);
            }
            case LESS_OR_EQUAL -> {
                if (x.high() <= y.low()) return bool(true);
                if (x.low() > y.high()) return bool(false);
            }
            case EQUAL -> {
                if (x.high() < y.low() || y.high() < x.low()) return bool(false);
            }
            case SUBTRACT,
                    MULTIPLY,
                    POWER,
                    AND,
                    OR,
                    XOR,
                    SHIFT_LEFT,
                    SHIFT_RIGHT,
                    MULTIPLY_HIGH -> {}
        }
        return plain;
    }

    private static Term bool(boolean value) {
        return new Term.Literal(LoopType.BOOL, value ? 1L : 0L);
    }
}
