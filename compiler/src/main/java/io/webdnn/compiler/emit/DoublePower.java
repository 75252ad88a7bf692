package io.webdnn.compiler.emit;

import static io.webdnn.graph.expr.Binary.Operator.LESS;
import static io.webdnn.graph.expr.Binary.Operator.MAX;
import static io.webdnn.graph.expr.Binary.Operator.MIN;

import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Unary;
import java.util.List;

/// `xʸ = e^(y ln x)` of float64 for positive x: the logarithm and its multiple are sums of two
/// doubles, since an exponent of 700 makes ten bits of what is lost in them.
///
/// Source: T. J. Dekker, A floating-point technique for extending the available precision, 1971.
final class DoublePower extends DoubleFunctions {
    /// Splits a double into halves whose products are exact.
    private static final double HALVING = (1 << 27) + 1;

    /// Larger exponents make 0 or ∞ of everything but 1, as this one does.
    private static final double MOST = 0x1p65;

    private final Term.Variable y = new Term.Variable("y", LoopType.of(ScalarType.FLOAT64));

    /// The sum of two numbers, the second small beside the first.
    private record Pair(Term high, Term low) {}

    ShaderFunction function() {
        var logarithm = logarithm();
        var inside = let("y", new Term.Combine(MAX, minimum(y, MOST), number(-MOST)));
        var product = product(inside, logarithm.high);
        var low = add(product.low, multiply(inside, logarithm.low));
        // beyond, the power is 0 or ∞, and the low part may be anything
        var isFinite = compare(LESS, apply(Unary.Operator.ABS, product.high), number(746));
        var rest = let("w", new Term.Choose(isFinite, low, number(0)));
        var result = exponential(product.high, rest);
        return new ShaderFunction(
                "double power", "double power", List.of(x, y), new Stmt.Block(body), result);
    }

    private Term minimum(Term a, double most) {
        return new Term.Combine(MIN, a, number(most));
    }

    /// `e ln 2 + 2 (s + s³/3 + s⁵/5 + …)` with `s = f / (2 + f)`: the first two terms of the series
    /// as pairs.
    private Pair logarithm() {
        var scaled = scaled(x);
        var f = scaled.f();
        var d = sum(number(2), f);
        var s = let("s", divide(f, d.high));
        var back = product(s, d.high);
        var missing = subtract(subtract(subtract(f, back.high), back.low), multiply(s, d.low));
        var sLow = let("sl", divide(missing, d.high));
        var square = product(s, s);
        var zLow = add(square.low, multiply(multiply(number(2), s), sLow));
        var z = let("z", square.high);
        var cube = product(s, z);
        var cubeLow = add(cube.low, add(multiply(s, zLow), multiply(sLow, z)));
        double twoThirds = 2.0 / 3;
        var third = product(cube.high, number(twoThirds));
        var thirdLow =
                add(
                        third.low,
                        add(
                                multiply(cube.high, number(twoThirds * 0x1p-54)),
                                multiply(cubeLow, number(twoThirds))));
        var tail = multiply(multiply(cube.high, z), polynomial(z, LOGARITHM));
        var lead = sum(multiply(scaled.e(), number(LN2_HIGH)), multiply(number(2), s));
        var both = sum(lead.high, third.high);
        var low =
                add(
                        add(lead.low, both.low),
                        add(
                                add(multiply(number(2), sLow), thirdLow),
                                add(tail, multiply(scaled.e(), number(LN2_LOW)))));
        return sum(both.high, let("w", low));
    }

    /// `a + b` and what its rounding lost.
    private Pair sum(Term a, Term b) {
        var x = let("x", a);
        var y = let("y", b);
        var sum = let("s", add(x, y));
        var ofY = let("v", subtract(sum, x));
        return new Pair(sum, let("e", add(subtract(x, subtract(sum, ofY)), subtract(y, ofY))));
    }

    /// `a · b` and what its rounding lost.
    private Pair product(Term a, Term b) {
        var p = let("p", multiply(a, b));
        var x = halves(a);
        var y = halves(b);
        var lost = subtract(multiply(x.high, y.high), p);
        lost = add(lost, multiply(x.high, y.low));
        lost = add(lost, multiply(x.low, y.high));
        return new Pair(p, let("e", add(lost, multiply(x.low, y.low))));
    }

    private Pair halves(Term a) {
        var t = let("t", multiply(a, number(HALVING)));
        var high = let("h", subtract(t, subtract(t, a)));
        return new Pair(high, let("g", subtract(a, high)));
    }
}
