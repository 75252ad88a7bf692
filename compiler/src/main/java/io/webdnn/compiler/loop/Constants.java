package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Evaluates terms that hold nothing but literals, with the rules of `graph.expr`: an emitter never
/// has to print an operation whose operands are all known (WGSL refuses a division by a constant 0
/// and a constant that overflows).
final class Constants {
    private Constants() {}

    /// {@return the literal that a term is equal to, or null if it depends on anything}
    static @Nullable Term fold(Term term) {
        var lanes = evaluate(term);
        if (lanes == null) return null;
        var scalar = term.type().withLanes(1);
        var literals = new ArrayList<Term>();
        for (var lane : lanes) literals.add(new Term.Literal(scalar, lane));
        if (literals.size() == 1) return literals.getFirst();
        boolean same = lanes.stream().allMatch(lanes.getFirst()::equals);
        return same ? new Term.Splat(literals.getFirst()) : new Term.Vector(literals);
    }

    private static @Nullable List<Number> evaluate(Term term) {
        var scalar = term.type().scalar();
        if (scalar == ScalarType.FLOAT16) return null; // the device knows how exact it is
        return switch (term) {
            case Term.Literal(_, var value) -> List.of(wrap(scalar, value));
            case Term.Splat(var operand) -> {
                var lanes = evaluate(operand);
                yield lanes == null ? null : Collections.nCopies(4, lanes.getFirst());
            }
            case Term.Vector(var operands) -> {
                var lanes = new ArrayList<Number>();
                for (var operand : operands) {
                    var lane = evaluate(operand);
                    if (lane == null) yield null;
                    lanes.add(lane.getFirst());
                }
                yield lanes;
            }
            case Term.Lane(var vector, var lane) -> {
                var lanes = evaluate(vector);
                var index = evaluate(lane);
                yield lanes == null || index == null
                        ? null
                        : List.of(lanes.get(index.getFirst().intValue() & 3));
            }
            case Term.Apply(var operator, var a) -> map(term, a, x -> apply(operator, a.type(), x));
            case Term.Combine(var operator, var a, var b) ->
                    map(term, a, b, (x, y) -> combine(operator, a.type().scalar(), x, y));
            case Term.MultiplyAdd(var a, var b, var c) ->
                    evaluate(
                            new Term.Combine(
                                    Binary.Operator.ADD,
                                    new Term.Combine(Binary.Operator.MULTIPLY, a, b),
                                    c));
            case Term.Choose(var condition, var then, var otherwise) -> {
                var chosen = evaluate(condition);
                var a = evaluate(then);
                var b = evaluate(otherwise);
                if (chosen == null || a == null || b == null) yield null;
                var lanes = new ArrayList<Number>();
                for (int i = 0; i < a.size(); i++) {
                    boolean yes = chosen.get(Math.min(i, chosen.size() - 1)).longValue() != 0;
                    lanes.add(yes ? a.get(i) : b.get(i));
                }
                yield lanes;
            }
            case Term.Convert(var to, var a) ->
                    a.type().scalar() == ScalarType.UINT64
                            ? null
                            : map(term, a, x -> convert(to, x));
            case Term.Reinterpret(var to, var a) ->
                    map(term, a, x -> reinterpret(a.type().scalar(), to, x));
            case Term.Variable _,
                    Term.Parameter _,
                    Term.GridIndex _,
                    Term.Load _,
                    Term.LocalLoad _ ->
                    null;
        };
    }

    private interface One {
        @Nullable Number apply(Number x);
    }

    private interface Two {
        @Nullable Number apply(Number x, Number y);
    }

    private static @Nullable List<Number> map(Term term, Term a, One function) {
        var x = evaluate(a);
        if (x == null) return null;
        var lanes = new ArrayList<Number>();
        for (var lane : x) {
            var y = function.apply(lane);
            if (y == null) return null;
            lanes.add(wrap(term.type().scalar(), y));
        }
        return lanes;
    }

