package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes one loop of two nested ones, where the body only walks through memory row by row:
///
/// `for i < 16 { for j < 576 { y[576·i + j] = f(x[576·i + j]) } }` becomes `for v < 9216 { y[v] =
/// f(x[v]) }`.
///
/// Both indices may occur only as `c · (extent of j · i + j)`. Compilers turn one long loop into
/// better code than many short ones, and it can be cut into even pieces.
public final class MergeLoops {
    private final Term.Variable outer;
    private final Term.Variable inner;
    private final long extent;
    private final Term.Variable merged;
    private boolean failed;

    private MergeLoops(Term.Variable outer, Term.Variable inner, long extent) {
        this.outer = outer;
        this.inner = inner;
        this.extent = extent;
        merged = new Term.Variable(inner.name(), LoopType.INT32);
    }

    /// {@return a kernel with its nested loops merged}
    public static Kernel merge(Kernel kernel) {
        return new Kernel(
                kernel.name(),
                kernel.template(),
                kernel.buffers(),
                kernel.parameters(),
                kernel.arrays(),
                kernel.grid(),
                merge(kernel.body()));
    }

    private static Stmt.Block merge(Stmt.Block block) {
        return new Stmt.Block(block.statements().stream().map(MergeLoops::merge).toList());
    }

    private static Stmt merge(Stmt statement) {
        return switch (statement) {
            case Stmt.Block block -> merge(block);
            case Stmt.If(var condition, var then, var otherwise) ->
                    new Stmt.If(condition, merge(then), merge(otherwise));
            case Stmt.For(var index, var extent, var kind, var body) -> {
                var loop = new Stmt.For(index, extent, kind, merge(body));
                var merged = kind == Stmt.For.Kind.UNROLLED ? null : merged(loop);
                yield merged == null ? loop : merged;
            }
            case Stmt.Declare _,
                    Stmt.Assign _,
                    Stmt.Store _,
                    Stmt.LocalStore _,
                    Stmt.Barrier _,
                    Stmt.Call _ ->
                    statement;
        };
    }

    private static Stmt.@Nullable For merged(Stmt.For loop) {
        var body = loop.body().statements();
        if (body.size() != 1
                || !(body.getFirst() instanceof Stmt.For(var index, var size, var kind, var inside))
                || kind == Stmt.For.Kind.UNROLLED
                || !(size instanceof Term.Literal(_, Long extent))) return null;
        var merge = new MergeLoops(loop.index(), index, extent);
        var rewritten = merge.rewrite(inside);
        if (merge.failed) return null;
        var total = Build.multiply(loop.extent(), Build.constant(extent));
        return new Stmt.For(merge.merged, total, loop.kind(), rewritten);
    }

    private Stmt.Block rewrite(Stmt.Block block) {
        var statements = new ArrayList<Stmt>();
        for (var statement : block.statements()) statements.add(rewrite(statement));
        return new Stmt.Block(statements);
    }

    private Stmt rewrite(Stmt statement) {
        return switch (statement) {
            case Stmt.Block block -> rewrite(block);
            case Stmt.Declare(var variable, var value) ->
                    new Stmt.Declare(variable, rewrite(value));
            case Stmt.Assign(var variable, var value) -> new Stmt.Assign(variable, rewrite(value));
            case Stmt.Store(var buffer, var offset, var value) ->
                    new Stmt.Store(buffer, rewrite(offset), rewrite(value));
            case Stmt.LocalStore(var array, var index, var value) ->
                    new Stmt.LocalStore(array, rewrite(index), rewrite(value));
            case Stmt.For(var index, var size, var kind, var body) ->
                    new Stmt.For(index, rewrite(size), kind, rewrite(body));
            case Stmt.If(var condition, var then, var otherwise) ->
                    new Stmt.If(rewrite(condition), rewrite(then), rewrite(otherwise));
            case Stmt.Barrier barrier -> barrier;
            case Stmt.Call(var name, var arguments) -> {
                var rewritten = new ArrayList<Stmt.Argument>();
                for (var argument : arguments) {
                    rewritten.add(
                            switch (argument) {
                                case Stmt.Argument.Whole whole -> whole;
                                case Stmt.Argument.Scalar(var term) ->
                                        new Stmt.Argument.Scalar(rewrite(term));
                            });
                }
                yield new Stmt.Call(name, rewritten);
            }
        };
    }

