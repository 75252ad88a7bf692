package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.AND;
import static io.webdnn.graph.expr.Binary.Operator.EQUAL;
import static io.webdnn.graph.expr.Binary.Operator.LESS;
import static io.webdnn.graph.expr.Binary.Operator.LESS_OR_EQUAL;
import static io.webdnn.graph.expr.Binary.Operator.OR;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_LEFT;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_RIGHT;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Unary;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/// Sine and cosine of float64: `x = n π/2 + r` with `|r| ≤ π/4`, then polynomials of r.
///
/// Up to 2²², multiples of the parts of π/2 are subtracted, which is exact. Beyond, x is multiplied
/// by those bits of 2/π that neither make a multiple of 4 nor lie behind what a double holds.
///
/// Source: M. H. Payne, R. N. Hanek, Radian reduction for trigonometric functions, 1983.
final class DoubleCircular extends DoubleFunctions {
    private static final LoopType BITS = LoopType.of(ScalarType.INT64);

    /// From here on arguments are multiplied by bits of 2/π.
    private static final double FAR = 0x1p22;

    /// `π/2` in four parts: multiples of the first three by numbers below 2²² are exact.
    private static final double[] PI_PARTS = {
        0x1.921fb54p0, 0x4.42d1846p-32, 0x9.898cc5p-64, 0x17.01b839a252049cp-96
    };

    private static final double[] SINE = new double[8];
    private static final double[] COSINE = new double[8];

    static {
        double power = -6;
        for (int k = 0; k < SINE.length; k++) {
            SINE[k] = 1 / power;
            power *= -(2 * k + 4) * (2 * k + 5);
        }
        power = 24;
        for (int k = 0; k < COSINE.length; k++) {
            COSINE[k] = 1 / power;
            power *= -(2 * k + 5) * (2 * k + 6);
        }
    }

    /// Words of 32 bits of 2/π that the largest double needs, and how many one argument needs.
    private static final int WORDS = 38;

    private static final int WINDOW = 7;
    private static final long WORD = 0xffff_ffffL;

    /// {@return `sin(x + shift · π/2)`}
    Term quadrant(int shift) {
        var n = variable("n", apply(Unary.Operator.ROUND, multiply(x, number(1 / PI_HALF))));
        Term near = x;
        for (double part : PI_PARTS) near = let("r", subtract(near, multiply(n, number(part))));
        var r = variable("r", near);
        var a = let("a", apply(Unary.Operator.ABS, x));
        var isFar =
                combine(
                        AND,
                        compare(LESS_OR_EQUAL, number(FAR), a),
                        compare(LESS, a, number(Double.POSITIVE_INFINITY)));
        body.add(new Stmt.If(isFar, block(() -> reduce(a, n, r)), Stmt.Block.of()));
        var z = let("z", multiply(r, r));
        var sine = odd(r, z, SINE);
        var cosine =
                add(
                        subtract(number(1), multiply(number(0.5), z)),
                        multiply(multiply(z, z), polynomial(z, COSINE)));
        var m = let("m", add(n, number(shift)));
        var fourth = apply(Unary.Operator.FLOOR, multiply(m, number(0.25)));
        var quarter = let("q", subtract(m, multiply(number(4), fourth)));
        var isOdd =
                combine(OR, compare(EQUAL, quarter, number(1)), compare(EQUAL, quarter, number(3)));
        var value = let("v", new Term.Choose(isOdd, cosine, sine));
        return new Term.Choose(
                compare(LESS, number(1.5), quarter), apply(Unary.Operator.NEGATE, value), value);
    }

    private Term.Variable variable(String name, Term value) {
        return (Term.Variable) let(name, value);
    }

    /// {@return the statements that are added meanwhile}
    private Stmt.Block block(Runnable writes) {
        int start = body.size();
        writes.run();
        var added = body.subList(start, body.size());
        var block = new Stmt.Block(added);
        added.clear();
        return block;
    }