    private static @Nullable List<Number> map(Term term, Term a, Term b, Two function) {
        var x = evaluate(a);
        var y = evaluate(b);
        if (x == null || y == null) return null;
        var lanes = new ArrayList<Number>();
        for (int i = 0; i < x.size(); i++) {
            var z = function.apply(x.get(i), y.get(i));
            if (z == null) return null;
            lanes.add(wrap(term.type().scalar(), z));
        }
        return lanes;
    }

    private static Number wrap(ScalarType type, Number value) {
        return switch (type) {
            case FLOAT16 -> throw new AssertionError(type);
            case FLOAT32 -> (double) value.floatValue();
            case FLOAT64 -> value.doubleValue();
            case INT32 -> (long) (int) value.longValue();
            case UINT32 -> value.longValue() & 0xffffffffL;
            case INT64, UINT64 -> value.longValue();
            case BOOL -> value.longValue() != 0 ? 1L : 0L;
        };
    }

    private static @Nullable Number apply(Unary.Operator operator, LoopType type, Number value) {
        if (!type.scalar().isFloat()) {
            long x = value.longValue();
            return switch (operator) {
                case NEGATE -> -x;
                case ABS -> type.scalar() == ScalarType.UINT64 ? x : Math.abs(x);
                case SIGN -> type.scalar() == ScalarType.UINT64 ? null : (long) Long.signum(x);
                case NOT -> 1 - x;
                case BIT_NOT -> ~x;
                case IS_NAN, IS_INFINITE -> 0L;
                default -> null;
            };
        }
        double x = value.doubleValue();
        return switch (operator) {
            case NEGATE -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> x > 0 ? 1.0 : x < 0 ? -1.0 : x;
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case LOG1P -> Math.log1p(x);
            case SQRT -> Math.sqrt(x);
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case ROUND -> Math.rint(x);
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case TAN -> Math.tan(x);
            case ASIN -> Math.asin(x);
            case ACOS -> Math.acos(x);
            case ATAN -> Math.atan(x);
            case SINH -> Math.sinh(x);
            case COSH -> Math.cosh(x);
            case TANH -> Math.tanh(x);
            case IS_NAN -> Double.isNaN(x) ? 1L : 0L;
            case IS_INFINITE -> Double.isInfinite(x) ? 1L : 0L;
            // java.lang.Math lacks them
            case ASINH -> Math.copySign(Math.log(Math.abs(x) + Math.hypot(x, 1)), x);
            case ACOSH -> Math.log(x + Math.sqrt(x * x - 1));
            case ATANH -> 0.5 * (Math.log1p(x) - Math.log1p(-x));
            case ERF, NOT, BIT_NOT -> null;
        };
    }

    private static @Nullable Number combine(
            Binary.Operator operator, ScalarType type, Number left, Number right) {
        return type.isFloat()
                ? combine(operator, left.doubleValue(), right.doubleValue())
                : combine(operator, type, left.longValue(), right.longValue());
    }

    private static @Nullable Number combine(Binary.Operator operator, double x, double y) {
        return switch (operator) {
            case ADD -> x + y;
            case SUBTRACT -> x - y;
            case MULTIPLY -> x * y;
            case DIVIDE -> x / y;
            case REMAINDER -> x % y;
            case FLOOR_DIVIDE -> Math.floor(x / y);
            case FLOOR_MODULO -> {
                double rest = x % y;
                yield rest != 0 && rest < 0 != y < 0 ? rest + y : rest;
            }
            case MIN -> Math.min(x, y);
            case MAX -> Math.max(x, y);
            case POWER -> x == 1 || x == -1 && Double.isInfinite(y) ? 1.0 : Math.pow(x, y);
            case EQUAL -> x == y ? 1L : 0L;
            case LESS -> x < y ? 1L : 0L;
            case LESS_OR_EQUAL -> x <= y ? 1L : 0L;
            case AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, MULTIPLY_HIGH -> null;
        };
    }

