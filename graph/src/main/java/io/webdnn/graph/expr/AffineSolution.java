package io.webdnn.graph.expr;

import io.webdnn.graph.expr.Adjoint.Contribution;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Equations `index[d] = element[d]`, solved for loop variables, which turns contributions to
/// elements into a sum for each element over the loops that are left open.
///
/// Indices are split where they choose (`Select`, `MIN`, `MAX`), loops where indices divide by a
/// divisor of the extent. Several loops that count like the digits of a number are solved at once;
/// else each equation gives the loop of largest extent, under the condition that it is whole and
/// inside.
final class AffineSolution {
    private final LinkedHashSet<Index> open;
    private final Map<Expr, Expr> solved = new LinkedHashMap<>();
    private final List<Expr> conditions = new ArrayList<>();

    private AffineSolution(List<Index> loops) {
        open = new LinkedHashSet<>(loops);
        for (var loop : loops) if (loop.extent().is(1)) put(loop, Expr.of(0));
    }

    static @Nullable Expr of(Contribution contribution, List<Index> element, boolean anyway) {
        Expr sum = null;
        for (var alternative : alternatives(contribution)) {
            var c = split(alternative);
            var solution = new AffineSolution(c.loops());
            if (!solution.solve(c, element)) return null;
            if (!anyway && !isWorthwhile(element, List.copyOf(solution.open), c.loops()))
                return null;
            var share = solution.sum(c);
            sum = sum == null ? share : sum.plus(share);
        }
        return sum;
    }

    /// Whether each element looking for its shares takes not much longer than each share being
    /// added to its element.
    private static boolean isWorthwhile(List<Index> element, List<Index> open, List<Index> loops) {
        return points(element) * points(open) <= 16 * points(loops);
    }

    private static double points(List<Index> indices) {
        double points = 1;
        for (var i : indices) points *= i.extent().isFixed() ? i.extent().value() : 64;
        return points;
    }

    /// Solves the equations in an order in which what is not linear in one is known by then.
    private boolean solve(Contribution c, List<Index> element) {
        var equations = new ArrayList<Equation>();
        for (int d = 0; d < element.size(); d++) {
            equations.add(new Equation(Linear.of(c.index().get(d)), element.get(d)));
        }
        while (!equations.isEmpty()) {
            var next =
                    equations.stream()
                            .filter(this::isAffine)
                            .min(Comparator.comparingInt(e -> unknowns(e).size()));
            if (next.isEmpty()) return false;
            equations.remove(next.get());
            solve(next.get());
        }
        return true;
    }

    private boolean isAffine(Equation equation) {
        return equation.left.coefficients().keySet().stream()
                .allMatch(atom -> atom instanceof Index || isFree(atom));
    }

    private record Equation(Linear left, Index right) {}

    private record Unknown(Index variable, long coefficient) {}

    private List<Unknown> unknowns(Equation equation) {
        var unknowns = new ArrayList<Unknown>();
        for (var variable : open) {
            long coefficient = equation.left.coefficient(variable);
            if (coefficient != 0) unknowns.add(new Unknown(variable, coefficient));
        }
        return unknowns;
    }

    private void solve(Equation equation) {
        var unknowns = unknowns(equation);
        Expr rest = equation.right; // right − what is known on the left
        for (var entry : equation.left.coefficients().entrySet()) {
            if (open.contains(entry.getKey())) continue;
            rest = rest.minus(known(entry.getKey()).times(entry.getValue()));
        }
        rest = rest.minus(equation.left.constant());
        if (unknowns.isEmpty()) {
            conditions.add(rest.isEqualTo(Expr.of(0)));
            return;
        }
        unknowns.sort(Comparator.comparingLong(Unknown::coefficient));
        if (isMixedRadix(unknowns)) {
            digits(unknowns, rest);
            return;
        }
        var chosen = unknowns.getFirst();
        for (var unknown : unknowns) {
            if (isLarger(unknown.variable.extent(), chosen.variable.extent())) chosen = unknown;
        }
        for (var unknown : unknowns) {
            if (unknown.equals(chosen)) continue;
            rest = rest.minus(unknown.variable.times(unknown.coefficient));
        }
        set(chosen, rest);
    }

    private static boolean isLarger(Dimension a, Dimension b) {
        if (!b.isFixed()) return false;
        return !a.isFixed() || a.value() > b.value();
    }

    /// Whether the sum of the unknowns takes each multiple of the first coefficient once, as the
    /// digits of a number do.
    private static boolean isMixedRadix(List<Unknown> unknowns) {
        if (unknowns.getFirst().coefficient < 1) return false;
        for (int k = 1; k < unknowns.size(); k++) {
            var less = unknowns.get(k - 1);
            var extent = less.variable.extent();
            if (!extent.isFixed()
                    || less.coefficient * extent.value() != unknowns.get(k).coefficient) {
                return false;
            }
        }
        return true;
    }

    private void digits(List<Unknown> unknowns, Expr number) {
        for (int k = 0; k + 1 < unknowns.size(); k++) {
            var digit = unknowns.get(k);
            var extent = digit.variable.extent().value();
            if (k == 0) divides(digit.coefficient, number);
            put(digit.variable, number.floorDividedBy(digit.coefficient).floorModulo(extent));
        }
        var last = unknowns.getLast();
        if (unknowns.size() == 1) {
            set(last, number);
            return;
        }
        var value = number.floorDividedBy(last.coefficient);
        conditions.add(value.isWithin(last.variable.extent()));
        put(last.variable, value);
    }

    private void set(Unknown unknown, Expr product) {
        long c = unknown.coefficient;
        var positive = c < 0 ? Expr.of(0).minus(product) : product;
        divides(Math.abs(c), positive);
        var value = positive.floorDividedBy(Math.abs(c));
        conditions.add(value.isWithin(unknown.variable.extent()));
        put(unknown.variable, value);
    }

