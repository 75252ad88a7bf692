package io.webdnn.graph.expr;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Replaces free locals and indices of an expression by other expressions, and loads by what they
/// load.
///
/// What the expression itself binds (in a [Let], [Reduce] or [Fold]) is replaced by fresh objects,
/// so that a body may be inserted into itself and no name is bound twice in one scope. The result
/// is built by the smart constructors of [Expr]; shared parts stay shared.
public final class Substitution {
    private final IdentityHashMap<Expr, Expr> replaced = new IdentityHashMap<>();

    /// What is bound, by its replacement. Loops beside each other may have one index, and parts
    /// that hold it: they share its replacement too, as what was replaced is not replaced again.
    private final IdentityHashMap<Expr, Expr> bound = new IdentityHashMap<>();

    private final Function<Load, @Nullable Expr> loads;

    /// @param from free locals or indices
    /// @param to what takes their places, of the same dtypes
    public Substitution(List<? extends Expr> from, List<? extends Expr> to) {
        this(from, to, _ -> null);
    }

    /// @param from free locals or indices
    /// @param to what takes their places, of the same dtypes
    /// @param loads the replacement of a load whose indices are already replaced, or null to keep
    ///   it
    public Substitution(
            List<? extends Expr> from,
            List<? extends Expr> to,
            Function<Load, @Nullable Expr> loads) {
        this.loads = loads;
        if (from.size() != to.size()) {
            throw new IllegalArgumentException(
                    "Substitution: expected " + from.size() + " expressions, got " + to.size());
        }
        for (int i = 0; i < from.size(); i++) {
            if (from.get(i).dtype() != to.get(i).dtype()) {
                throw new IllegalArgumentException(
                        "Substitution: "
                                + from.get(i)
                                + ": expected "
                                + from.get(i).dtype()
                                + ", got "
                                + to.get(i).dtype());
            }
            replaced.put(from.get(i), to.get(i));
        }
    }

    /// {@return an expression with indices replaced}
    public static Expr ofIndices(Expr e, List<Index> from, List<? extends Expr> to) {
        return new Substitution(from, to).apply(e);
    }

    /// {@return an expression with loads replaced}
    public static Expr ofLoads(Expr e, Function<Load, @Nullable Expr> loads) {
        return new Substitution(List.of(), List.of(), loads).apply(e);
    }

    /// {@return the expression with the replacements made}
    public Expr apply(Expr e) {
        var known = replaced.get(e);
        if (known != null) return known;
        var result = rebuild(e);
        replaced.put(e, result);
        return result;
    }

    private Expr rebuild(Expr e) {
        return switch (e) {
            case Literal _, Index _, Local _, Extent _ -> e;
            case Load(var buffer, var index) -> {
                var load = new Load(buffer, applyAll(index));
                var loaded = loads.apply(load);
                yield loaded == null ? load : loaded;
            }
            case Unary(var operator, var a) -> apply(a).apply(operator);
            case Binary(var operator, var a, var b) -> apply(a).apply(operator, apply(b));
            case Select(var condition, var then, var otherwise) ->
                    apply(condition).select(apply(then), apply(otherwise));
            case Cast(var dtype, var a, var saturate) ->
                    saturate ? apply(a).cast(dtype) : new Cast(dtype, apply(a), false);
            case Bits(var dtype, var a) -> new Bits(dtype, apply(a));
            case Let(var local, var value, var body) ->
                    new Let(fresh(local), apply(value), apply(body));
            case Reduce(var operator, var indices, var body) ->
                    new Reduce(operator, fresh(indices), apply(body));
            case Fold(var indices, var accumulators, var result) -> {
                var newIndices = fresh(indices);
                var initials = accumulators.stream().map(a -> apply(a.initial())).toList();
                var locals = accumulators.stream().map(a -> fresh(a.local())).toList();
                var newAccumulators = new ArrayList<Accumulator>();
                for (int i = 0; i < accumulators.size(); i++) {
                    var update = apply(accumulators.get(i).update());
                    newAccumulators.add(new Accumulator(locals.get(i), initials.get(i), update));
                }
                yield new Fold(newIndices, newAccumulators, apply(result));
            }
        };
    }

    private List<Expr> applyAll(List<Expr> list) {
        return list.stream().map(this::apply).toList();
    }

    private Local fresh(Local local) {
        var fresh =
                (Local) bound.computeIfAbsent(local, _ -> new Local(local.name(), local.dtype()));
        replaced.put(local, fresh);
        return fresh;
    }

    private List<Index> fresh(List<Index> indices) {
        var result = new ArrayList<Index>();
        for (var index : indices) {
            var fresh = (Index) bound.computeIfAbsent(index, _ -> index.fresh());
            replaced.put(index, fresh);
            result.add(fresh);
        }
        return result;
    }
}
