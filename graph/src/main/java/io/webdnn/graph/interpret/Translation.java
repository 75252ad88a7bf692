package io.webdnn.graph.interpret;

import io.webdnn.graph.expr.Accumulator;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Bits;
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
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.NarrowFloat;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns expressions into [Code] over one frame, for one run: sizes are numbers by now, and loads
/// hold the arrays they read.
///
/// Only the chosen side of a `Select` is evaluated, `and` and `or` stop at the first operand that
/// decides, and a `Let` is computed when its local is first read: so whatever is evaluated matters.
final class Translation {
    private final Environment environment;
    private final IdentityHashMap<Expr, Integer> slots = new IdentityHashMap<>();
    private final Map<Local, Code> lets = new HashMap<>();
    private final IdentityHashMap<Expr, Code> translated = new IdentityHashMap<>();

    Translation(Environment environment) {
        this.environment = environment;
    }

    /// {@return a frame with room for all that was translated so far}
    Code.Frame frame() {
        return new Code.Frame(slots.size());
    }

    Loop loop(List<Index> indices) {
        return new Loop(
                indices.stream().mapToInt(this::slot).toArray(),
                indices.stream().mapToLong(i -> environment.sizes().of(i.extent())).toArray());
    }

    int slot(Expr variable) {
        return slots.computeIfAbsent(variable, _ -> slots.size());
    }

    Code code(Expr e) {
        var known = translated.get(e);
        if (known != null) return known;
        var code =
                switch (e.dtype().kind()) {
                    case FLOAT -> newReal(e);
                    case SIGNED, UNSIGNED -> newWhole(e);
                    case BOOL -> newTruth(e);
                    case COMPLEX, STRING -> throw Reals.undefined("expression", e.dtype());
                };
        translated.put(e, code);
        return code;
    }

    Code.Real real(Expr e) {
        return (Code.Real) code(e);
    }

    Code.Whole whole(Expr e) {
        return (Code.Whole) code(e);
    }

    Code.Truth truth(Expr e) {
        return (Code.Truth) code(e);
    }

    private Code.Real newReal(Expr e) {
        var dtype = e.dtype();
        return switch (e) {
            case Literal l -> {
                double value = Reals.round(dtype, l.value().doubleValue());
                yield _ -> value;
            }
            case Local local -> {
                int slot = slot(local);
                var ready = ready(local, slot);
                yield ready == null
                        ? f -> f.reals[slot]
                        : f -> {
                            ready.run(f);
                            return f.reals[slot];
                        };
            }
            case Load load -> Loads.real(environment.get(load.buffer()), offset(load));
            case Unary(var operator, var a) -> Reals.unary(operator, dtype, real(a));
            case Binary(var operator, var a, var b) ->
                    Reals.binary(operator, dtype, real(a), real(b));
            case Select(var condition, var then, var otherwise) -> {
                var c = truth(condition);
                var a = real(then);
                var b = real(otherwise);
                yield f -> c.at(f) ? a.at(f) : b.at(f);
            }
            case Cast(_, var operand, var saturate) -> {
                var from = operand.dtype();
                yield switch (code(operand)) {
                    case Code.Real a -> f -> NarrowFloat.round(dtype, a.at(f), saturate);
                    case Code.Whole a ->
                            f -> NarrowFloat.round(dtype, Wholes.toReal(from, a.at(f)), saturate);
                    case Code.Truth a -> f -> a.at(f) ? 1 : 0;
                };
            }
            case Bits(_, var operand) -> {
                var bits = whole(operand);
                yield dtype == DType.FLOAT64
                        ? f -> Double.longBitsToDouble(bits.at(f))
                        : f -> Float.intBitsToFloat((int) bits.at(f));
            }
            case Let let -> {
                var bind = bind(let);
                var body = real(let.body());
                yield f -> {
                    bind.run(f);
                    return body.at(f);
                };
            }
            case Reduce(var operator, var indices, var body) ->
                    Reals.reduce(operator, dtype, loop(indices), real(body));
            case Fold fold -> {
                var steps = fold(fold);
                var result = real(fold.result());
                yield f -> {
                    steps.run(f);
                    return result.at(f);
                };
            }
            case Index _, Extent _ -> throw new AssertionError(e);
        };
    }

