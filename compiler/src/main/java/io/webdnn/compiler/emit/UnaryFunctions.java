package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Unary;

/// The definitions of operators of one operand.
///
/// The polynomials are minimax fits; with exact float32 arithmetic their relative error is below
/// 1e-7 (rounding adds two or three units in the last place). Sine, cosine and tangent are reduced
/// by π/2 in three parts, which holds for arguments up to about 10⁵.
final class UnaryFunctions extends FunctionBody {
    UnaryFunctions(LoopType type) {
        super(type);
    }

    /// {@return the result for an operand}

    Term result(Unary.Operator operator, Term.Variable x) {
        return switch (operator) {
            case SIGN ->
                    new Term.Choose(
                            compare(LESS, number(0), x),
                            number(1),
                            new Term.Choose(compare(LESS, x, number(0)), number(-1), x));
            case EXP -> new Term.Choose(apply(Unary.Operator.IS_NAN, x), x, apply(operator, x));
            case LOG -> logarithm(x);
            case LOG1P -> {
                var near =
                        new Term.Combine(
                                AND, compare(LESS, number(-0.4), x), compare(LESS, x, number(0.6)));
                yield new Term.Choose(
                        near, logarithmOf1Plus(x), apply(Unary.Operator.LOG, add(number(1), x)));
            }
            case SIN -> quadrant(x, 0);
            case COS -> quadrant(x, 1);
            case TAN -> divide(apply(Unary.Operator.SIN, x), apply(Unary.Operator.COS, x));
            case ASIN -> {
                var a = let("a", apply(Unary.Operator.ABS, x));
                var large = let("l", compare(LESS, number(0.5), a));
                var half = let("h", multiply(number(0.5), subtract(number(1), a)));
                var r = let("r", new Term.Choose(large, apply(Unary.Operator.SQRT, half), a));
                var z = let("z", multiply(r, r));
                var p = let("p", odd(r, z, ASIN));
                yield withSignOf(
                        x,
                        new Term.Choose(
                                large, subtract(number(PI_HALF), multiply(number(2), p)), p));
            }
            case ACOS -> {
                var a = let("a", apply(Unary.Operator.ABS, x));
                var large = let("l", compare(LESS, number(0.5), a));
                var half = let("h", multiply(number(0.5), subtract(number(1), a)));
                var r = let("r", new Term.Choose(large, apply(Unary.Operator.SQRT, half), x));
                var z = let("z", multiply(r, r));
                var p = let("p", odd(r, z, ASIN));
                var twice = let("t", multiply(number(2), p));
                yield new Term.Choose(
                        large,
                        new Term.Choose(
                                compare(LESS, x, number(0)),
                                subtract(number(2 * PI_HALF), twice),
                                twice),
                        subtract(number(PI_HALF), p));
            }
            case ATAN -> arctangent(x);
            case SINH -> {
                var a = let("a", apply(Unary.Operator.ABS, x));
                var z = let("z", multiply(x, x));
                var e = let("e", halfExponential(a));
                yield new Term.Choose(
                        compare(LESS, a, number(1)),
                        odd(x, z, 0.16666667, 0.0083333496, 0.00019836159, 2.8169513e-6),
                        withSignOf(x, subtract(e, divide(number(0.25), e))));
            }
            case COSH -> {
                var e = let("e", halfExponential(apply(Unary.Operator.ABS, x)));
                yield add(e, divide(number(0.25), e));
            }
            case TANH -> {
                var a = let("a", apply(Unary.Operator.ABS, x));
                var z = let("z", multiply(x, x));
                var e = apply(Unary.Operator.EXP, multiply(number(2), a));
                // from 10 on it is 1 in float32, and the exponential would overflow later
                var far =
                        new Term.Choose(
                                compare(LESS, number(10), a),
                                number(1),
                                subtract(number(1), divide(number(2), add(e, number(1)))));
                yield new Term.Choose(
                        compare(LESS, a, number(0.625)),
                        odd(x, z, -0.33333275, 0.13331275, -0.053725123, 0.020589817, -0.005648308),
                        withSignOf(x, far));
            }
            case ASINH -> {
                var a = let("a", apply(Unary.Operator.ABS, x));
                var z = let("z", multiply(a, a));
                var root = apply(Unary.Operator.SQRT, add(z, number(1)));
                var near = apply(Unary.Operator.LOG1P, add(a, divide(z, add(number(1), root))));
                yield withSignOf(x, unlessHuge(a, near));
            }
            case ACOSH -> {
                var t = let("t", subtract(x, number(1)));
                var root = apply(Unary.Operator.SQRT, multiply(t, add(t, number(2))));
                var near = apply(Unary.Operator.LOG1P, add(t, root));
                yield new Term.Choose(
                        compare(LESS, x, number(1)), number(Double.NaN), unlessHuge(x, near));
            }
            case ATANH -> {
                var a = let("a", apply(Unary.Operator.ABS, x));
                var quotient = divide(multiply(number(2), a), subtract(number(1), a));
                yield withSignOf(x, multiply(number(0.5), apply(Unary.Operator.LOG1P, quotient)));
            }
            case ERF -> {
                var a = let("a", apply(Unary.Operator.ABS, x));
                var z = let("z", multiply(x, x));
                var near =
                        multiply(
                                x,
                                polynomial(
                                        z,
                                        1.1283791,
                                        -0.37612626,
                                        0.112835854,
                                        -0.026853811,
                                        0.0051883273,
                                        -0.000801019,
                                        7.853851e-5));
                // −ln(1 − erf a)
                var exponent =
                        polynomial(
                                a,
                                0.0026717198,
                                1.1174384,
                                0.65448904,
                                0.08863411,
                                -0.014778098,
                                0.0011504192);
                var far =
                        new Term.Choose(
                                compare(LESS, number(4), a),
                                number(1),
                                subtract(
                                        number(1),
                                        apply(
                                                Unary.Operator.EXP,
                                                apply(Unary.Operator.NEGATE, exponent))));
                yield new Term.Choose(compare(LESS, a, number(1)), near, withSignOf(x, far));
            }
            case IS_NAN -> compare(LESS, bits(type, 0x7f800000L), magnitudeBits(x));
            case IS_INFINITE -> compare(EQUAL, bits(type, 0x7f800000L), magnitudeBits(x));
            case NEGATE, ABS, SQRT, FLOOR, CEIL, ROUND, NOT, BIT_NOT ->
                    throw new IllegalArgumentException(
                            operator + ": expected an operator that needs a function");
        };
    }

