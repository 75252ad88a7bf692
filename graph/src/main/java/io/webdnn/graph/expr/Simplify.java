package io.webdnn.graph.expr;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The smart constructors of [Expr]: algebra that holds exactly on every target, nothing that
/// changes a float.
///
/// `x + 0` is folded for integers only: for floats `−0.0 + 0` is `0.0`.
final class Simplify {
    private Simplify() {}

    static Expr unary(Unary.Operator operator, Expr a) {
        if (operator == Unary.Operator.NOT && a instanceof Literal l) return Literal.of(l.is(0));
        if (operator == Unary.Operator.NEGATE && a instanceof Literal(var dtype, Long value)) {
            return Literal.of(dtype, -value);
        }
        return new Unary(operator, a);
    }

    static Expr select(Expr condition, Expr then, Expr otherwise) {
        if (condition instanceof Literal l) return l.is(0) ? otherwise : then;
        if (then.equals(otherwise)) return then;
        return new Select(condition, then, otherwise);
    }

    static Expr cast(DType dtype, Expr a) {
        if (a.dtype() == dtype) return a;
        if (a instanceof Literal(_, Long value) && dtype == DType.BOOL)
            return Literal.of(value != 0);
        if (a instanceof Literal(_, Long value)
                && (dtype == DType.INT32 ? value == value.intValue() : dtype == DType.INT64)) {
            return Literal.of(dtype, value);
        }
        if (a instanceof Literal(_, Long value)
                && dtype.isFloat()
                && Math.abs(value) <= 1 << 24
                && dtype.bits() >= 32) {
            return Literal.of(dtype, (double) value);
        }
        return new Cast(dtype, a, true);
    }

    static Expr reduce(Reduce.Operator operator, List<Index> indices, Expr body) {
        return indices.isEmpty() ? body : new Reduce(operator, indices, body);
    }

    static Expr binary(Binary.Operator operator, Expr a, Expr b) {
        if (a.dtype() == DType.BOOL && b.dtype() == DType.BOOL) {
            var folded = logic(operator, a, b);
            if (folded != null) return folded;
        }
        if (a.dtype() == DType.INT32 && b.dtype() == DType.INT32) return integer(operator, a, b);
        return new Binary(operator, a, b);
    }

    private static @Nullable Expr logic(Binary.Operator operator, Expr a, Expr b) {
        return switch (operator) {
            case AND -> {
                if (a instanceof Literal l) yield l.is(0) ? a : b;
                yield b instanceof Literal l ? l.is(0) ? b : a : null;
            }
            case OR -> {
                if (a instanceof Literal l) yield l.is(0) ? b : a;
                yield b instanceof Literal l ? l.is(0) ? a : b : null;
            }
            default -> null;
        };
    }

