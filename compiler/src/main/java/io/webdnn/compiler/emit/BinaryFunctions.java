package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.*;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;

/// The definitions of operators of two operands.
final class BinaryFunctions extends FunctionBody {
    BinaryFunctions(LoopType type) {
        super(type);
    }

    /// {@return the result for two operands}

    Term result(Binary.Operator operator, Term.Variable x, Term.Variable y) {
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
                        new Term.Reinterpret(bitsType(), x),
                        integer(new LoopType(bitsType(), type.lanes()), 0)); // −0 too
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

    private ScalarType bitsType() {
        return type.scalar().isWide() ? ScalarType.INT64 : ScalarType.INT32;
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
        var bits = LoopType.of(bitsType());
        var shift = Build.constant(bits, mantissa());
        var raised = places.type().equals(bits) ? places : new Term.Convert(bits.scalar(), places);
        var scaled =
                add(
                        new Term.Reinterpret(bits.scalar(), b),
                        new Term.Combine(SHIFT_LEFT, raised, shift));
        body.add(new Stmt.Declare(d, new Term.Reinterpret(type.scalar(), scaled)));
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

    private int mantissa() {
        return type.scalar().isWide() ? 52 : 23;
    }

    private Term exponent(Term magnitude) {
        var bits = new Term.Reinterpret(bitsType(), magnitude);
        var exponent = new Term.Combine(SHIFT_RIGHT, bits, Build.constant(bits.type(), mantissa()));
        return bitsType() == ScalarType.INT32
                ? exponent
                : new Term.Convert(ScalarType.INT32, exponent);
    }

    private Term whole(Binary.Operator operator, Term.Variable x, Term.Variable y) {
        var zero = integer(type, 0);
        var one = integer(type, 1);
        var isZero = compare(EQUAL, y, zero);
        boolean isSigned = !type.scalar().isUnsigned();
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
                        Build.constant(8L * type.scalar().bytes()),
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
        if (type.scalar().isUnsigned()) return result;
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