    private static @Nullable Number combine(
            Binary.Operator operator, ScalarType type, long x, long y) {
        int bits = type.isWide() ? 63 : 31;
        if (type == ScalarType.UINT64) {
            switch (operator) {
                case DIVIDE, FLOOR_DIVIDE -> {
                    return y == 0 ? 0L : Long.divideUnsigned(x, y);
                }
                case REMAINDER, FLOOR_MODULO -> {
                    return y == 0 ? 0L : Long.remainderUnsigned(x, y);
                }
                case SHIFT_RIGHT -> {
                    return x >>> (y & bits);
                }
                case MIN -> {
                    return Long.compareUnsigned(x, y) <= 0 ? x : y;
                }
                case MAX -> {
                    return Long.compareUnsigned(x, y) >= 0 ? x : y;
                }
                case LESS -> {
                    return Long.compareUnsigned(x, y) < 0 ? 1L : 0L;
                }
                case LESS_OR_EQUAL -> {
                    return Long.compareUnsigned(x, y) <= 0 ? 1L : 0L;
                }
                case POWER -> {
                    return null;
                }
                default -> {}
            }
        }
        return switch (operator) {
            case ADD -> x + y;
            case SUBTRACT -> x - y;
            case MULTIPLY -> x * y;
            case DIVIDE -> y == 0 ? 0L : x / y;
            case REMAINDER -> y == 0 ? 0L : x % y;
            case FLOOR_DIVIDE -> y == 0 ? 0L : Math.floorDiv(x, y);
            case FLOOR_MODULO -> y == 0 ? 0L : Math.floorMod(x, y);
            case MIN -> Math.min(x, y);
            case MAX -> Math.max(x, y);
            case POWER -> power(type, x, y);
            case AND -> x & y;
            case OR -> x | y;
            case XOR -> x ^ y;
            case SHIFT_LEFT -> x << (y & bits);
            case SHIFT_RIGHT -> x >> (y & bits);
            case MULTIPLY_HIGH -> type == ScalarType.UINT32 ? (x * y) >>> 32 : null;
            case EQUAL -> x == y ? 1L : 0L;
            case LESS -> x < y ? 1L : 0L;
            case LESS_OR_EQUAL -> x <= y ? 1L : 0L;
        };
    }

    private static long power(ScalarType type, long base, long exponent) {
        if (exponent < 0) {
            if (base == 1) return 1;
            return base == -1 ? (exponent & 1) == 0 ? 1 : -1 : 0;
        }
        long result = 1;
        long square = base;
        for (long rest = exponent; rest != 0; rest >>= 1) {
            if ((rest & 1) != 0) result = wrap(type, result * square).longValue();
            square = wrap(type, square * square).longValue();
        }
        return result;
    }

    private static @Nullable Number convert(ScalarType to, Number value) {
        if (value instanceof Long x) return to.isFloat() ? (Number) x.doubleValue() : x;
        double x = value.doubleValue();
        return switch (to) {
            case FLOAT16 -> throw new AssertionError(to);
            case FLOAT32, FLOAT64 -> x;
            case INT32 -> (long) (int) x;
            case INT64 -> (long) x;
            case UINT64 -> null;
            case UINT32 -> Math.clamp((long) x, 0L, 0xffffffffL);
            case BOOL -> x != 0 ? 1L : 0L; // NaN is true
        };
    }

    private static @Nullable Number reinterpret(ScalarType from, ScalarType to, Number value) {
        return switch (from) {
            case FLOAT32 ->
                    to == ScalarType.FLOAT32
                            ? value
                            : (Number) (long) Float.floatToRawIntBits(value.floatValue());
            case INT32, UINT32 ->
                    to == ScalarType.FLOAT32
                            ? (Number) (double) Float.intBitsToFloat((int) value.longValue())
                            : value;
            case FLOAT16, FLOAT64, INT64, UINT64, BOOL -> null;
        };
    }
}
