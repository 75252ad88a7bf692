package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// Elementary functions of float64, for targets that have its arithmetic only.
///
/// Arguments are reduced to where a Taylor series is short; what is subtracted on the way stands in
/// parts that are short enough for exact products. Largest errors, in units in the last place: `eˣ`
/// and `ln x` 1, `ln(1 + x)` 3, sine and cosine 2 for arguments up to 4·10⁶, beyond 3, arctangent
/// 2, arcsine and arccosine 4, hyperbolic functions 4, the error function 2, `xʸ` 1.
public class DoubleFunctions extends FunctionBody {
    private static final LoopType REAL = LoopType.of(ScalarType.FLOAT64);
    private static final LoopType BITS = LoopType.of(ScalarType.INT64);
    private static final int MANTISSA = 52;
    private static final int BIAS = 1023;

    /// `ln 2` in two parts: a multiple of the first by an exponent is exact.
    static final double LN2_HIGH = 0x1.62e42fee00000p-1;

    static final double LN2_LOW = 1.9082149292705877e-10;

    /// The bits of `√½`.
    private static final long ROOT = Double.doubleToRawLongBits(Math.sqrt(0.5));

    private static final double[] EXPONENTIAL = new double[13]; // 1 / (k + 2)!
    private static final double[] ARCTANGENT = new double[22];
    private static final double[] ERROR = new double[20];

    /// `e^(a²) (1 − erf a)` for `a` within 1 … 6: its interpolation at Chebyshev's points.
    private static final double[] COMPLEMENT = {
        0.2108063640611436,
        -0.37173673394897333,
        0.2517131932174493,
        -0.1250330523788293,
        0.03992253907558476,
        -0.003993701165858238,
        -0.002642365964297403,
        0.0008759154501337608,
        0.00022838037890860082,
        -0.0001288771713312957,
        -3.418223813331523e-05,
        1.8614457552080007e-05,
        7.552594323139502e-06,
        -2.2981102519735954e-06,
        -1.8020038653448608e-06,
        7.773331597404786e-08,
        3.441892461295565e-07,
        6.961191560229168e-08
    };

    /// `2 / (2k + 5)`.
    static final double[] LOGARITHM = new double[10];

    static {
        double factorial = 2;
        for (int k = 0; k < EXPONENTIAL.length; k++) {
            EXPONENTIAL[k] = 1 / factorial;
            factorial *= k + 3;
        }
        for (int k = 0; k < ARCTANGENT.length; k++)
            ARCTANGENT[k] = (k % 2 == 0 ? -1.0 : 1.0) / (2 * k + 3);
        double power = 1;
        for (int k = 0; k < ERROR.length; k++) {
            ERROR[k] = 2 / Math.sqrt(Math.PI) / power / (2 * k + 1);
            power *= -(k + 1);
        }
        for (int k = 0; k < LOGARITHM.length; k++) LOGARITHM[k] = 2.0 / (2 * k + 5);
    }

    final Term.Variable x = new Term.Variable("x", REAL);

    DoubleFunctions() {
        super(REAL);
    }

    /// {@return the function for an operator of one float64}
    public static ShaderFunction of(Unary.Operator operator) {
        var f = new DoubleFunctions();
        return switch (operator) {
            case EXP -> f.function(operator, f.exponential(f.x, f.number(0)));
            case LOG -> f.function(operator, f.logarithm());
            case LOG1P -> f.function(operator, f.logarithmOf1Plus());
            case SIN -> circular(operator, 0);
            case COS -> circular(operator, 1);
            case ATAN -> f.function(operator, f.arctangent());
            case ASIN -> f.function(operator, f.arcsine());
            case ACOS -> f.function(operator, f.arccosine());
            case SINH -> f.function(operator, f.hyperbolicSine());
            case COSH -> f.function(operator, f.hyperbolicCosine());
            case TANH -> f.function(operator, f.hyperbolicTangent());
            case ERF -> f.function(operator, f.error());
            // in terms of these, as for float32
            case SIGN, TAN, ASINH, ACOSH, ATANH -> ShaderFunctions.of(operator, REAL);
            case NEGATE, ABS, SQRT, FLOOR, CEIL, ROUND, NOT, BIT_NOT, IS_NAN, IS_INFINITE ->
                    throw new IllegalArgumentException(
                            operator + ": expected an operator that needs a function");
        };
    }

    private static ShaderFunction circular(Unary.Operator operator, int shift) {
        var f = new DoubleCircular();
        return f.function(operator, f.quadrant(shift));
    }

