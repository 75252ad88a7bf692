package io.webdnn.graph.expr;

import static io.webdnn.graph.expr.Binary.Operator.POWER;
import static io.webdnn.graph.expr.Unary.Operator.COS;
import static io.webdnn.graph.expr.Unary.Operator.COSH;
import static io.webdnn.graph.expr.Unary.Operator.EXP;
import static io.webdnn.graph.expr.Unary.Operator.LOG;
import static io.webdnn.graph.expr.Unary.Operator.NEGATE;
import static io.webdnn.graph.expr.Unary.Operator.SIGN;
import static io.webdnn.graph.expr.Unary.Operator.SIN;
import static io.webdnn.graph.expr.Unary.Operator.SINH;
import static io.webdnn.graph.expr.Unary.Operator.SQRT;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Derivatives of scalar expressions, symbolically.
///
/// Steps (`FLOOR`, `ROUND`, `SIGN`, comparisons, integers) have derivative 0. At kinks and ties:
/// `|x|` has 0 at 0; `MIN` and `MAX` give all of it to the first of equal operands.
public final class Derivative {
    private static final double TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

    /// Of each local that depends on the variable; null stands for 0 everywhere in this class.
    private final Map<Local, @Nullable Expr> ofLocals = new HashMap<>();

    private final Expr whole;
    private final Expr result;

    private Derivative(Expr whole, Expr result) {
        this.whole = whole;
        this.result = result;
    }

    /// {@return `factor · ∂e/∂variable`, or null where that is 0 everywhere}
    ///
    /// A condition of a `Select` stays outside of the product: the side that is not chosen may be
    /// infinite.
    ///
    /// @param result stands for the value of the whole expression, wherever the derivative can use
    ///   it
    /// @throws GraphException if the expression holds something without a derivative
    public static @Nullable Expr scaled(Expr factor, Expr e, Local variable, Expr result) {
        var derivative = new Derivative(e, result);
        derivative.ofLocals.put(variable, one(variable.dtype()));
        var d = derivative.of(e);
        return d == null ? null : scaled(factor, d);
    }

    /// {@return the product, conditions outermost, signs outside, no factor 1}
    static Expr scaled(Expr factor, Expr d) {
        return switch (d) {
            case Select(var condition, var then, var otherwise) ->
                    condition.select(scaled(factor, then), scaled(factor, otherwise));
            case Unary(var operator, var a) when operator == NEGATE ->
                    scaled(factor, a).apply(NEGATE);
            case Literal l when l.is(0) -> l;
            default ->
                    switch (factor) {
                        case Select(var condition, var then, var otherwise) ->
                                condition.select(scaled(then, d), scaled(otherwise, d));
                        case Literal l when l.is(0) -> l;
                        default -> times(factor, d);
                    };
        };
    }

    /// {@return the factor of one operand's derivative in that of a function of one operand}
    ///
    /// @param e the function applied to `a`
    static @Nullable Expr ofUnary(Unary.Operator operator, Expr a, Expr e) {
        var dtype = a.dtype();
        var one = one(dtype);
        return switch (operator) {
            case NEGATE -> constant(dtype, -1);
            case ABS -> a.apply(SIGN);
            case EXP -> e;
            case LOG -> one.dividedBy(a);
            case LOG1P -> one.dividedBy(one.plus(a));
            case SQRT -> constant(dtype, 0.5).dividedBy(e);
            case SIN -> a.apply(COS);
            case COS -> a.apply(SIN).apply(NEGATE);
            case TAN -> one.plus(e.times(e));
            case ASIN -> one.dividedBy(one.minus(a.times(a)).apply(SQRT));
            case ACOS -> constant(dtype, -1).dividedBy(one.minus(a.times(a)).apply(SQRT));
            case ATAN -> one.dividedBy(one.plus(a.times(a)));
            case SINH -> a.apply(COSH);
            case COSH -> a.apply(SINH);
            case ASINH -> one.dividedBy(one.plus(a.times(a)).apply(SQRT));
            case ACOSH -> one.dividedBy(a.times(a).minus(one).apply(SQRT));
            case ATANH -> one.dividedBy(one.minus(a.times(a)));
            case TANH -> one.minus(e.times(e));
            case ERF ->
                    constant(dtype, TWO_OVER_ROOT_PI).times(a.times(a).apply(NEGATE).apply(EXP));
            case SIGN, FLOOR, CEIL, ROUND, NOT, BIT_NOT, IS_NAN, IS_INFINITE -> null;
        };
    }

    /// The factors of two operands' derivatives in that of a function of both; null is 0.
    record Factors(@Nullable Expr left, @Nullable Expr right) {}

    /// {@return the factors for `e = a operator b`, conditions being bools by which one is taken}
    static Factors ofBinary(Binary.Operator operator, Expr a, Expr b, Expr e) {
        var dtype = a.dtype();
        var zero = constant(dtype, 0);
        return switch (operator) {
            case ADD -> new Factors(one(dtype), one(dtype));
            case SUBTRACT -> new Factors(one(dtype), constant(dtype, -1));
            case MULTIPLY -> new Factors(b, a);
            case DIVIDE -> new Factors(one(dtype).dividedBy(b), e.dividedBy(b).apply(NEGATE));
            case REMAINDER -> new Factors(one(dtype), a.minus(e).dividedBy(b).apply(NEGATE));
            case FLOOR_MODULO ->
                    new Factors(one(dtype), a.apply(Binary.Operator.FLOOR_DIVIDE, b).apply(NEGATE));
            case MIN -> first(a.lessOrEqual(b), dtype);
            case MAX -> first(b.lessOrEqual(a), dtype);
            case POWER -> {
                // 0^0 and the like: where a factor is 0, the infinite other one does not matter.
                var less = b.minus(one(dtype));
                var base =
                        b instanceof Literal
                                ? b.times(a.apply(POWER, less))
                                : b.isEqualTo(zero).select(zero, b.times(a.apply(POWER, less)));
                var exponent = a.isEqualTo(zero).select(zero, e.times(a.apply(LOG)));
                yield new Factors(base, exponent);
            }
            case FLOOR_DIVIDE,
                    AND,
                    OR,
                    XOR,
                    SHIFT_LEFT,
                    SHIFT_RIGHT,
                    MULTIPLY_HIGH,
                    EQUAL,
                    LESS,
                    LESS_OR_EQUAL ->
                    new Factors(null, null);
        };
    }