    private static Expr integer(Binary.Operator operator, Expr a, Expr b) {
        if (a instanceof Literal(_, Long x) && b instanceof Literal(_, Long y)) {
            var folded = fold(operator, x, y);
            if (folded != null) return folded;
        }
        var x = Range.of(a);
        var y = Range.of(b);
        switch (operator) {
            case ADD -> {
                if (isLiteral(a, 0)) return b;
                if (isLiteral(b, 0)) return a;
                if (a instanceof Literal) return binary(ADD, b, a); // literals stand right
                if (a instanceof Binary(var inner, var p, var q)
                        && inner == SUBTRACT
                        && q.equals(b)) return p;
                if (b instanceof Literal(_, Long q)
                        && a instanceof Binary(var inner, var p, Literal(_, Long r))
                        && inner == ADD) {
                    return binary(ADD, p, Literal.of(DType.INT32, q + r));
                }
            }
            case SUBTRACT -> {
                if (isLiteral(b, 0)) return a;
                if (a.equals(b)) return Expr.of(0);
                if (b instanceof Literal(_, Long q)) return binary(ADD, a, Expr.of(-q));
            }
            case MULTIPLY -> {
                if (isLiteral(a, 0) || isLiteral(b, 1)) return a;
                if (isLiteral(b, 0) || isLiteral(a, 1)) return b;
                if (a instanceof Literal) return binary(MULTIPLY, b, a);
                if (b instanceof Literal(_, Long q)
                        && a instanceof Binary(var inner, var p, Literal(_, Long r))
                        && inner == MULTIPLY) {
                    return binary(MULTIPLY, p, Literal.of(DType.INT32, q * r));
                }
            }
            case FLOOR_DIVIDE -> {
                if (isLiteral(b, 1)) return a;
                if (b instanceof Literal(_, Long q) && q > 0) {
                    if (x.isWithin(0, q - 1)) return Expr.of(0);
                    var split = Linear.split(a, q);
                    if (split != null && Range.of(split.rest()).isWithin(0, q - 1))
                        return split.quotient();
                    var nested = quotientOf(a, q);
                    if (nested != null) return nested;
                }
                if (x.low() >= 0 && b instanceof Extent e && isBelow(a, e)) return Expr.of(0);
            }
            case FLOOR_MODULO -> {
                if (isLiteral(b, 1)) return Expr.of(0);
                if (b instanceof Literal(_, Long q) && q > 0) {
                    if (x.isWithin(0, q - 1)) return a;
                    var split = Linear.split(a, q);
                    if (split != null && !isLiteral(split.quotient(), 0))
                        return binary(FLOOR_MODULO, split.rest(), b);
                    if (a instanceof Binary(var inner, var p, Literal r)
                            && inner == FLOOR_MODULO
                            && r.value().longValue() > 0
                            && r.value().longValue() % q == 0) {
                        return binary(FLOOR_MODULO, p, b); // (p mod rq) mod q
                    }
                }
                if (x.low() >= 0 && b instanceof Extent e && isBelow(a, e)) return a;
            }
            case LESS -> {
                if (x.high() < y.low()) return Literal.of(true);
                if (x.low() >= y.high()) return Literal.of(false);
                if (b instanceof Extent e && isBelow(a, e)) return Literal.of(true);
            }
            case LESS_OR_EQUAL -> {
                if (x.high() <= y.low()) return Literal.of(true);
                if (x.low() > y.high()) return Literal.of(false);
            }
            case EQUAL -> {
                if (a.equals(b)) return Literal.of(true);
                if (x.high() < y.low() || y.high() < x.low()) return Literal.of(false);
            }
            case MIN -> {
                if (a.equals(b) || x.high() <= y.low()) return a;
                if (y.high() <= x.low()) return b;
            }
            case MAX -> {
                if (a.equals(b) || y.high() <= x.low()) return a;
                if (x.high() <= y.low()) return b;
            }
            default -> {}
        }
        return new Binary(operator, a, b);
    }

    /// `(p // r) // q` is `p // rq`, and `(p mod rq) // q` is `(p // q) mod r`.
    private static @Nullable Expr quotientOf(Expr a, long q) {
        if (!(a instanceof Binary(var inner, var p, Literal literal))) return null;
        long r = literal.value().longValue();
        if (inner == FLOOR_DIVIDE && r > 0 && r * q <= Integer.MAX_VALUE) {
            return binary(FLOOR_DIVIDE, p, Expr.of(r * q));
        }
        if (inner == FLOOR_MODULO && r > 0 && r % q == 0) {
            return binary(FLOOR_MODULO, binary(FLOOR_DIVIDE, p, Expr.of(q)), Expr.of(r / q));
        }
        return null;
    }

    private static boolean isLiteral(Expr e, long value) {
        return e instanceof Literal l && l.is(value);
    }

    private static boolean isBelow(Expr a, Extent extent) {
        return a instanceof Index i && i.extent().equals(extent.dimension());
    }

    private static @Nullable Expr fold(Binary.Operator operator, long x, long y) {
        return switch (operator) {
            case ADD -> Expr.of((int) (x + y));
            case SUBTRACT -> Expr.of((int) (x - y));
            case MULTIPLY -> Expr.of((int) (x * y));
            case DIVIDE -> Expr.of(y == 0 ? 0 : x / y);
            case REMAINDER -> Expr.of(y == 0 ? 0 : x % y);
            case FLOOR_DIVIDE -> Expr.of(y == 0 ? 0 : Math.floorDiv(x, y));
            case FLOOR_MODULO -> Expr.of(y == 0 ? 0 : Math.floorMod(x, y));
            case MIN -> Expr.of(Math.min(x, y));
            case MAX -> Expr.of(Math.max(x, y));
            case EQUAL -> Literal.of(x == y);
            case LESS -> Literal.of(x < y);
            case LESS_OR_EQUAL -> Literal.of(x <= y);
            case POWER, AND, OR, XOR, SHIFT_LEFT, SHIFT_RIGHT, MULTIPLY_HIGH -> null;
        };
    }
}
