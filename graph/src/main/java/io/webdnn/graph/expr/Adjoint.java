package io.webdnn.graph.expr;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The gradient of what a stage computes with respect to a buffer that it loads.
///
/// Going down an expression with a seed (the gradient of its value), each load of the buffer
/// contributes `gradient[index] += seed` for each point of the domain and of the loops that enclose
/// the load, where the conditions hold under which it is used. As it stands that is a [Push]. Where
/// the indices are affine they can be solved for the loop variables, and it is an expression of the
/// gradient's own index, in pull form.
///
/// The index of a load is not differentiated; what has derivative 0 contributes nothing. `MIN` and
/// `MAX` of two give all of it to the first of equal operands, a `MIN` or `MAX` over a loop to the
/// first extreme.
public final class Adjoint {
    private final Buffer buffer;
    private final List<Contribution> contributions = new ArrayList<>();

    private Adjoint(Buffer buffer) {
        this.buffer = buffer;
    }

    /// `gradient[index] += value` for all points of `loops` where `condition` holds.
    public record Contribution(List<Index> loops, Expr condition, List<Expr> index, Expr value) {
        public Contribution {
            loops = List.copyOf(loops);
            index = List.copyOf(index);
        }

        /// {@return the sum of all that is contributed to one element, or null if the indices are
        /// not affine}
        public @Nullable Expr pull(List<Index> element) {
            return Solution.of(this, element);
        }

        /// {@return the same as a step}
        public Push push(Buffer gradient) {
            var type = gradient.type();
            return new Push(
                    gradient,
                    Stage.indices("i", type.shape().dimensions()),
                    Expr.of(type.dtype(), 0),
                    loops,
                    condition,
                    index,
                    value,
                    Push.Combine.ADD);
        }
    }

    /// {@return what the loads of a buffer contribute}
    ///
    /// @param loops the domain of the expression
    /// @param seed the gradient of the expression's value at a point of the domain
    /// @param condition where the value is used at all
    /// @throws GraphException if the expression holds something without a derivative
    public static List<Contribution> contributions(
            Buffer buffer, List<Index> loops, Expr e, Expr seed, Expr condition) {
        var adjoint = new Adjoint(buffer);
        adjoint.walk(e, seed, condition, loops);
        return adjoint.contributions;
    }

    private void walk(Expr e, Expr seed, Expr condition, List<Index> loops) {
        if (!e.dtype().isFloat() || !Visit.buffers(e).contains(buffer)) return;
        switch (e) {
            case Literal _, Index _, Extent _, Local _ -> {}
            case Load(var read, var index) -> {
                if (read == buffer) {
                    contributions.add(new Contribution(loops, condition, index, seed));
                }
            }
            case Unary(var operator, var a) -> {
                var factor = Derivative.ofUnary(operator, a, e);
                if (factor != null) walk(a, Derivative.scaled(seed, factor), condition, loops);
            }
            case Binary binary -> binary(binary, seed, condition, loops);
            case Select(var chosen, var then, var otherwise) -> {
                walk(then, seed, condition.and(chosen), loops);
                walk(otherwise, seed, condition.and(not(chosen)), loops);
            }
            case Cast(_, var a, _) -> walk(a, seed.cast(a.dtype()), condition, loops);
            case Let(var local, var value, var body) ->
                    walk(
                            new Substitution(List.of(local), List.of(value)).apply(body),
                            seed,
                            condition,
                            loops);
            case Reduce reduce -> reduce(reduce, seed, condition, loops);
            case Fold _ ->
                    throw GraphException.saying(
                            "Gradients", "expected an expression with a derivative, got a Fold");
        }
    }

    private void binary(Binary e, Expr seed, Expr condition, List<Index> loops) {
        var a = e.left();
        var b = e.right();
        switch (e.operator()) {
            case MIN, MAX -> {
                var left =
                        e.operator() == Binary.Operator.MIN ? a.lessOrEqual(b) : b.lessOrEqual(a);
                walk(a, seed, condition.and(left), loops);
                walk(b, seed, condition.and(not(left)), loops);
            }
            default -> {
                var factors = Derivative.ofBinary(e.operator(), a, b, e);
                var left = factors.left();
                var right = factors.right();
                if (left != null) walk(a, Derivative.scaled(seed, left), condition, loops);
                if (right != null) walk(b, Derivative.scaled(seed, right), condition, loops);
            }
        }
    }

    private void reduce(Reduce reduce, Expr seed, Expr condition, List<Index> loops) {
        var indices = reduce.indices().stream().map(Index::fresh).toList();
        var body = Substitution.ofIndices(reduce.body(), reduce.indices(), indices);
        var inner = new ArrayList<>(loops);
        inner.addAll(indices);
        switch (reduce.operator()) {
            case SUM -> walk(body, seed, condition, inner);
            case PRODUCT -> {
                // The product of the others, not the product divided by this one: that may be 0.
                var others =
                        new Reduce(
                                Reduce.Operator.PRODUCT,
                                reduce.indices(),
                                same(reduce.indices(), indices)
                                        .select(Expr.of(body.dtype(), 1), reduce.body()));
                walk(body, Derivative.scaled(seed, others), condition, inner);
            }
            case MAX, MIN -> {
                var first = position(reduce).isEqualTo(flat(indices));
                walk(body, seed, condition.and(first), inner);
            }
            case ANY, ALL -> {}
        }
    }