    final ShaderFunction function(Object operator, Term result) {
        return new ShaderFunction(
                operator, "double " + operator, List.of(x), new Stmt.Block(body), result);
    }

    /// {@return `xʸ` for positive x, which is left to the target in the definition of `POWER`}
    public static ShaderFunction power() {
        return new DoublePower().function();
    }

    static Term combine(Binary.Operator operator, Term a, Term b) {
        return new Term.Combine(operator, a, b);
    }

    private static Term bits(long value) {
        return new Term.Literal(BITS, value);
    }

    private Term magnitude() {
        return let("a", apply(Unary.Operator.ABS, x));
    }

    // Exponentials

    /// `e^(x + low) = 2ⁿ · eʳ` with `|r| ≤ ½ ln 2`; `2ⁿ` in two halves, so that neither leaves the
    /// range of exponents.
    Term exponential(Term x, Term low) {
        var inside = let("c", combine(MAX, combine(MIN, x, number(710)), number(-746)));
        var n = let("n", exponent(inside));
        var r = let("r", add(rest(inside, n), low));
        var fraction = add(number(1), add(r, multiply(multiply(r, r), tail(r))));
        var e = let("e", new Term.Convert(ScalarType.INT64, n));
        var half = let("h", combine(SHIFT_RIGHT, e, bits(1)));
        return multiply(multiply(fraction, powerOfTwo(half)), powerOfTwo(subtract(e, half)));
    }

    /// `eˣ − 1` for |x| below 44: `2ⁿ (eʳ − 1) + (2ⁿ − 1)`.
    private Term exponentialMinus1(Term x) {
        var n = let("n", exponent(x));
        var r = let("r", rest(x, n));
        var scale = let("s", powerOfTwo(new Term.Convert(ScalarType.INT64, n)));
        return add(
                multiply(scale, add(r, multiply(multiply(r, r), tail(r)))),
                subtract(scale, number(1)));
    }

    private Term exponent(Term x) {
        return apply(Unary.Operator.ROUND, multiply(x, number(1 / Math.log(2))));
    }

    /// `x − n ln 2`.
    private Term rest(Term x, Term n) {
        var near = subtract(x, multiply(n, number(LN2_HIGH)));
        return subtract(near, multiply(n, number(LN2_LOW)));
    }

    /// `(eʳ − 1 − r) / r²`.
    private Term tail(Term r) {
        return polynomial(r, EXPONENTIAL);
    }

    private static Term powerOfTwo(Term exponent) {
        return new Term.Reinterpret(
                ScalarType.FLOAT64, combine(SHIFT_LEFT, add(exponent, bits(BIAS)), bits(MANTISSA)));
    }

    /// `e^a / 2` for `a` of 20 or more, where `e^−a` is nothing beside it, without the overflow of
    /// `e^a`.
    private Term halfOfLarge(Term a) {
        var root = let("q", apply(Unary.Operator.EXP, multiply(a, number(0.5))));
        return multiply(multiply(root, number(0.5)), root);
    }

    private Term hyperbolicSine() {
        var a = magnitude();
        var m = let("m", exponentialMinus1(a));
        var near = multiply(number(0.5), add(m, divide(m, add(m, number(1)))));
        var isNear = compare(LESS, a, number(20));
        return withSignOf(x, new Term.Choose(isNear, near, halfOfLarge(a)));
    }

    private Term hyperbolicCosine() {
        var a = magnitude();
        var e = let("e", apply(Unary.Operator.EXP, a));
        var near = multiply(number(0.5), add(e, divide(number(1), e)));
        return new Term.Choose(compare(LESS, a, number(20)), near, halfOfLarge(a));
    }

    private Term hyperbolicTangent() {
        var a = magnitude();
        var m = let("m", exponentialMinus1(multiply(number(2), a)));
        var isOne = compare(LESS, number(20), a);
        var quotient = divide(m, add(m, number(2)));
        return withSignOf(x, new Term.Choose(isOne, number(1), quotient));
    }

    // Logarithms

    /// What a positive number is: `2ᵉ · (1 + f)`, `1 + f` within `√½ … √2`.
    record Scaled(Term e, Term f) {}

    /// {@return the parts of a number; subnormals are scaled first}
    Scaled scaled(Term x) {
        var small = let("t", compare(LESS, x, number(Double.MIN_NORMAL)));
        var large = new Term.Choose(small, multiply(x, number(0x1p54)), x);
        // counted from √½, so that 1 + f falls into √½ … √2
        var shifted = let("d", subtract(new Term.Reinterpret(ScalarType.INT64, large), bits(ROOT)));
        var exponent =
                subtract(
                        combine(SHIFT_RIGHT, shifted, bits(MANTISSA)),
                        new Term.Choose(small, bits(54), bits(0)));
        var fraction = add(combine(AND, shifted, bits((1L << MANTISSA) - 1)), bits(ROOT));
        return new Scaled(
                let("e", new Term.Convert(ScalarType.FLOAT64, exponent)),
                let("f", subtract(new Term.Reinterpret(ScalarType.FLOAT64, fraction), number(1))));
    }