    private static Factors first(Expr takesLeft, DType dtype) {
        var one = one(dtype);
        var zero = constant(dtype, 0);
        return new Factors(takesLeft.select(one, zero), takesLeft.select(zero, one));
    }

    @SuppressWarnings("ReferenceEquality") // the root, not what looks like it
    private Expr value(Expr e) {
        return e == whole ? result : e;
    }

    private @Nullable Expr of(Expr e) {
        if (!e.dtype().isFloat()) return null;
        return switch (e) {
            case Literal _, Index _, Extent _, Load _ -> null;
            case Local local -> ofLocals.get(local);
            case Unary(var operator, var a) -> {
                var d = of(a);
                var factor = d == null ? null : ofUnary(operator, a, value(e));
                yield d == null || factor == null ? null : scaled(d, factor);
            }
            case Binary(var operator, var a, var b) -> {
                var left = of(a);
                var right = of(b);
                if (left == null && right == null) yield null;
                var factors = ofBinary(operator, a, b, value(e));
                yield sum(product(left, factors.left()), product(right, factors.right()));
            }
            case Select(var condition, var then, var otherwise) -> {
                var a = of(then);
                var b = of(otherwise);
                if (a == null && b == null) yield null;
                yield condition.select(orZero(a, e.dtype()), orZero(b, e.dtype()));
            }
            case Cast(var dtype, var a, _) -> {
                var d = of(a);
                yield d == null ? null : d.cast(dtype);
            }
            case Bits _ -> null;
            case Let let -> let(let);
            case Reduce(var operator, var indices, var body) -> {
                var d = of(body);
                if (d == null) yield null;
                if (operator == Reduce.Operator.SUM) yield Expr.sum(indices, d);
                throw GraphException.saying(
                        "Gradients", "expected a reduction with a derivative, got " + operator);
            }
            case Fold fold -> fold(fold);
        };
    }

    private @Nullable Expr let(Let let) {
        // The result may hold this very Let, as part of a factor: its local must be another one.
        var local = new Local(let.local().name(), let.local().dtype());
        var body = new Substitution(List.of(let.local()), List.of(local)).apply(let.body());
        var ofValue = of(let.value());
        if (ofValue == null) {
            var ofBody = of(body);
            return ofBody == null ? null : new Let(local, let.value(), ofBody);
        }
        var derivative = new Local("d" + local.name(), local.dtype());
        ofLocals.put(local, derivative);
        var ofBody = of(body);
        return ofBody == null
                ? null
                : new Let(local, let.value(), new Let(derivative, ofValue, ofBody));
    }

    /// The same loop with the derivatives of the accumulators as accumulators of their own.
    private @Nullable Expr fold(Fold fold) {
        var dtype = fold.dtype();
        var derivatives = new ArrayList<Local>();
        for (var accumulator : fold.accumulators()) {
            var local = accumulator.local();
            var derivative = new Local("d" + local.name(), local.dtype());
            derivatives.add(derivative);
            if (local.dtype().isFloat()) ofLocals.put(local, derivative);
        }
        var all = new ArrayList<>(fold.accumulators());
        for (int i = 0; i < derivatives.size(); i++) {
            var accumulator = fold.accumulators().get(i);
            if (!accumulator.local().dtype().isFloat()) continue;
            all.add(
                    new Accumulator(
                            derivatives.get(i),
                            orZero(of(accumulator.initial()), accumulator.local().dtype()),
                            orZero(of(accumulator.update()), accumulator.local().dtype())));
        }
        var result = of(fold.result());
        return result == null ? null : new Fold(fold.indices(), all, orZero(result, dtype));
    }

    private static @Nullable Expr product(@Nullable Expr d, @Nullable Expr factor) {
        return d == null || factor == null ? null : scaled(d, factor);
    }

    private static @Nullable Expr sum(@Nullable Expr a, @Nullable Expr b) {
        return a == null ? b : b == null ? a : a.plus(b);
    }

    private static Expr orZero(@Nullable Expr e, DType dtype) {
        return e == null ? constant(dtype, 0) : e;
    }

    /// {@return the product; a factor 1 vanishes, −1 becomes a sign}
    static Expr times(Expr a, Expr b) {
        if (a instanceof Literal l && l.is(1)) return b;
        if (b instanceof Literal l && l.is(1)) return a;
        if (a instanceof Literal l && l.is(-1)) return b.apply(NEGATE);
        if (b instanceof Literal l && l.is(-1)) return a.apply(NEGATE);
        // x · (1 / b) is x / b
        if (b instanceof Binary(var operator, Literal l, var divisor)
                && operator == Binary.Operator.DIVIDE
                && l.is(1)) {
            return a.dividedBy(divisor);
        }
        return a.times(b);
    }

    private static Expr one(DType dtype) {
        return constant(dtype, 1);
    }

    private static Expr constant(DType dtype, double value) {
        return Expr.of(dtype, value);
    }
}