    private Term rewrite(Term term) {
        return switch (term) {
            case Term.Literal _, Term.Parameter _, Term.GridIndex _ -> term;
            case Term.Variable v -> {
                if (v == outer || v == inner) yield walk(term);
                yield v;
            }
            case Term.Combine(var operator, var a, var b) ->
                    isLinear(operator) && term.type().equals(LoopType.INT32)
                            ? walk(term)
                            : new Term.Combine(operator, rewrite(a), rewrite(b));
            case Term.Apply(var operator, var a) -> new Term.Apply(operator, rewrite(a));
            case Term.MultiplyAdd(var a, var b, var c) ->
                    new Term.MultiplyAdd(rewrite(a), rewrite(b), rewrite(c));
            case Term.Choose(var c, var a, var b) ->
                    new Term.Choose(rewrite(c), rewrite(a), rewrite(b));
            case Term.Convert(var to, var a) -> new Term.Convert(to, rewrite(a));
            case Term.Reinterpret(var to, var a) -> new Term.Reinterpret(to, rewrite(a));
            case Term.Splat(var a) -> new Term.Splat(rewrite(a));
            case Term.Lane(var a, var lane) -> new Term.Lane(rewrite(a), rewrite(lane));
            case Term.Vector(var lanes) ->
                    new Term.Vector(lanes.stream().map(this::rewrite).toList());
            case Term.Load(var buffer, var offset, var lanes) ->
                    new Term.Load(buffer, rewrite(offset), lanes);
            case Term.LocalLoad(var array, var index) -> new Term.LocalLoad(array, rewrite(index));
        };
    }

    private static boolean isLinear(Binary.Operator operator) {
        return operator == Binary.Operator.ADD
                || operator == Binary.Operator.SUBTRACT
                || operator == Binary.Operator.MULTIPLY;
    }

    /// A sum: how often the two indices are in it, and the other summands.
    private static final class Sum {
        long outer;
        long inner;
        final List<Term> rest = new ArrayList<>();
    }

    /// A sum in terms of the merged index.
    private Term walk(Term term) {
        var sum = new Sum();
        collect(term, 1, sum);
        if (sum.outer != extent * sum.inner) {
            failed = true;
            return term;
        }
        Term result = Build.multiply(merged, sum.inner);
        for (var part : sum.rest) result = Build.add(result, part);
        return result;
    }

    private void collect(Term term, long factor, Sum sum) {
        if (term == outer) {
            sum.outer += factor;
        } else if (term == inner) {
            sum.inner += factor;
        } else if (term instanceof Term.Combine(var operator, var a, var b)
                && operator == Binary.Operator.ADD) {
            collect(a, factor, sum);
            collect(b, factor, sum);
        } else if (term instanceof Term.Combine(var operator, var a, var b)
                && operator == Binary.Operator.SUBTRACT) {
            collect(a, factor, sum);
            collect(b, -factor, sum);
        } else if (term instanceof Term.Combine(var operator, var a, Term.Literal(_, Long c))
                && operator == Binary.Operator.MULTIPLY) {
            collect(a, factor * c, sum);
        } else if (term instanceof Term.Combine(var operator, Term.Literal(_, Long c), var b)
                && operator == Binary.Operator.MULTIPLY) {
            collect(b, factor * c, sum);
        } else {
            var part =
                    term instanceof Term.Combine(var operator, var a, var b)
                            ? new Term.Combine(operator, rewrite(a), rewrite(b))
                            : rewrite(term);
            sum.rest.add(Build.multiply(part, factor));
        }
    }
}
