package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntFunction;

/// The definitions of operators that shading languages lack, or allow to be too inaccurate for our
/// tolerances, written once in the loop IR for all dialects.
///
/// The polynomials are minimax fits; with exact float32 arithmetic their relative error is below
/// 1e-7 (rounding adds two or three units in the last place). Sine, cosine and tangent are reduced
/// by π/2 in three parts, which holds for arguments up to about 10⁵.
public final class ShaderFunctions {
    private static final double PI_HALF = 1.5707963267948966;

    private final LoopType type;
    private final List<Stmt> body = new ArrayList<>();

    private ShaderFunctions(LoopType type) {
        this.type = type;
    }

    /// {@return the function for an operator of one operand of a type}
    public static ShaderFunction of(Unary.Operator operator, LoopType type) {
        var f = new ShaderFunctions(type);
        var x = new Term.Variable("x", type);
        var result = f.unary(operator, x);
        return new ShaderFunction(
                operator,
                capitalized(operator) + suffix(type),
                List.of(x),
                new Stmt.Block(f.body),
                result);
    }

    /// {@return the function for an operator of two operands of a type}
    public static ShaderFunction of(Binary.Operator operator, LoopType type) {
        var f = new ShaderFunctions(type);
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        boolean byLane =
                type.lanes() == 4
                        && (type.scalar() == ScalarType.BOOL
                                || operator == POWER && !type.scalar().isFloat()
                                || operator == REMAINDER && type.scalar().isFloat());
        var result =
                byLane
                        ? lanes(i ->
                                new Term.Combine(
                                        operator,
                                        new Term.Lane(x, Build.constant(i)),
                                        new Term.Lane(y, Build.constant(i))))
                        : f.binary(operator, x, y);
        return new ShaderFunction(
                operator,
                capitalized(operator) + suffix(type),
                List.of(x, y),
                new Stmt.Block(f.body),
                result);
    }

    /// {@return `MIN` or `MAX` whose second operand is known not to be NaN}
    static ShaderFunction bound(Binary.Operator operator, LoopType type) {
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        var less = operator == MAX ? compare(LESS, x, y) : compare(LESS, y, x);
        return new ShaderFunction(
                "bound " + operator,
                capitalized(operator) + "Of" + suffix(type),
                List.of(x, y),
                Stmt.Block.of(),
                new Term.Choose(less, y, x));
    }

    /// {@return the conversion of a float to an integer type: truncating, saturating, NaN to 0}
    static ShaderFunction toInteger(LoopType from, ScalarType to) {
        var x = new Term.Variable("x", from);
        boolean signed = to == ScalarType.INT32;
        var target = from.withLanes(1);
        double high = signed ? 0x1p31 : 0x1p32;
        var result = new LoopType(to, from.lanes());
        var inRange = new Term.Convert(to, x);
        Term below =
                signed
                        ? compare(LESS, constant(target, -high, from), x)
                        : compare(LESS, constant(target, 0, from), x); // false for NaN
        Term lowest =
                signed
                        ? new Term.Choose(
                                compare(LESS, x, constant(target, 0, from)),
                                integer(result, Integer.MIN_VALUE),
                                integer(result, 0))
                        : integer(result, 0);
        Term above = compare(LESS_OR_EQUAL, constant(target, high, from), x);
        return new ShaderFunction(
                "to " + to,
                (signed ? "Int" : "Uint") + suffix(from),
                List.of(x),
                Stmt.Block.of(),
                new Term.Choose(
                        below,
                        new Term.Choose(
                                above,
                                integer(result, signed ? Integer.MAX_VALUE : 0xffffffffL),
                                inRange),
                        lowest));
    }

    /// {@return a choice lane by lane, for languages that have it for floats only}
    static ShaderFunction choose(LoopType type) {
        var c = new Term.Variable("c", LoopType.BOOL.withLanes(4));
        var x = new Term.Variable("x", type);
        var y = new Term.Variable("y", type);
        return new ShaderFunction(
                "choose",
                "Choose" + suffix(type),
                List.of(c, x, y),
                Stmt.Block.of(),
                lanes(i ->
                        new Term.Choose(
                                new Term.Lane(c, Build.constant(i)),
                                new Term.Lane(x, Build.constant(i)),
                                new Term.Lane(y, Build.constant(i)))));
    }

