package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Bits;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A stage that is `epilogue(Σ_k a · b)`, seen by the roles of its indices: matrix products,
/// convolutions and both their gradients are contractions; the word "convolution" does not occur.
///
/// | role | occurs in |
/// |---|---|
/// | batch | a, b and the output |
/// | m | a and the output |
/// | n | b and the output |
/// | k | a or b, summed |
///
/// An index that reaches one operand only through `i // c` (the groups of a grouped convolution) is
/// split in two first. Indices of extent 1 are left out of all roles and are 0.
///
/// @param output the index of the stored element in terms of the roles' indices
/// @param a the left factor, guards included
/// @param b the right factor, guards included
/// @param sum what stands for the sum in the epilogue
/// @param epilogue the stored value, in terms of `sum` and the indices of the roles but k
public record ContractionForm(
        Stage stage,
        List<Index> batch,
        List<Index> m,
        List<Index> n,
        List<Index> k,
        List<Expr> output,
        Expr a,
        Expr b,
        Local sum,
        Expr epilogue) {
    /// {@return the form with a and b, and m and n, exchanged}
    public ContractionForm swapped() {
        return new ContractionForm(stage, batch, n, m, k, output, b, a, sum, epilogue);
    }

    /// {@return whether what is multiplied and summed is float16, widened in `a` and `b`}
    boolean isOfHalves() {
        var sums = new ArrayList<Reduce>();
        collect(stage.outputs().getFirst().value(), sums);
        return sums.getFirst().dtype() == DType.FLOAT16;
    }

    /// {@return the form in which the indices of m are of the batch: a product for each of them}
    ContractionForm onePerRow() {
        var all = new ArrayList<>(batch);
        all.addAll(m);
        return new ContractionForm(stage, all, List.of(), n, k, output, a, b, sum, epilogue);
    }

    /// {@return the form in which neighbouring indices of m, and of n, are one wherever memory is
    /// walked through as if they were: the rows and columns of an image in a 1 × 1 convolution}
    ContractionForm merged() {
        for (var role : List.of(m, n)) {
            for (int d = 1; d < role.size(); d++) {
                if (isOne(role.get(d - 1), role.get(d)))
                    return merge(role.get(d - 1), role.get(d)).merged();
            }
        }
        return this;
    }

    /// Whether every offset grows with two indices as with the digits of one number.
    private boolean isOne(Index outer, Index inner) {
        if (!outer.extent().isFixed() || !inner.extent().isFixed()) return false;
        boolean isLoad = true;
        for (var factor : List.of(a, b)) {
            var free = Visit.free(factor);
            isLoad &= factor instanceof Load || !free.contains(outer) && !free.contains(inner);
        }
        if (!isLoad || isElsewhere(epilogue, outer) || isElsewhere(epilogue, inner)) return false;
        boolean[] isOne = {isOne(stage.outputs().getFirst().buffer(), output, outer, inner)};
        for (var value : List.of(a, b, epilogue))
            Visit.loads(
                    value,
                    (load, _) -> isOne[0] &= isOne(load.buffer(), load.index(), outer, inner));
        return isOne[0];
    }

    private static boolean isOne(Buffer buffer, List<Expr> index, Index outer, Index inner) {
        var offset = Linear.of(Layout.rowMajor(buffer.type().shape()).offset(index));
        for (var atom : offset.coefficients().keySet()) {
            if (atom instanceof Index) continue;
            var free = Visit.free(atom);
            if (free.contains(outer) || free.contains(inner)) return false;
        }
        return offset.coefficient(outer) == offset.coefficient(inner) * inner.extent().value();
    }

    private ContractionForm merge(Index outer, Index inner) {
        var both = new Index(inner.name(), outer.extent().times(inner.extent()));
        long extent = inner.extent().value();
        var renew =
                new Substitution(
                        List.of(outer, inner),
                        List.of(both.floorDividedBy(extent), both.floorModulo(extent)));
        return new ContractionForm(
                stage,
                batch,
                merge(m, outer, inner, both),
                merge(n, outer, inner, both),
                k,
                output.stream().map(renew::apply).toList(),
                renew.apply(a),
                renew.apply(b),
                sum,
                renew.apply(epilogue));
    }

    private static List<Index> merge(List<Index> role, Index outer, Index inner, Index both) {
        return role.stream().filter(i -> i != inner).map(i -> i == outer ? both : i).toList();
    }

    /// {@return the values of indices whose row-major number is given}
    static List<Expr> digits(Expr flat, List<Index> indices) {
        var digits = new ArrayList<Expr>();
        Expr rest = flat;
        for (int d = indices.size() - 1; d >= 0; d--) {
            var extent = Expr.of(indices.get(d).extent());
            digits.add(d == 0 ? rest : rest.floorModulo(extent));
            rest = rest.floorDividedBy(extent);
        }
        Collections.reverse(digits);
        return digits;
    }

    /// An answer: a form, or why there is none.
    public record Match(@Nullable ContractionForm form, String reason) {}

    /// {@return the form of a stage, or why it has none}
    public static Match match(Stage stage) {
        if (stage.outputs().size() != 1) return new Match(null, "several outputs");
        var value = stage.outputs().getFirst().value();
        var sums = new ArrayList<Reduce>();
        if (!collect(value, sums) || sums.size() != 1)
            return new Match(null, "not one sum and an epilogue");
        var reduce = sums.getFirst();
        if (reduce.operator() != Reduce.Operator.SUM)
            return new Match(null, "the reduction is no sum");
        if (!reduce.dtype().isFloat()) return new Match(null, "not of floats");
        if (WideFloats.isNarrow(reduce.dtype())) {
            value = WideFloats.rounded(value);
            sums.clear();
            collect(value, sums);
            reduce = sums.getFirst();
        }
        var factors = factors(reduce.body());
        if (factors == null) return new Match(null, "the summand is no product of two loads");
        var sum = new Local("sum", reduce.dtype());
        var epilogue = replace(value, reduce, sum);
        return split(stage, reduce.indices(), factors, sum, epilogue);
    }

    /// Collects the loops of an expression.
    ///
    /// @return false if one is no reduction or is nested in another
    static boolean collect(Expr e, List<Reduce> sums) {
        if (e instanceof Fold) return false;
        if (e instanceof Reduce reduce) {
            boolean[] nested = {false};
            Visit.all(
                    reduce.body(),
                    part -> nested[0] |= part instanceof Reduce || part instanceof Fold);
            sums.add(reduce);
            return !nested[0];
        }
        for (var part : Visit.parts(e)) if (!collect(part, sums)) return false;
        return true;
    }

    private record Factors(Expr a, Expr b) {}

    private static @Nullable Factors factors(Expr summand) {
        if (summand instanceof Select(var condition, var then, Literal l) && l.is(0)) {
            var inner = factors(then);
            if (inner == null) return null;
            boolean first = Visit.free(inner.a).containsAll(Visit.free(condition));
            return first
                    ? new Factors(condition.select(inner.a, l), inner.b)
                    : new Factors(inner.a, condition.select(inner.b, l));
        }
        if (!(summand instanceof Binary(var operator, var a, var b))
                || operator != Binary.Operator.MULTIPLY) return null;
        return Visit.buffers(a).isEmpty() || Visit.buffers(b).isEmpty() ? null : new Factors(a, b);
    }

    /// {@return an expression in which something else stands for a reduction}
    static Expr replace(Expr e, Reduce reduce, Expr sum) {
        if (e.equals(reduce)) return sum;
        return switch (e) {
            case Let(var local, var value, var body) -> {
                if (value.equals(reduce)) {
                    yield new Substitution(List.of(local), List.of(sum)).apply(body);
                }
                yield new Let(local, replace(value, reduce, sum), replace(body, reduce, sum));
            }
            case Binary(var operator, var a, var b) ->
                    replace(a, reduce, sum).apply(operator, replace(b, reduce, sum));
            case Select(var c, var a, var b) ->
                    replace(c, reduce, sum)
                            .select(replace(a, reduce, sum), replace(b, reduce, sum));
            case Unary(var operator, var a) -> replace(a, reduce, sum).apply(operator);
            case Bits(var dtype, var a) -> new Bits(dtype, replace(a, reduce, sum));
            case Cast(var dtype, var a, var saturate) ->
                    new Cast(dtype, replace(a, reduce, sum), saturate);
            case Load _, Literal _, Index _, Local _, Extent _, Reduce _, Fold _ -> e;
        };
    }

    private static Match split(
            Stage stage, List<Index> k, Factors factors, Local sum, Expr epilogue) {
        var from = new ArrayList<Index>();
        var to = new ArrayList<Expr>();
        var indices = new ArrayList<Index>();
        for (var index : stage.domain()) {
            if (index.extent().is(1)) {
                from.add(index);
                to.add(Expr.of(0));
                continue;
            }
            long divisor = quotientOnly(index, factors.a);
            if (divisor == 0) divisor = quotientOnly(index, factors.b);
            boolean inBoth =
                    Visit.free(factors.a).contains(index) && Visit.free(factors.b).contains(index);
            if (!inBoth
                    || divisor == 0
                    || !index.extent().isFixed()
                    || index.extent().value() % divisor != 0) {
                indices.add(index);
                continue;
            }
            var group = new Index(index.name() + "g", index.extent().floorDividedBy(divisor));
            var within = new Index(index.name() + "w", Dimension.of(divisor));
            from.add(index);
            boolean single = group.extent().is(1);
            to.add(single ? within : divisor == 1 ? group : group.times(divisor).plus(within));
            if (!single) indices.add(group);
            if (divisor != 1) indices.add(within);
        }
        var keptK = new ArrayList<Index>();
        for (var index : k) {
            if (index.extent().is(1)) {
                from.add(index);
                to.add(Expr.of(0));
            } else {
                keptK.add(index);
            }
        }
        var renew = new Substitution(from, to);
        var a = renew.apply(factors.a);
        var b = renew.apply(factors.b);
        var output = new ArrayList<Expr>();
        for (var index : stage.domain()) output.add(renew.apply(index));
        var inA = Visit.free(a);
        var inB = Visit.free(b);
        var batch = new ArrayList<Index>();
        var m = new ArrayList<Index>();
        var n = new ArrayList<Index>();
        for (var index : indices) {
            if (inA.contains(index) && inB.contains(index)) batch.add(index);
            else if (inB.contains(index)) n.add(index);
            else m.add(index);
        }
        return new Match(
                new ContractionForm(
                        stage, batch, m, n, keptK, output, a, b, sum, renew.apply(epilogue)),
                "");
    }

    /// {@return whether all that an expression reads is known when compiling}
    static boolean isConstant(Expr e) {
        return Visit.buffers(e).stream().allMatch(b -> b.constant() != null);
    }

    /// {@return whether an index occurs outside the indices of loads, where it would make choices}
    static boolean isElsewhere(Expr e, Index index) {
        if (e instanceof Load) return false;
        return e == index || Visit.parts(e).stream().anyMatch(part -> isElsewhere(part, index));
    }

    /// {@return c if the index occurs in an expression, and only as `i // c`; else 0}
    private static long quotientOnly(Index index, Expr e) {
        Set<Long> divisors = new LinkedHashSet<>();
        boolean plain = quotients(index, e, divisors);
        return plain || divisors.size() != 1 ? 0 : divisors.iterator().next();
    }

    private static boolean quotients(Index index, Expr e, Set<Long> divisors) {
        if (e == index) return true;
        if (e instanceof Binary(var operator, var i, Literal c)
                && operator == Binary.Operator.FLOOR_DIVIDE
                && i == index) {
            divisors.add(c.value().longValue());
            return false;
        }
        boolean plain = false;
        for (var part : Visit.parts(e)) plain |= quotients(index, part, divisors);
        return plain;
    }

    /// A factor that is one load, alone or under a guard that gives 0 outside.
    ///
    /// @param guard the condition under which the load counts, or null
    public record Operand(Load load, @Nullable Expr guard) {
        /// {@return a factor as an operand, or null if it is more than a guarded load}
        public static @Nullable Operand of(Expr factor) {
            if (factor instanceof Load load && isDirect(load)) return new Operand(load, null);
            if (factor instanceof Select(var guard, Load load, Literal l)
                    && l.is(0)
                    && isDirect(load)) {
                return new Operand(load, guard);
            }
            return null;
        }

        private static boolean isDirect(Load load) {
            return load.buffer().type().dtype() == DType.FLOAT32
                    && load.index().stream().allMatch(i -> Visit.buffers(i).isEmpty());
        }
    }
}