    private static Expr same(List<Index> a, List<Index> b) {
        Expr same = Literal.of(true);
        for (int d = 0; d < a.size(); d++) same = same.and(a.get(d).isEqualTo(b.get(d)));
        return same;
    }

    private static Expr not(Expr condition) {
        return condition.apply(Unary.Operator.NOT);
    }

    /// {@return the row-major position of a point in its loops}
    public static Expr flat(List<Index> indices) {
        Expr flat = Expr.of(0);
        for (var index : indices) flat = flat.times(Expr.of(index.extent())).plus(index);
        return flat;
    }

    /// {@return where a `MAX` or `MIN` has its first extreme, or its first NaN: the row-major
    /// position in its loops; −1 if they are empty}
    public static Expr position(Reduce reduce) {
        var indices = reduce.indices().stream().map(Index::fresh).toList();
        var element = Substitution.ofIndices(reduce.body(), reduce.indices(), indices);
        var dtype = element.dtype();
        var best = new Local("best", dtype);
        var at = new Local("at", DType.INT32);
        var better =
                switch (reduce.operator()) {
                    case MAX -> best.less(element);
                    case MIN -> element.less(best);
                    case SUM, PRODUCT, ANY, ALL ->
                            throw new IllegalArgumentException(
                                    "Adjoint: expected MAX or MIN, got " + reduce.operator());
                };
        if (dtype.isFloat()) {
            better =
                    better.or(
                            element.apply(Unary.Operator.IS_NAN)
                                    .and(not(best.apply(Unary.Operator.IS_NAN))));
        }
        var take = at.less(Expr.of(0)).or(better);
        return new Fold(
                indices,
                List.of(
                        new Accumulator(best, Expr.of(dtype, 0), take.select(element, best)),
                        new Accumulator(at, Expr.of(-1), take.select(flat(indices), at))),
                at);
    }

    /// Equations `index[d] = element[d]`, solved for loop variables.
    private static final class Solution {
        private final LinkedHashSet<Index> open;
        private final Map<Expr, Expr> solved = new LinkedHashMap<>();
        private final List<Expr> conditions = new ArrayList<>();

        private Solution(List<Index> loops) {
            open = new LinkedHashSet<>(loops);
            for (var loop : loops) if (loop.extent().is(1)) put(loop, Expr.of(0));
        }

        static @Nullable Expr of(Contribution contribution, List<Index> element) {
            var c = split(contribution);
            var equations = new ArrayList<Equation>();
            for (int d = 0; d < element.size(); d++) {
                var linear = Linear.of(c.index.get(d));
                if (!isAffine(linear, c.loops)) return null;
                equations.add(new Equation(linear, element.get(d)));
            }
            var solution = new Solution(c.loops);
            while (!equations.isEmpty()) {
                var next =
                        equations.stream()
                                .min(Comparator.comparingInt(e -> solution.unknowns(e).size()))
                                .orElseThrow();
                equations.remove(next);
                solution.solve(next);
            }
            return solution.sum(c);
        }

        private static boolean isAffine(Linear linear, List<Index> loops) {
            return linear.coefficients().keySet().stream()
                    .allMatch(atom ->
                            atom instanceof Index
                                    || Visit.free(atom).stream().noneMatch(loops::contains));
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
                var known = solved.getOrDefault(entry.getKey(), entry.getKey());
                rest = rest.minus(known.times(entry.getValue()));
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

        /// Whether the sum of the unknowns takes each multiple of the first coefficient once, as
        /// the digits of a number do.
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
            solved.replaceAll(
                    (_, e) -> Substitution.ofIndices(e, List.of(variable), List.of(value)));
            conditions.replaceAll(
                    e -> Substitution.ofIndices(e, List.of(variable), List.of(value)));
            solved.put(variable, value);
        }

        /// `Σ over what is open of (conditions ? value : 0)`, with what does not depend on it
        /// outside.
        private Expr sum(Contribution c) {
            var substitution =
                    new Substitution(List.copyOf(solved.keySet()), List.copyOf(solved.values()));
            var all = new ArrayList<Expr>();
            for (var condition : conditions) conjuncts(condition, all);
            conjuncts(substitution.apply(c.condition), all);
            var value = substitution.apply(c.value);
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

        /// Splits each loop variable `v` of which the index holds `v // d` or `v mod d` into `d · q
        /// + r`, so that the index becomes affine.
        private static Contribution split(Contribution contribution) {
            var c = contribution;
            for (var found = divided(c); found != null; found = divided(c)) {
                var variable = found.variable;
                long d = found.coefficient;
                var q =
                        new Index(
                                variable.name() + "q", Dimension.of(variable.extent().value() / d));
                var r = new Index(variable.name() + "r", Dimension.of(d));
                var loops = new ArrayList<>(c.loops);
                int at = loops.indexOf(variable);
                loops.set(at, q);
                loops.add(at + 1, r);
                var by = new Substitution(List.of(variable), List.of(q.times(d).plus(r)));
                c =
                        new Contribution(
                                loops,
                                by.apply(c.condition),
                                c.index.stream().map(by::apply).toList(),
                                by.apply(c.value));
            }
            return c;
        }

        private static @Nullable Unknown divided(Contribution c) {
            for (var index : c.index) {
                for (var atom : Linear.of(index).coefficients().keySet()) {
                    if (atom instanceof Binary(var operator, Index variable, Literal l)
                            && (operator == Binary.Operator.FLOOR_DIVIDE
                                    || operator == Binary.Operator.FLOOR_MODULO)
                            && c.loops.contains(variable)
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
}