    /// `ln x = e ln 2 + ln(1 + f)`, and `ln(1 + f) = 2 artanh s` with `s = f / (2 + f)`, written `f
    /// − (f²/2 − s (f²/2 + …))`, whose first summand is exact.
    private Term logarithm() {
        var scaled = scaled(x);
        var f = scaled.f;
        var s = let("s", divide(f, add(f, number(2))));
        var z = let("z", multiply(s, s));
        var series = multiply(z, add(number(2.0 / 3), multiply(z, polynomial(z, LOGARITHM))));
        var half = let("h", multiply(number(0.5), multiply(f, f)));
        var rest = multiply(s, add(half, series));
        var low = add(rest, multiply(scaled.e, number(LN2_LOW)));
        var sum = add(multiply(scaled.e, number(LN2_HIGH)), subtract(f, subtract(half, low)));
        var atZero =
                new Term.Choose(
                        compare(EQUAL, x, number(0)),
                        number(Double.NEGATIVE_INFINITY),
                        number(Double.NaN));
        var finite = new Term.Choose(compare(LESS, number(0), x), sum, atZero);
        var isFinite = compare(LESS, x, number(Double.POSITIVE_INFINITY));
        return new Term.Choose(isFinite, finite, x); // else +∞ and NaN
    }

    /// `ln(1 + x) = ln u · x / (u − 1)` with `u = 1 + x` as it is rounded, which undoes the
    /// rounding.
    private Term logarithmOf1Plus() {
        var u = let("u", add(number(1), x));
        var d = let("d", subtract(u, number(1)));
        var corrected = divide(multiply(apply(Unary.Operator.LOG, u), x), d);
        var isFinite = compare(LESS, u, number(Double.POSITIVE_INFINITY));
        return new Term.Choose(
                compare(EQUAL, d, number(0)), x, new Term.Choose(isFinite, corrected, u));
    }

    // The inverses of circular functions

    /// `arctan a = π/2 − arctan 1/a` above 1, and `arctan t = π/4 + arctan (t − 1)/(t + 1)` above
    /// `√2 − 1`.
    private Term arctangent() {
        var a = magnitude();
        var steep = let("l", compare(LESS, number(1), a));
        var t = let("t", new Term.Choose(steep, divide(number(1), a), a));
        var upper = let("u", compare(LESS, number(Math.sqrt(2) - 1), t));
        var turned = divide(subtract(t, number(1)), add(t, number(1)));
        var r = let("r", new Term.Choose(upper, turned, t));
        var p = odd(r, let("z", multiply(r, r)), ARCTANGENT);
        var q = let("q", add(new Term.Choose(upper, number(PI_HALF / 2), number(0)), p));
        return withSignOf(x, new Term.Choose(steep, subtract(number(PI_HALF), q), q));
    }

    /// `arctan x / √(1 − x²)`.
    private Term arcsine() {
        var square = multiply(subtract(number(1), x), add(number(1), x));
        return apply(Unary.Operator.ATAN, divide(x, apply(Unary.Operator.SQRT, square)));
    }

    /// `2 arctan √((1 − x) / (1 + x))`.
    private Term arccosine() {
        var quotient = divide(subtract(number(1), x), add(number(1), x));
        var half = apply(Unary.Operator.ATAN, apply(Unary.Operator.SQRT, quotient));
        return multiply(number(2), half);
    }

    // The error function

    /// Below 1 its Taylor series; above, `1 − e^(−a²) g(a)`, where `g` is a polynomial of `(a −
    /// 2.5) / (a + 2.5)`.
    private Term error() {
        var a = magnitude();
        var square = let("z", multiply(a, a));
        var near = multiply(x, polynomial(square, ERROR));
        var t = let("t", divide(subtract(a, number(2.5)), add(a, number(2.5))));
        var e = apply(Unary.Operator.EXP, apply(Unary.Operator.NEGATE, square));
        var far = subtract(number(1), multiply(e, polynomial(t, COMPLEMENT)));
        var isNear = compare(LESS, a, number(1));
        var isOne = compare(LESS, number(6), a);
        return new Term.Choose(isNear, near, withSignOf(x, new Term.Choose(isOne, number(1), far)));
    }
}