    private void divides(long divisor, Expr number) {
        if (divisor != 1) conditions.add(number.floorModulo(divisor).isEqualTo(Expr.of(0)));
    }

    private void put(Index variable, Expr value) {
        open.remove(variable);
        solved.replaceAll((_, e) -> Substitution.ofIndices(e, List.of(variable), List.of(value)));
        conditions.replaceAll(e -> Substitution.ofIndices(e, List.of(variable), List.of(value)));
        solved.put(variable, value);
    }

    /// `Σ over what is open of (conditions ? value : 0)`, with what does not depend on it outside.
    private Expr sum(Contribution c) {
        var all = new ArrayList<Expr>();
        for (var condition : conditions) conjuncts(condition, all);
        conjuncts(known(c.condition()), all);
        var value = known(c.value());
        var zero = Expr.of(value.dtype(), 0);
        Expr outside = Literal.of(true);
        Expr inside = Literal.of(true);
        for (var condition : all) {
            if (isFree(condition)) outside = outside.and(condition);
            else inside = inside.and(condition);
        }
        if (open.isEmpty()) return outside.select(value, zero);
        var factors = new ArrayList<Expr>();
        factors(value, factors);
        Expr free = null;
        Expr bound = null;
        for (var factor : factors) {
            if (isFree(factor)) free = free == null ? factor : free.times(factor);
            else bound = bound == null ? factor : bound.times(factor);
        }
        if (bound == null) {
            bound = value;
            free = null;
        }
        var sum = Expr.sum(List.copyOf(open), inside.select(bound, zero));
        return outside.select(free == null ? sum : free.times(sum), zero);
    }

    private Expr known(Expr e) {
        return new Substitution(List.copyOf(solved.keySet()), List.copyOf(solved.values()))
                .apply(e);
    }

    private boolean isFree(Expr e) {
        return Visit.free(e).stream().noneMatch(open::contains);
    }

    private static void conjuncts(Expr condition, List<Expr> into) {
        if (condition instanceof Binary(var operator, var a, var b)
                && operator == Binary.Operator.AND) {
            conjuncts(a, into);
            conjuncts(b, into);
        } else {
            into.add(condition);
        }
    }

    private static void factors(Expr e, List<Expr> into) {
        if (e instanceof Binary(var operator, var a, var b)
                && operator == Binary.Operator.MULTIPLY) {
            factors(a, into);
            factors(b, into);
        } else {
            into.add(e);
        }
    }

    /// Replaces `gradient[c ? a : b]` by `gradient[a]` where c, and `gradient[b]` where not.
    private static List<Contribution> alternatives(Contribution c) {
        for (int d = 0; d < c.index().size(); d++) {
            var linear = Linear.of(c.index().get(d));
            for (var atom : linear.coefficients().keySet()) {
                var choice = choice(atom);
                if (choice == null) continue;
                var all = new ArrayList<Contribution>();
                var not = choice.condition().apply(Unary.Operator.NOT);
                all.addAll(
                        alternatives(with(c, d, linear, atom, choice.then(), choice.condition())));
                all.addAll(alternatives(with(c, d, linear, atom, choice.otherwise(), not)));
                return all;
            }
        }
        return List.of(c);
    }

    private static @Nullable Select choice(Expr atom) {
        return switch (atom) {
            case Select select -> select;
            case Binary(var operator, var a, var b) when operator == Binary.Operator.MIN ->
                    new Select(a.lessOrEqual(b), a, b);
            case Binary(var operator, var a, var b) when operator == Binary.Operator.MAX ->
                    new Select(b.lessOrEqual(a), a, b);
            default -> null;
        };
    }

    private static Contribution with(
            Contribution c, int axis, Linear linear, Expr atom, Expr by, Expr condition) {
        var others = new LinkedHashMap<>(linear.coefficients());
        others.remove(atom);
        var rest = new Linear(others, linear.constant()).toExpr();
        var index = new ArrayList<>(c.index());
        index.set(axis, rest.plus(by.times(linear.coefficient(atom))));
        return new Contribution(c.loops(), c.condition().and(condition), index, c.value());
    }

    /// Splits each loop variable `v` of which the index holds `v // d` or `v mod d` into `d · q
    /// + r`, so that the index becomes affine.
    private static Contribution split(Contribution contribution) {
        var c = contribution;
        for (var found = divided(c); found != null; found = divided(c)) {
            var variable = found.variable;
            long d = found.coefficient;
            var q = new Index(variable.name() + "q", Dimension.of(variable.extent().value() / d));
            var r = new Index(variable.name() + "r", Dimension.of(d));
            var loops = new ArrayList<>(c.loops());
            int at = loops.indexOf(variable);
            loops.set(at, q);
            loops.add(at + 1, r);
            var by = new Substitution(List.of(variable), List.of(q.times(d).plus(r)));
            c =
                    new Contribution(
                            loops,
                            by.apply(c.condition()),
                            c.index().stream().map(by::apply).toList(),
                            by.apply(c.value()));
        }
        return c;
    }

    private static @Nullable Unknown divided(Contribution c) {
        for (var index : c.index()) {
            for (var atom : Linear.of(index).coefficients().keySet()) {
                if (atom instanceof Binary(var operator, Index variable, Literal l)
                        && (operator == Binary.Operator.FLOOR_DIVIDE
                                || operator == Binary.Operator.FLOOR_MODULO)
                        && c.loops().contains(variable)
                        && l.value().longValue() > 1
                        && variable.extent().isFixed()
                        && variable.extent().value() % l.value().longValue() == 0) {
                    return new Unknown(variable, l.value().longValue());
                }
            }
        }
        return null;
    }
}