    /// {@return `x` to a whole power, 2 to 8 in magnitude}
    static ShaderFunction power(int exponent, LoopType type) {
        var f = new ShaderFunctions(type);
        var x = new Term.Variable("x", type);
        int n = Math.abs(exponent);
        Term square = x;
        Term product = null;
        for (int rest = n; rest != 0; rest >>= 1) {
            if ((rest & 1) != 0) product = product == null ? square : multiply(product, square);
            if (rest > 1) square = f.let("s", multiply(square, square));
        }
        var result = Objects.requireNonNull(product);
        return new ShaderFunction(
                "power " + exponent,
                "Power" + (exponent < 0 ? "m" : "") + n + suffix(type),
                List.of(x),
                new Stmt.Block(f.body),
                exponent < 0 ? divide(f.number(1), result) : result);
    }

    private static Term constant(LoopType scalar, double value, LoopType like) {
        return Build.constant(scalar.withLanes(like.lanes()), value);
    }

    private static Term integer(LoopType type, long value) {
        var literal = new Term.Literal(type.withLanes(1), value);
        return type.lanes() == 1 ? literal : new Term.Splat(literal);
    }

    private static Term lanes(IntFunction<Term> lane) {
        return new Term.Vector(List.of(lane.apply(0), lane.apply(1), lane.apply(2), lane.apply(3)));
    }

    private static String capitalized(Enum<?> operator) {
        var name = new StringBuilder();
        for (var word : operator.name().split("_", -1))
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        return name.toString();
    }

    private static String suffix(LoopType type) {
        var scalar =
                switch (type.scalar()) {
                    case FLOAT32 -> "";
                    case INT32 -> "i";
                    case UINT32 -> "u";
                    case BOOL -> "b";
                    case FLOAT64 -> "d";
                    case INT64 -> "l";
                };
        return scalar + (type.lanes() == 1 ? "" : "4");
    }

    // ---- terms of the operand's type

    private Term let(String name, Term value) {
        var variable = new Term.Variable(name, value.type());
        body.add(new Stmt.Declare(variable, value));
        return variable;
    }

    private Term number(double value) {
        return Build.constant(type, value);
    }

    private static Term apply(Unary.Operator operator, Term x) {
        return new Term.Apply(operator, x);
    }

    private static Term add(Term x, Term y) {
        return new Term.Combine(ADD, x, y);
    }

    private static Term subtract(Term x, Term y) {
        return new Term.Combine(SUBTRACT, x, y);
    }

    private static Term multiply(Term x, Term y) {
        return new Term.Combine(MULTIPLY, x, y);
    }

    private static Term divide(Term x, Term y) {
        return new Term.Combine(DIVIDE, x, y);
    }

    private static Term compare(Binary.Operator operator, Term x, Term y) {
        return new Term.Combine(operator, x, y);
    }

    private Term polynomial(Term x, double... coefficients) {
        var sum = number(coefficients[coefficients.length - 1]);
        for (int i = coefficients.length - 2; i >= 0; i--)
            sum = new Term.MultiplyAdd(sum, x, number(coefficients[i]));
        return sum;
    }

    /// `x + x³ · p(x²)`.
    private Term odd(Term x, Term square, double... coefficients) {
        return add(x, multiply(multiply(x, square), polynomial(square, coefficients)));
    }

    private Term withSignOf(Term x, Term magnitude) {
        return new Term.Choose(
                compare(LESS, x, number(0)), apply(Unary.Operator.NEGATE, magnitude), magnitude);
    }

    // ---- operators of one operand

