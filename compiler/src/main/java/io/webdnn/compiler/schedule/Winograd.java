package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import java.util.List;

/// Winograd's minimal filtering F(4, 3): four neighbours of a correlation with three taps, from six
/// elements, by six multiplications instead of twelve; F(4 × 4, 3 × 3), its square, takes 36
/// instead of 144.
///
/// `y = Aᵀ [(G g) ⊙ (Bᵀ d)]`, with `a = √½`, `b = √2` over the points 0, ±a, ±b and ∞:
///
/// ```
/// G g  = g0, −⅔ (g0 ± a g1 + ½ g2), ⅙ (g0 ± b g1 + 2 g2), g2
/// Bᵀ d = d0 − 5⁄2 d2 + d4, (d4 − 2 d2) ± a (d3 − 2 d1), (d4 − ½ d2) ± b (d3 − ½ d1), d1 − 5⁄2 d3 + d5
/// Aᵀ m = m0 + s + t, a s' + b t', ½ s + 2 t, ½ a s' + 2 b t' + m5,
///        s = m1 + m2, s' = m1 − m2, t = m3 + m4, t' = m3 − m4
/// ```
///
/// With these points rounding errors stay small: relative to the root mean square of the outputs,
/// over 256 channels, 1.5 · 10⁻⁶ in the mean and 8.5 · 10⁻⁶ at most, where the direct sum has 0.9 ·
/// 10⁻⁶ and 6 · 10⁻⁶, and integer points 3 · 10⁻⁶ and 28 · 10⁻⁶.
///
/// Sources: S. Winograd, Arithmetic Complexity of Computations (1980); A. Lavin, S. Gray, Fast
/// Algorithms for Convolutional Neural Networks (2015).
final class Winograd {
    /// Outputs of a tile, along one axis.
    static final int OUTPUTS = 4;

    /// Taps of a filter, along one axis.
    static final int TAPS = 3;

    /// Inputs of a tile, and points, along one axis.
    static final int POINTS = OUTPUTS + TAPS - 1;

    private static final double A = Math.sqrt(0.5);
    private static final double B = Math.sqrt(2);

    private final Scope scope;

    /// @param scope where values are declared
    Winograd(Scope scope) {
        this.scope = scope;
    }

    /// {@return `G g`: the polynomial of three taps at the six points}
    List<Term> taps(List<Term> g) {
        var result = new Term[POINTS];
        result[0] = g.get(0);
        atPair(g, A, -2.0 / 3, 1, result);
        atPair(g, B, 1.0 / 6, 3, result);
        result[5] = g.get(2);
        return List.of(result);
    }

    private void atPair(List<Term> g, double point, double scale, int at, Term[] into) {
        var even = sumOf(scale * point * point, g.get(2), times(scale, g.get(0)));
        var odd = times(scale * point, g.get(1));
        into[at] = plus(even, odd);
        into[at + 1] = minus(even, odd);
    }

    /// {@return `Bᵀ d`}
    List<Term> inputs(List<Term> d) {
        var nearEven = sumOf(-2, d.get(2), d.get(4));
        var nearOdd = sumOf(-2, d.get(1), d.get(3));
        var farEven = sumOf(-0.5, d.get(2), d.get(4));
        var farOdd = sumOf(-0.5, d.get(1), d.get(3));
        return List.of(
                sumOf(-2.5, d.get(2), plus(d.get(0), d.get(4))),
                sumOf(A, nearOdd, nearEven),
                sumOf(-A, nearOdd, nearEven),
                sumOf(B, farOdd, farEven),
                sumOf(-B, farOdd, farEven),
                sumOf(-2.5, d.get(3), plus(d.get(1), d.get(5))));
    }

    /// {@return `Aᵀ m`}
    List<Term> outputs(List<Term> m) {
        var nearSum = plus(m.get(1), m.get(2));
        var nearDifference = minus(m.get(1), m.get(2));
        var farSum = plus(m.get(3), m.get(4));
        var farDifference = minus(m.get(3), m.get(4));
        return List.of(
                plus(plus(m.get(0), nearSum), farSum),
                sumOf(A, nearDifference, times(B, farDifference)),
                sumOf(0.5, nearSum, times(2, farSum)),
                sumOf(A / 2, nearDifference, sumOf(2 * B, farDifference, m.get(5))));
    }

    private Term plus(Term a, Term b) {
        return scope.declare("s", new Term.Combine(Binary.Operator.ADD, a, b));
    }

    private Term minus(Term a, Term b) {
        return scope.declare("d", new Term.Combine(Binary.Operator.SUBTRACT, a, b));
    }

    private Term times(double factor, Term a) {
        return scope.declare(
                "p",
                new Term.Combine(Binary.Operator.MULTIPLY, Build.constant(a.type(), factor), a));
    }

    private Term sumOf(double factor, Term a, Term b) {
        return scope.declare("f", new Term.MultiplyAdd(Build.constant(a.type(), factor), a, b));
    }
}