    private static final double[] ASIN = {
        0.16666752, 0.074952975, 0.045470376, 0.0241795, 0.042166308
    };

    /// `x = 2ᵉ · m` with m within √½ … √2, so `ln x = e ln 2 + ln m`. Languages promise only an
    /// absolute error near 1, and implementations differ for 0, ∞ and below.
    private Term logarithm(Term.Variable x) {
        var ints = new LoopType(ScalarType.INT32, type.lanes());
        var b = let("b", new Term.Reinterpret(ScalarType.INT32, x));
        var e =
                let(
                        "e",
                        new Term.Combine(
                                SHIFT_RIGHT,
                                subtract(b, integer(ints, 0x3f3504f3)),
                                integer(ints, 23)));
        var m =
                let(
                        "m",
                        new Term.Reinterpret(
                                ScalarType.FLOAT32,
                                subtract(b, new Term.Combine(SHIFT_LEFT, e, integer(ints, 23)))));
        var n = let("n", new Term.Convert(ScalarType.FLOAT32, e));
        // ln 2 in two parts, the first short enough for exact products
        var rest =
                add(multiply(n, number(-2.12194440e-4)), logarithmOf1Plus(subtract(m, number(1))));
        var finite = add(multiply(n, number(0.693359375)), rest);
        var atZero =
                new Term.Choose(
                        compare(LESS, x, number(0)),
                        number(Double.NaN),
                        number(Double.NEGATIVE_INFINITY));
        var isLast =
                new Term.Combine(
                        OR,
                        compare(EQUAL, x, number(Double.POSITIVE_INFINITY)),
                        apply(Unary.Operator.IS_NAN, x));
        return new Term.Choose(
                compare(LESS, x, number(Float.MIN_NORMAL)),
                atZero,
                new Term.Choose(isLast, x, finite));
    }

