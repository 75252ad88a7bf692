package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.function.ToLongFunction;

/// A rough count of what a kernel costs, in operations of an innermost loop: decides how finely its
/// work is cut. Depends on sizes only, so that the pieces do not depend on the machine.
public final class Work {
    private static final long UNKNOWN_EXTENT = 16;

    private final ToLongFunction<Term.Parameter> sizes;

    public Work(ToLongFunction<Term.Parameter> sizes) {
        this.sizes = sizes;
    }

    /// {@return the cost of a statement}
    public double of(Stmt statement) {
        return switch (statement) {
            case Stmt.Block(var statements) -> {
                double sum = 0;
                for (var s : statements) sum += of(s);
                yield sum;
            }
            case Stmt.Declare(_, var value) -> of(value);
            case Stmt.Assign(_, var value) -> of(value);
            case Stmt.Store(_, var offset, var value) -> 1 + of(offset) + of(value);
            case Stmt.LocalStore(_, var index, var value) -> 1 + of(index) + of(value);
            case Stmt.For(_, var extent, _, var body) -> 1 + extent(extent) * (1 + of(body));
            case Stmt.If(var condition, var then, var otherwise) ->
                    of(condition) + Math.max(of(then), of(otherwise));
            case Stmt.Barrier _, Stmt.Call _ -> 1;
        };
    }

    private double extent(Term extent) {
        return switch (extent) {
            case Term.Literal l -> l.value().doubleValue();
            case Term.Parameter p -> sizes.applyAsLong(p);
            case Term.Combine(var operator, var a, var b)
                    when operator == Binary.Operator.MULTIPLY ->
                    extent(a) * extent(b);
            default -> UNKNOWN_EXTENT;
        };
    }

    private double of(Term term) {
        return switch (term) {
            case Term.Literal _, Term.Variable _, Term.Parameter _, Term.GridIndex _ -> 0;
            case Term.Apply(var operator, var a) -> of(operator) + of(a);
            case Term.Combine(_, var a, var b) -> 1 + of(a) + of(b);
            case Term.MultiplyAdd(var a, var b, var c) -> 1 + of(a) + of(b) + of(c);
            case Term.Choose(var c, var a, var b) -> 1 + of(c) + of(a) + of(b);
            case Term.Convert(_, var a) -> 1 + of(a);
            case Term.Reinterpret(_, var a) -> of(a);
            case Term.Splat(var a) -> of(a);
            case Term.Lane(var a, var lane) -> of(a) + of(lane);
            case Term.Vector(var lanes) -> {
                double sum = 0;
                for (var lane : lanes) sum += of(lane);
                yield sum;
            }
            case Term.Load(_, var offset, _) -> 1 + of(offset);
            case Term.LocalLoad(_, var index) -> 1 + of(index);
        };
    }

    private static double of(Unary.Operator operator) {
        return switch (operator) {
            case NEGATE, ABS, SIGN, NOT, BIT_NOT, IS_NAN, IS_INFINITE -> 1;
            case SQRT, FLOOR, CEIL, ROUND -> 4;
            case EXP, LOG, LOG1P, SIN, COS, TAN, ASIN, ACOS, ATAN -> 40;
            case SINH, COSH, ASINH, ACOSH, ATANH, TANH, ERF -> 80;
        };
    }
}