    /// Sets n and r for `a = |x|`, which is `m · 2ᵉ` with an m of 53 bits. Bits of 2/π before word
    /// q make multiples of 4.
    private void reduce(Term a, Term.Variable n, Term.Variable r) {
        var all = let("b", new Term.Reinterpret(ScalarType.INT64, a));
        long hidden = 1L << 52;
        var m = let("m", combine(OR, and(all, hidden - 1), bits(hidden)));
        var place = let("p", subtract(right(all, 52), bits(1075 + 2))); // e - 2
        var q = let("q", right(place, 5));
        var s = let("s", and(place, 31));
        var top = product(m, q);
        var high = combine(OR, left(top.get(4), bits(32)), top.get(3));
        var low = let("l", combine(OR, left(top.get(2), bits(32)), top.get(1)));
        // the two bits of n come to the top; s may be 0, so that what moves up moves in two steps
        var mask = subtract(left(bits(1), s), bits(1));
        var moved = combine(AND, right(right(low, 1), subtract(bits(63), s)), mask);
        var h = let("h", combine(OR, left(high, s), moved));
        var last = right(left(top.getFirst(), s), 32);
        var rest = let("w", combine(OR, left(low, s), last));
        var k = let("k", and(right(add(h, bits(1L << 61)), 62), 3)); // nearest
        var fraction = real(subtract(h, left(k, bits(62))));
        var behind = multiply(real(and(right(rest, 1), Long.MAX_VALUE)), number(0x1p-63));
        var angle = multiply(add(fraction, behind), number(PI_HALF * 0x1p-62));
        var isNegative = let("y", compare(LESS, x, number(0)));
        body.add(new Stmt.Assign(n, signed(isNegative, let("i", real(k)))));
        body.add(new Stmt.Assign(r, signed(isNegative, let("j", angle))));
    }

    private static Term signed(Term isNegative, Term value) {
        return new Term.Choose(isNegative, apply(Unary.Operator.NEGATE, value), value);
    }

    /// {@return the words 2 … 6 of m times the words `q … q + 6` of 2/π, counted from the lowest;
    /// those above are multiples of 4}
    private List<Term.Variable> product(Term m, Term q) {
        var mLow = let("ml", and(m, WORD));
        var mHigh = let("mh", right(m, 32));
        var first = let("f", new Term.Convert(ScalarType.INT32, q));
        var carry = variable("c", bits(0));
        var words =
                List.of(
                        variable("w0", bits(0)),
                        variable("w1", bits(0)),
                        variable("w2", bits(0)),
                        variable("w3", bits(0)),
                        variable("w4", bits(0)));
        var i = new Term.Variable("i", LoopType.INT32);
        var step =
                block(() -> {
                    var at = let("at", subtract(Build.add(first, WINDOW - 1), i));
                    var word = let("w", word(at, -1, WORDS));
                    var low = let("a", multiply(word, mLow));
                    var sum = let("t", add(and(low, WORD), carry));
                    for (int k = 0; k < 4; k++)
                        body.add(new Stmt.Assign(words.get(k), words.get(k + 1)));
                    body.add(new Stmt.Assign(words.get(4), and(sum, WORD)));
                    var above = add(right(sum, 32), and(right(low, 32), WORD));
                    body.add(new Stmt.Assign(carry, add(above, multiply(word, mHigh))));
                });
        body.add(new Stmt.For(i, Build.constant(WINDOW), Stmt.For.Kind.SERIAL, step));
        return words;
    }

    /// {@return the word at a place of `from … to − 1`; the one before the first is 0}
    private static Term word(Term at, int from, int to) {
        if (to - from == 1) return bits(from < 0 ? 0 : Digits.TWO_BY_PI[from]);
        int middle = (from + to) / 2;
        return new Term.Choose(
                compare(LESS, at, Build.constant(middle)),
                word(at, from, middle),
                word(at, middle, to));
    }

    private static Term bits(long value) {
        return new Term.Literal(BITS, value);
    }

    private static Term and(Term a, long mask) {
        return combine(AND, a, bits(mask));
    }

    private static Term left(Term a, Term distance) {
        return combine(SHIFT_LEFT, a, distance);
    }

    private static Term right(Term a, Term distance) {
        return combine(SHIFT_RIGHT, a, distance);
    }

    private static Term right(Term a, long distance) {
        return right(a, bits(distance));
    }

    private static Term real(Term whole) {
        return new Term.Convert(ScalarType.FLOAT64, whole);
    }

    /// The bits of 2/π, by Machin's formula.
    private static final class Digits {
        static final long[] TWO_BY_PI = new long[WORDS];
        private static final MathContext PRECISION = new MathContext(400, RoundingMode.HALF_EVEN);

        static {
            var pi =
                    arctangentOfInverse(5)
                            .multiply(BigDecimal.valueOf(16))
                            .subtract(arctangentOfInverse(239).multiply(BigDecimal.valueOf(4)));
            var scale = new BigDecimal(BigInteger.TWO.pow(32 * WORDS + 1));
            var digits = scale.divide(pi, PRECISION).toBigInteger();
            for (int i = 0; i < WORDS; i++)
                TWO_BY_PI[i] = digits.shiftRight(32 * (WORDS - 1 - i)).longValue() & WORD;
        }

        private static BigDecimal arctangentOfInverse(long x) {
            var power = BigDecimal.ONE.divide(BigDecimal.valueOf(x), PRECISION);
            var sum = power;
            for (int k = 1; k < 300; k++) {
                power = power.divide(BigDecimal.valueOf(-x * x), PRECISION);
                sum = sum.add(power.divide(BigDecimal.valueOf(2L * k + 1), PRECISION));
            }
            return sum;
        }
    }
}