    /// `ln(1 + x) = 2 artanh(x / (2 + x))`, for |x| up to about 1/2.
    private Term logarithmOf1Plus(Term x) {
        var s = let("s", divide(x, add(number(2), x)));
        var z = let("z", multiply(s, s));
        return add(
                multiply(number(2), s),
                multiply(
                        multiply(s, z),
                        polynomial(z, 0.6666642, 0.40021527, 0.28001797, 0.2801202)));
    }

    /// `½ eˣ` without the overflow of `eˣ`.
    private Term halfExponential(Term x) {
        return apply(Unary.Operator.EXP, subtract(x, number(0.6931471805599453)));
    }

    /// Where a square would overflow, inverse hyperbolic functions are `ln 2a`.
    private Term unlessHuge(Term a, Term near) {
        return new Term.Choose(
                compare(LESS, number(1e9), a),
                add(apply(Unary.Operator.LOG, a), number(0.6931471805599453)),
                near);
    }

    private Term arctangent(Term.Variable x) {
        var a = let("a", apply(Unary.Operator.ABS, x));
        var steep = let("l", compare(LESS, number(1), a));
        var t = let("t", new Term.Choose(steep, divide(number(1), a), a));
        var upper = let("u", compare(LESS, number(0.41421357), t));
        var r =
                let(
                        "r",
                        new Term.Choose(
                                upper, divide(subtract(t, number(1)), add(t, number(1))), t));
        var z = let("z", multiply(r, r));
        var p = odd(r, z, -0.33333316, 0.1999847, -0.14243516, 0.10593677, -0.06077857);
        var q = let("q", add(new Term.Choose(upper, number(PI_HALF / 2), number(0)), p));
        return withSignOf(x, new Term.Choose(steep, subtract(number(PI_HALF), q), q));
    }

    /// `sin(x + shift · π/2)`.
    private Term quadrant(Term.Variable x, int shift) {
        var n = let("n", apply(Unary.Operator.ROUND, multiply(x, number(1 / PI_HALF))));
        // π/2 in three parts, the first two short enough for exact products
        var r = let("r", subtract(x, multiply(n, number(1.5703125))));
        r = let("s", subtract(r, multiply(n, number(2029 * 0x1p-22))));
        r = let("t", subtract(r, multiply(n, number(PI_HALF - 1.5703125 - 2029 * 0x1p-22))));
        var z = let("z", multiply(r, r));
        var sine = odd(r, z, -0.16666655, 0.0083321603, -0.00019515256);
        var cosine =
                add(
                        subtract(number(1), multiply(number(0.5), z)),
                        multiply(
                                multiply(z, z),
                                polynomial(z, 0.041666646, -0.0013887368, 2.443842e-5)));
        var m = let("m", shift == 0 ? n : add(n, number(shift)));
        var quarter =
                let(
                        "q",
                        subtract(
                                m,
                                multiply(
                                        number(4),
                                        apply(Unary.Operator.FLOOR, multiply(m, number(0.25))))));
        var isOdd =
                new Term.Combine(
                        OR, compare(EQUAL, quarter, number(1)), compare(EQUAL, quarter, number(3)));
        var value = let("v", new Term.Choose(isOdd, cosine, sine));
        return new Term.Choose(
                compare(LESS, number(1.5), quarter), apply(Unary.Operator.NEGATE, value), value);
    }
}