    private Code.Whole newWhole(Expr e) {
        var dtype = e.dtype();
        return switch (e) {
            case Literal l -> {
                long value = Wholes.wrap(dtype, l.value().longValue());
                yield _ -> value;
            }
            case Index index -> {
                int slot = slot(index);
                yield f -> f.wholes[slot];
            }
            case Extent(var dimension) -> {
                long value = environment.sizes().of(dimension);
                yield _ -> value;
            }
            case Local local -> {
                int slot = slot(local);
                var ready = ready(local, slot);
                yield ready == null
                        ? f -> f.wholes[slot]
                        : f -> {
                            ready.run(f);
                            return f.wholes[slot];
                        };
            }
            case Load load -> Loads.whole(environment.get(load.buffer()), offset(load));
            case Unary(var operator, var a) -> Wholes.unary(operator, dtype, whole(a));
            case Binary(var operator, var a, var b) -> {
                if (dtype == DType.INT32) {
                    var linear = Linear.of(e);
                    if (linear.isAffine() && linear.coefficients().size() < 7) {
                        yield affine(linear);
                    }
                }
                yield Wholes.binary(operator, dtype, whole(a), whole(b));
            }
            case Select(var condition, var then, var otherwise) -> {
                var c = truth(condition);
                var a = whole(then);
                var b = whole(otherwise);
                yield f -> c.at(f) ? a.at(f) : b.at(f);
            }
            case Cast(_, var operand, _) ->
                    switch (code(operand)) {
                        case Code.Real a -> f -> Wholes.fromReal(dtype, a.at(f));
                        case Code.Whole a -> f -> Wholes.wrap(dtype, a.at(f));
                        case Code.Truth a -> f -> a.at(f) ? 1 : 0;
                    };
            case Bits(_, var operand) -> {
                var number = real(operand);
                yield dtype == DType.INT64
                        ? f -> Double.doubleToRawLongBits(number.at(f))
                        : f -> Float.floatToRawIntBits((float) number.at(f));
            }
            case Let let -> {
                var bind = bind(let);
                var body = whole(let.body());
                yield f -> {
                    bind.run(f);
                    return body.at(f);
                };
            }
            case Reduce(var operator, var indices, var body) ->
                    Wholes.reduce(operator, dtype, loop(indices), whole(body));
            case Fold fold -> {
                var steps = fold(fold);
                var result = whole(fold.result());
                yield f -> {
                    steps.run(f);
                    return result.at(f);
                };
            }
        };
    }

    private Code.Truth newTruth(Expr e) {
        return switch (e) {
            case Literal l -> {
                boolean value = !l.is(0);
                yield _ -> value;
            }
            case Local local -> {
                int slot = slot(local);
                var ready = ready(local, slot);
                yield ready == null
                        ? f -> f.wholes[slot] != 0
                        : f -> {
                            ready.run(f);
                            return f.wholes[slot] != 0;
                        };
            }
            case Load load -> {
                var bytes = Loads.whole(environment.get(load.buffer()), offset(load));
                yield f -> bytes.at(f) != 0;
            }
            case Unary(var operator, var a) -> truth(operator, a);
            case Binary(var operator, var a, var b) ->
                    switch (code(a)) {
                        case Code.Real x -> Reals.compare(operator, x, real(b));
                        case Code.Whole x -> Wholes.compare(operator, a.dtype(), x, whole(b));
                        case Code.Truth x -> logic(operator, x, truth(b));
                    };
            case Select(var condition, var then, var otherwise) -> {
                var c = truth(condition);
                var a = truth(then);
                var b = truth(otherwise);
                yield f -> c.at(f) ? a.at(f) : b.at(f);
            }
            case Cast(_, var operand, _) ->
                    switch (code(operand)) {
                        case Code.Real a -> f -> a.at(f) != 0;
                        case Code.Whole a -> f -> a.at(f) != 0;
                        case Code.Truth a -> a;
                    };
            case Bits _ -> throw new AssertionError("bits are numbers");
            case Let let -> {
                var bind = bind(let);
                var body = truth(let.body());
                yield f -> {
                    bind.run(f);
                    return body.at(f);
                };
            }
            case Reduce(var operator, var indices, var body) -> {
                boolean decides = decides(operator);
                var loop = loop(indices);
                var one = truth(body);
                yield f -> {
                    if (loop.start(f)) {
                        do if (one.at(f) == decides) return decides;
                        while (loop.next(f));
                    }
                    return !decides;
                };
            }
            case Fold fold -> {
                var steps = fold(fold);
                var result = truth(fold.result());
                yield f -> {
                    steps.run(f);
                    return result.at(f);
                };
            }
            case Index _, Extent _ -> throw new AssertionError(e);
        };
    }

    /// The value that decides a reduction of bools as soon as it is seen.
    private static boolean decides(Reduce.Operator operator) {
        return switch (operator) {
            case ANY, MAX -> true;
            case ALL, MIN -> false;
            case SUM, PRODUCT -> throw Reals.undefined(operator, DType.BOOL);
        };
    }

    private Code.Truth truth(Unary.Operator operator, Expr a) {
        return switch (operator) {
            case NOT -> {
                var x = truth(a);
                yield f -> !x.at(f);
            }
            case IS_NAN -> {
                var x = real(a);
                yield f -> Double.isNaN(x.at(f));
            }
            case IS_INFINITE -> {
                var x = real(a);
                yield f -> Double.isInfinite(x.at(f));
            }
            default -> throw Reals.undefined(operator, a.dtype());
        };
    }

