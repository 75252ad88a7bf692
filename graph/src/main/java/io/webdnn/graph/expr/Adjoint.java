package io.webdnn.graph.expr;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
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
    private final Object target; // a Buffer, or a Local while its Let is taken apart
    private final List<Contribution> contributions = new ArrayList<>();

    private Adjoint(Object target) {
        this.target = target;
    }

    /// `gradient[index] += value` for all points of `loops` where `condition` holds.
    public record Contribution(List<Index> loops, Expr condition, List<Expr> index, Expr value) {
        public Contribution {
            loops = List.copyOf(loops);
            index = List.copyOf(index);
        }

        /// {@return the sum of all that is contributed to one element, or null if the indices
        /// cannot be solved for the loops, or if that would take much longer than to push}
        public @Nullable Expr pull(List<Index> element) {
            return AffineSolution.of(this, element, false);
        }

        /// {@return the sum of all that is contributed to one element, however long that takes, or
        /// null if the indices cannot be solved for the loops}
        public @Nullable Expr pullAnyway(List<Index> element) {
            return AffineSolution.of(this, element, true);
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
        if (!e.dtype().isFloat() || !reads(e)) return;
        switch (e) {
            case Literal _, Index _, Extent _ -> {}
            case Local local -> {
                if (local == target) {
                    contributions.add(new Contribution(loops, condition, List.of(), seed));
                }
            }
            case Load(var buffer, var index) -> {
                if (buffer == target) {
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
            case Bits _ -> {}
            case Let let -> let(let, seed, condition, loops);
            case Reduce reduce -> reduce(reduce, seed, condition, loops);
            case Fold _ ->
                    throw GraphException.saying(
                            "Gradients", "expected an expression with a derivative, got a Fold");
        }
    }

    /// What the body says of its own loads, then what it says of the local, to the value. All of it
    /// may use the local, and so binds it anew.
    private void let(Let let, Expr seed, Expr condition, List<Index> loops) {
        var value = let.value();
        if (!let.local().dtype().isFloat()) {
            walk(body(let, value), seed, condition, loops);
            return;
        }
        // A seed may hold this very Let, as part of a factor: its local must be another one.
        var local = new Local(let.local().name(), let.local().dtype());
        var body = body(let, local);
        var inBody = new Adjoint(target);
        inBody.walk(body, seed, condition, loops);
        for (var c : inBody.contributions) {
            contributions.add(
                    new Contribution(
                            c.loops,
                            bound(c.condition, local, value),
                            c.index.stream().map(i -> bound(i, local, value)).toList(),
                            bound(c.value, local, value)));
        }
        if (!reads(value)) return;
        var uses = new Adjoint(local);
        uses.walk(body, seed, Literal.of(true), List.of());
        Expr sum = null;
        for (var use : uses.contributions) {
            var used = use.condition.select(use.value, Expr.of(local.dtype(), 0));
            var share = Expr.sum(use.loops, used);
            sum = sum == null ? share : sum.plus(share);
        }
        if (sum != null) walk(value, bound(sum, local, value), condition, loops);
    }

    private static Expr body(Let let, Expr by) {
        return new Substitution(List.of(let.local()), List.of(by)).apply(let.body());
    }

    private static Expr bound(Expr e, Local local, Expr value) {
        if (!Visit.free(e).contains(local)) return e;
        var fresh = new Local(local.name(), local.dtype());
        return new Let(fresh, value, new Substitution(List.of(local), List.of(fresh)).apply(e));
    }

    /// Whether the target stands in an expression, be it in the index of a load.
    private boolean reads(Expr e) {
        return target instanceof Buffer buffer
                ? Visit.buffers(e).contains(buffer)
                : Visit.free(e).contains(target);
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
}
