package io.webdnn.graph.expr;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An int32 expression as `constant + Σ coefficient · atom`, where an atom is any expression that
/// is not itself a sum or a product with a literal (an [Index], mostly). Every int32 expression has
/// this form; it is *affine* if all atoms are indices.
public record Linear(Map<Expr, Long> coefficients, long constant) {
    /// {@return the linear form of an expression}
    public static Linear of(Expr e) {
        var coefficients = new LinkedHashMap<Expr, Long>();
        long constant = collect(e, 1, coefficients);
        coefficients.values().removeIf(c -> c == 0);
        return new Linear(coefficients, constant);
    }

    private static long collect(Expr e, long factor, Map<Expr, Long> into) {
        return switch (e) {
            case Literal l -> factor * l.value().longValue();
            case Binary(var operator, var a, var b) when operator == Binary.Operator.ADD ->
                    collect(a, factor, into) + collect(b, factor, into);
            case Binary(var operator, var a, var b) when operator == Binary.Operator.SUBTRACT ->
                    collect(a, factor, into) + collect(b, -factor, into);
            case Binary(var operator, var a, Literal l) when operator == Binary.Operator.MULTIPLY ->
                    collect(a, factor * l.value().longValue(), into);
            default -> {
                into.merge(e, factor, Long::sum);
                yield 0;
            }
        };
    }

    /// {@return the coefficient of an atom, 0 if it does not occur}
    public long coefficient(Expr atom) {
        return coefficients.getOrDefault(atom, 0L);
    }

    /// {@return whether all atoms are indices}
    public boolean isAffine() {
        return coefficients.keySet().stream().allMatch(Index.class::isInstance);
    }

    /// {@return the expression again}
    public Expr toExpr() {
        Expr sum = null;
        for (var entry : coefficients.entrySet()) {
            var product = entry.getKey().times(entry.getValue());
            sum = sum == null ? product : sum.plus(product);
        }
        return sum == null ? Expr.of(constant) : sum.plus(constant);
    }

    /// {@return this with `c·d · (x // d) + c · (x mod d)` put together again to `c · x`, as often
    /// as possible}
    ///
    /// Offsets into row-major tensors under a reshape become views by this.
    public Linear recombined() {
        var terms = new LinkedHashMap<>(coefficients);
        for (var atom : List.copyOf(terms.keySet())) {
            if (!(atom instanceof Binary(var operator, var x, Literal d))
                    || operator != Binary.Operator.FLOOR_MODULO
                    || d.value().longValue() <= 0) continue;
            long c = terms.getOrDefault(atom, 0L);
            long divisor = d.value().longValue();
            var quotient = x.floorDividedBy(divisor);
            if (terms.getOrDefault(quotient, 0L) != c * divisor) continue;
            terms.remove(atom);
            terms.remove(quotient);
            var whole = of(x);
            whole.coefficients.forEach((a, k) -> terms.merge(a, k * c, Long::sum));
            terms.values().removeIf(k -> k == 0);
            return new Linear(terms, constant + whole.constant * c).recombined();
        }
        return new Linear(terms, constant);
    }

    /// `quotient · divisor + rest`.
    record Split(Expr quotient, Expr rest) {}

    /// {@return the part of an expression whose coefficients are multiples of the divisor, and the
    /// rest; null if there is none}
    static @Nullable Split split(Expr e, long divisor) {
        var whole = new LinkedHashMap<Expr, Long>();
        var rest = new LinkedHashMap<Expr, Long>();
        var linear = of(e);
        for (var entry : linear.coefficients.entrySet()) {
            long c = entry.getValue();
            if (c % divisor == 0) whole.put(entry.getKey(), c / divisor);
            else rest.put(entry.getKey(), c);
        }
        if (whole.isEmpty()) return null;
        long restConstant = Math.floorMod(linear.constant, divisor);
        return new Split(
                new Linear(whole, Math.floorDiv(linear.constant, divisor)).toExpr(),
                new Linear(rest, restConstant).toExpr());
    }
}