    private Term unary(Unary.Operator operator, Term.Variable x) {
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

    private static Term magnitudeBits(Term x) {
        return new Term.Combine(
                AND, new Term.Reinterpret(ScalarType.UINT32, x), bits(x.type(), 0x7fffffffL));
    }

    private static Term bits(LoopType like, long value) {
        return integer(new LoopType(ScalarType.UINT32, like.lanes()), value);
    }

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

    // ---- operators of two operands

    private Term binary(Binary.Operator operator, Term.Variable x, Term.Variable y) {
        return type.scalar().isFloat() ? floating(operator, x, y) : whole(operator, x, y);
    }

    private Term floating(Binary.Operator operator, Term.Variable x, Term.Variable y) {
        return switch (operator) {
            case MIN, MAX -> {
                var less = operator == MAX ? compare(LESS, x, y) : compare(LESS, y, x);
                yield new Term.Choose(
                        new Term.Combine(OR, less, apply(Unary.Operator.IS_NAN, y)), y, x);
            }
            case POWER -> power(x, y);
            case REMAINDER -> remainder(x, y);
            case FLOOR_MODULO -> {
                var r = let("r", new Term.Combine(REMAINDER, x, y));
                var mixed =
                        new Term.Combine(
                                AND,
                                apply(Unary.Operator.NOT, compare(EQUAL, r, number(0))),
                                new Term.Combine(
                                        XOR,
                                        compare(LESS, r, number(0)),
                                        compare(LESS, y, number(0))));
                yield new Term.Choose(mixed, add(r, y), r);
            }
            case ADD,
                    SUBTRACT,
                    MULTIPLY,
                    DIVIDE,
                    FLOOR_DIVIDE,
                    AND,
                    OR,
                    XOR,
                    SHIFT_LEFT,
                    SHIFT_RIGHT,
                    MULTIPLY_HIGH,
                    EQUAL,
                    LESS,
                    LESS_OR_EQUAL ->
                    throw new IllegalArgumentException(
                            operator + ": expected an operator that needs a function");
        };
    }

    /// The languages leave a negative base undefined; 0 and ±∞ are not left to `exp2(y log2 x)`.
    private Term power(Term.Variable x, Term.Variable y) {
        var a = let("a", apply(Unary.Operator.ABS, x));
        var half = multiply(y, number(0.5));
        var isWhole = compare(EQUAL, apply(Unary.Operator.FLOOR, y), y);
        var isOdd =
                let(
                        "o",
                        new Term.Combine(
                                AND,
                                isWhole,
                                compare(LESS, apply(Unary.Operator.FLOOR, half), half)));
        var general =
                new Term.Choose(
                        compare(EQUAL, a, number(1)), number(1), new Term.Combine(POWER, a, y));
        var shrinks =
                compare(
                        EQUAL,
                        compare(LESS, a, number(1)),
                        compare(LESS, number(0), y)); // of 0 and ∞ as base
        var extreme =
                new Term.Combine(
                        OR, compare(EQUAL, a, number(0)), apply(Unary.Operator.IS_INFINITE, a));
        var atEdge = new Term.Choose(shrinks, number(0), number(Double.POSITIVE_INFINITY));
        var m = let("m", new Term.Choose(extreme, atEdge, general));
        var isNegative =
                compare(
                        LESS,
                        new Term.Reinterpret(ScalarType.INT32, x),
                        integer(new LoopType(ScalarType.INT32, type.lanes()), 0)); // −0 too
        var signed =
                new Term.Choose(
                        new Term.Combine(AND, isNegative, isOdd),
                        apply(Unary.Operator.NEGATE, m),
                        m);
        var undefined =
                new Term.Combine(
                        AND,
                        new Term.Combine(
                                AND,
                                compare(LESS, x, number(0)),
                                new Term.Combine(LESS, apply(Unary.Operator.FLOOR, y), y)),
                        apply(Unary.Operator.NOT, apply(Unary.Operator.IS_INFINITE, x)));
        var isNan =
                new Term.Combine(
                        OR,
                        undefined,
                        new Term.Combine(
                                OR,
                                apply(Unary.Operator.IS_NAN, x),
                                apply(Unary.Operator.IS_NAN, y)));
        var isOne =
                new Term.Combine(OR, compare(EQUAL, x, number(1)), compare(EQUAL, y, number(0)));
        var isSmall =
                new Term.Combine(
                        AND, isWhole, compare(LESS, apply(Unary.Operator.ABS, y), number(64)));
        return new Term.Choose(
                isOne,
                number(1),
                new Term.Choose(
                        isNan,
                        number(Double.NaN),
                        new Term.Choose(isSmall, powerBySquaring(x, y), signed)));
    }

    /// Whole exponents below 64 by multiplication, which is exact where the result is.
    private Term powerBySquaring(Term.Variable x, Term.Variable y) {
        var result = new Term.Variable("p", type);
        var square = new Term.Variable("s", type);
        var rest = new Term.Variable("e", type);
        body.add(new Stmt.Declare(result, number(1)));
        body.add(new Stmt.Declare(square, x));
        body.add(new Stmt.Declare(rest, apply(Unary.Operator.ABS, y)));
        var half = new Term.Variable("h", type);
        body.add(
                new Stmt.For(
                        new Term.Variable("i", LoopType.INT32),
                        Build.constant(6),
                        Stmt.For.Kind.SERIAL,
                        Stmt.Block.of(
                                new Stmt.Declare(
                                        half,
                                        apply(Unary.Operator.FLOOR, multiply(rest, number(0.5)))),
                                new Stmt.Assign(
                                        result,
                                        new Term.Choose(
                                                compare(LESS, multiply(half, number(2)), rest),
                                                multiply(result, square),
                                                result)),
                                new Stmt.Assign(square, multiply(square, square)),
                                new Stmt.Assign(rest, half))));
        return new Term.Choose(compare(LESS, y, number(0)), divide(number(1), result), result);
    }

    /// Long division of the magnitudes in binary: each step is exact, so the rest is too.
    private Term remainder(Term.Variable x, Term.Variable y) {
        var a = let("a", apply(Unary.Operator.ABS, x));
        var b = let("b", apply(Unary.Operator.ABS, y));
        var r = new Term.Variable("r", type);
        body.add(new Stmt.Declare(r, a));
        var places =
                let(
                        "k",
                        new Term.Combine(
                                MAX, Build.constant(0), subtract(exponent(a), exponent(b))));
        var d = new Term.Variable("d", type);
        var scaled =
                add(
                        new Term.Reinterpret(ScalarType.INT32, b),
                        new Term.Combine(SHIFT_LEFT, places, Build.constant(23)));
        body.add(new Stmt.Declare(d, new Term.Reinterpret(ScalarType.FLOAT32, scaled)));
        body.add(
                new Stmt.For(
                        new Term.Variable("i", LoopType.INT32),
                        add(places, Build.constant(1)),
                        Stmt.For.Kind.SERIAL,
                        Stmt.Block.of(
                                new Stmt.Assign(
                                        r,
                                        new Term.Choose(
                                                compare(LESS_OR_EQUAL, d, r), subtract(r, d), r)),
                                new Stmt.Assign(d, multiply(d, number(0.5))))));
        var defined =
                new Term.Combine(
                        AND,
                        compare(LESS, a, number(Double.POSITIVE_INFINITY)),
                        compare(LESS, number(0), b));
        var magnitude = new Term.Choose(apply(Unary.Operator.IS_INFINITE, b), a, r);
        return new Term.Choose(defined, withSignOf(x, magnitude), number(Double.NaN));
    }

    private static Term exponent(Term magnitude) {
        return new Term.Combine(
                SHIFT_RIGHT, new Term.Reinterpret(ScalarType.INT32, magnitude), Build.constant(23));
    }

    private Term whole(Binary.Operator operator, Term.Variable x, Term.Variable y) {
        var zero = integer(type, 0);
        var one = integer(type, 1);
        var isZero = compare(EQUAL, y, zero);
        boolean isSigned = type.scalar() == ScalarType.INT32;
        // the quotient of the lowest number and −1 is left undefined
        var isMinusOne = isSigned ? compare(EQUAL, y, integer(type, -1)) : isZero;
        var isUnsafe = isSigned ? new Term.Combine(OR, isZero, isMinusOne) : isZero;
        var divisor = new Term.Choose(isUnsafe, one, y);
        return switch (operator) {
            case DIVIDE -> {
                var quotient = new Term.Choose(isZero, zero, divide(x, divisor));
                yield isSigned
                        ? new Term.Choose(isMinusOne, apply(Unary.Operator.NEGATE, x), quotient)
                        : quotient;
            }
            case REMAINDER -> {
                // the sign of `%` is not the same everywhere
                var d = let("d", divisor);
                yield new Term.Choose(isZero, zero, subtract(x, multiply(d, divide(x, d))));
            }
            case FLOOR_DIVIDE -> {
                var d = let("d", divisor);
                var q = let("q", divide(x, d));
                var r = let("r", subtract(x, multiply(d, q)));
                var floor = new Term.Choose(mixedSigns(r, d), subtract(q, one), q);
                var quotient = new Term.Choose(isZero, zero, floor);
                yield isSigned
                        ? new Term.Choose(isMinusOne, apply(Unary.Operator.NEGATE, x), quotient)
                        : quotient;
            }
            case FLOOR_MODULO -> {
                var d = let("d", divisor);
                var r = let("r", subtract(x, multiply(d, divide(x, d))));
                yield new Term.Choose(
                        isZero, zero, new Term.Choose(mixedSigns(r, d), add(r, d), r));
            }
            case POWER -> powerByLoop(x, y);
            case MULTIPLY_HIGH -> multiplyHigh(x, y);
            case ADD,
                    SUBTRACT,
                    MULTIPLY,
                    MIN,
                    MAX,
                    AND,
                    OR,
                    XOR,
                    SHIFT_LEFT,
                    SHIFT_RIGHT,
                    EQUAL,
                    LESS,
                    LESS_OR_EQUAL ->
                    throw new IllegalArgumentException(
                            operator + ": expected an operator that needs a function");
        };
    }

    private Term mixedSigns(Term rest, Term divisor) {
        var zero = integer(type, 0);
        return new Term.Combine(
                AND,
                compare(LESS, new Term.Combine(XOR, rest, divisor), zero),
                apply(Unary.Operator.NOT, compare(EQUAL, rest, zero)));
    }

    private Term powerByLoop(Term.Variable x, Term.Variable y) {
        var zero = integer(type, 0);
        var one = integer(type, 1);
        var result = new Term.Variable("r", type);
        var square = new Term.Variable("s", type);
        var rest = new Term.Variable("e", type);
        body.add(new Stmt.Declare(result, one));
        body.add(new Stmt.Declare(square, x));
        body.add(new Stmt.Declare(rest, y));
        body.add(
                new Stmt.For(
                        new Term.Variable("i", LoopType.INT32),
                        Build.constant(32),
                        Stmt.For.Kind.SERIAL,
                        Stmt.Block.of(
                                new Stmt.Assign(
                                        result,
                                        new Term.Choose(
                                                compare(
                                                        EQUAL,
                                                        new Term.Combine(AND, rest, one),
                                                        zero),
                                                result,
                                                multiply(result, square))),
                                new Stmt.Assign(square, multiply(square, square)),
                                new Stmt.Assign(rest, new Term.Combine(SHIFT_RIGHT, rest, one)))));
        if (type.scalar() == ScalarType.UINT32) return result;
        // the inverse of anything but ±1 truncates to 0
        var minusOne = integer(type, -1);
        var inverse =
                new Term.Choose(
                        compare(EQUAL, x, one),
                        one,
                        new Term.Choose(
                                compare(EQUAL, x, minusOne),
                                new Term.Choose(
                                        compare(EQUAL, new Term.Combine(AND, y, one), zero),
                                        one,
                                        minusOne),
                                zero));
        return new Term.Choose(compare(LESS, y, zero), inverse, result);
    }

    private Term multiplyHigh(Term.Variable x, Term.Variable y) {
        var mask = integer(type, 0xffff);
        var sixteen = integer(type, 16);
        var x0 = let("a", new Term.Combine(AND, x, mask));
        var x1 = let("b", new Term.Combine(SHIFT_RIGHT, x, sixteen));
        var y0 = let("c", new Term.Combine(AND, y, mask));
        var y1 = let("d", new Term.Combine(SHIFT_RIGHT, y, sixteen));
        var low = new Term.Combine(SHIFT_RIGHT, multiply(x0, y0), sixteen);
        var t = let("t", add(multiply(x1, y0), low));
        var u = let("u", add(multiply(x0, y1), new Term.Combine(AND, t, mask)));
        return add(
                add(multiply(x1, y1), new Term.Combine(SHIFT_RIGHT, t, sixteen)),
                new Term.Combine(SHIFT_RIGHT, u, sixteen));
    }
}