    private static Code.Truth logic(Binary.Operator operator, Code.Truth a, Code.Truth b) {
        return switch (operator) {
            case AND, MIN, MULTIPLY -> f -> a.at(f) && b.at(f);
            case OR, MAX -> f -> a.at(f) || b.at(f);
            case XOR -> f -> a.at(f) ^ b.at(f);
            case EQUAL -> f -> a.at(f) == b.at(f);
            case LESS -> f -> !a.at(f) && b.at(f);
            case LESS_OR_EQUAL -> f -> !a.at(f) || b.at(f);
            default -> throw Reals.undefined(operator, DType.BOOL);
        };
    }

    /// Something that leaves its result in the frame.
    @FunctionalInterface
    private interface Steps {
        void run(Code.Frame frame);
    }

    /// The loop of a fold: afterwards the accumulators hold their last values.
    private Steps fold(Fold fold) {
        var accumulators = fold.accumulators();
        int n = accumulators.size();
        var locals = new int[n];
        for (int i = 0; i < n; i++) locals[i] = slot(accumulators.get(i).local());
        var initials = accumulators.stream().map(Accumulator::initial).map(this::code).toList();
        var loop = loop(fold.indices());
        var updates = accumulators.stream().map(Accumulator::update).map(this::code).toList();
        return f -> {
            for (int i = 0; i < n; i++) store(initials.get(i), f, locals[i]);
            if (!loop.start(f)) return;
            var wholes = new long[n];
            var reals = new double[n];
            do {
                for (int i = 0; i < n; i++) {
                    switch (updates.get(i)) {
                        case Code.Real a -> reals[i] = a.at(f);
                        case Code.Whole a -> wholes[i] = a.at(f);
                        case Code.Truth a -> wholes[i] = a.at(f) ? 1 : 0;
                    }
                }
                for (int i = 0; i < n; i++) {
                    f.reals[locals[i]] = reals[i];
                    f.wholes[locals[i]] = wholes[i];
                }
            } while (loop.next(f));
        };
    }

    private static void store(Code code, Code.Frame frame, int slot) {
        switch (code) {
            case Code.Real a -> frame.reals[slot] = a.at(frame);
            case Code.Whole a -> frame.wholes[slot] = a.at(frame);
            case Code.Truth a -> frame.wholes[slot] = a.at(frame) ? 1 : 0;
        }
    }

    /// What a `Let` does before its body: computes the value, or, where loads are checked, forgets
    /// the last one, so that a value which nobody reads may load outside.
    private Steps bind(Let let) {
        int slot = slot(let.local());
        var value = code(let.value());
        return switch (environment.bounds()) {
            case CLAMPED -> f -> store(value, f, slot);
            case CHECKED -> {
                lets.put(let.local(), value);
                yield f -> f.known[slot] = false;
            }
        };
    }

    /// What to do before a local is read; null if nothing.
    ///
    /// The value is computed in the middle of loops that may use its indices and locals again,
    /// hence the copies.
    private @Nullable Steps ready(Local local, int slot) {
        var value = lets.get(local);
        if (value == null) return null;
        return f -> {
            if (f.known[slot]) return;
            var inner = f.copy();
            store(value, inner, slot);
            f.wholes[slot] = inner.wholes[slot];
            f.reals[slot] = inner.reals[slot];
            f.known[slot] = true;
        };
    }

    private Code.Whole affine(Linear linear) {
        int n = linear.coefficients().size();
        var at = new int[n];
        var factor = new long[n];
        int k = 0;
        for (var entry : linear.coefficients().entrySet()) {
            at[k] = slot(entry.getKey());
            factor[k++] = entry.getValue();
        }
        long constant = linear.constant();
        if (n == 1) {
            int at0 = at[0];
            long factor0 = factor[0];
            return f -> (int) (f.wholes[at0] * factor0 + constant);
        }
        return f -> {
            long sum = constant;
            for (int i = 0; i < at.length; i++) sum += f.wholes[at[i]] * factor[i];
            return (int) sum;
        };
    }

    /// Where the indices are proven to be inside, the position is one sum.
    private Code.Whole offset(Load load) {
        var shape = environment.get(load.buffer()).shape();
        var sum = isInside(load.index(), shape) ? position(load.index(), shape) : null;
        if (sum != null && sum.isAffine()) return affine(sum);
        var index = load.index().stream().map(this::whole).toList();
        return Loads.offset(load.buffer().name(), shape, index, environment.bounds());
    }

    private static boolean isInside(List<Expr> index, int[] shape) {
        for (int d = 0; d < shape.length; d++)
            if (!Range.of(index.get(d)).isWithin(0, shape[d] - 1)) return false;
        return true;
    }

    private static Linear position(List<Expr> index, int[] shape) {
        Expr position = Expr.of(0);
        for (int d = 0; d < shape.length; d++)
            position = position.times(shape[d]).plus(index.get(d));
        return Linear.of(position).recombined();
    }
}
