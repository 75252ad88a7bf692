package io.webdnn.compiler.loop;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Walks and rebuilds terms and statements.
public final class Terms {
    private Terms() {}

    /// {@return the operands of a term, in order}
    public static List<Term> operands(Term term) {
        return switch (term) {
            case Term.Literal _, Term.Variable _, Term.Parameter _, Term.GridIndex _ -> List.of();
            case Term.Apply(_, var a) -> List.of(a);
            case Term.Combine(_, var a, var b) -> List.of(a, b);
            case Term.MultiplyAdd(var a, var b, var c) -> List.of(a, b, c);
            case Term.Choose(var a, var b, var c) -> List.of(a, b, c);
            case Term.Convert(_, var a) -> List.of(a);
            case Term.Reinterpret(_, var a) -> List.of(a);
            case Term.Splat(var a) -> List.of(a);
            case Term.Lane(var a, var b) -> List.of(a, b);
            case Term.Vector(var lanes) -> lanes;
            case Term.Load(_, var offset, _) -> List.of(offset);
            case Term.LocalLoad(_, var index) -> List.of(index);
        };
    }

    /// {@return a term of the same kind whose operands went through a function}
    public static Term map(Term term, UnaryOperator<Term> f) {
        return switch (term) {
            case Term.Literal _, Term.Variable _, Term.Parameter _, Term.GridIndex _ -> term;
            case Term.Apply(var operator, var a) -> new Term.Apply(operator, f.apply(a));
            case Term.Combine(var operator, var a, var b) ->
                    new Term.Combine(operator, f.apply(a), f.apply(b));
            case Term.MultiplyAdd(var a, var b, var c) ->
                    new Term.MultiplyAdd(f.apply(a), f.apply(b), f.apply(c));
            case Term.Choose(var a, var b, var c) ->
                    new Term.Choose(f.apply(a), f.apply(b), f.apply(c));
            case Term.Convert(var to, var a) -> new Term.Convert(to, f.apply(a));
            case Term.Reinterpret(var to, var a) -> new Term.Reinterpret(to, f.apply(a));
            case Term.Splat(var a) -> new Term.Splat(f.apply(a));
            case Term.Lane(var a, var b) -> new Term.Lane(f.apply(a), f.apply(b));
            case Term.Vector(var lanes) -> new Term.Vector(lanes.stream().map(f).toList());
            case Term.Load(var buffer, var offset, var lanes) ->
                    new Term.Load(buffer, f.apply(offset), lanes);
            case Term.LocalLoad(var array, var index) -> new Term.LocalLoad(array, f.apply(index));
        };
    }

    /// Visits a term and all its operands, outermost first.
    public static void visit(Term term, Consumer<Term> visitor) {
        visitor.accept(term);
        for (var operand : operands(term)) visit(operand, visitor);
    }

    /// {@return the terms that stand directly in a statement, not in its inner blocks}
    public static List<Term> terms(Stmt statement) {
        return switch (statement) {
            case Stmt.Block _, Stmt.Barrier _ -> List.of();
            case Stmt.Declare(_, var value) -> List.of(value);
            case Stmt.Assign(_, var value) -> List.of(value);
            case Stmt.Store(_, var offset, var value) -> List.of(offset, value);
            case Stmt.LocalStore(_, var index, var value) -> List.of(index, value);
            case Stmt.For(_, var extent, _, _) -> List.of(extent);
            case Stmt.If(var condition, _, _) -> List.of(condition);
            case Stmt.Call(_, var arguments) ->
                    arguments.stream()
                            .filter(Stmt.Argument.Scalar.class::isInstance)
                            .map(a -> ((Stmt.Argument.Scalar) a).term())
                            .toList();
        };
    }

    /// {@return the statements directly inside a statement}
    public static List<? extends Stmt> inner(Stmt statement) {
        return switch (statement) {
            case Stmt.Block(var statements) -> statements;
            case Stmt.For f -> List.of(f.body());
            case Stmt.If(_, var then, var otherwise) -> List.of(then, otherwise);
            case Stmt.Declare _,
                    Stmt.Assign _,
                    Stmt.Store _,
                    Stmt.LocalStore _,
                    Stmt.Barrier _,
                    Stmt.Call _ ->
                    List.of();
        };
    }

    /// Visits a statement and all statements inside it, outermost first.
    public static void visit(Stmt statement, Consumer<Stmt> visitor) {
        visitor.accept(statement);
        for (var inner : inner(statement)) visit(inner, visitor);
    }

    /// {@return a statement whose terms, also those of its inner statements, went through a
    /// function}
    public static Stmt map(Stmt statement, UnaryOperator<Term> f) {
        return switch (statement) {
            case Stmt.Block b -> map(b, f);
            case Stmt.Declare(var variable, var value) ->
                    new Stmt.Declare(variable, f.apply(value));
            case Stmt.Assign(var variable, var value) -> new Stmt.Assign(variable, f.apply(value));
            case Stmt.Store(var buffer, var offset, var value) ->
                    new Stmt.Store(buffer, f.apply(offset), f.apply(value));
            case Stmt.LocalStore(var array, var index, var value) ->
                    new Stmt.LocalStore(array, f.apply(index), f.apply(value));
            case Stmt.For(var index, var extent, var kind, var body) ->
                    new Stmt.For(index, f.apply(extent), kind, map(body, f));
            case Stmt.If(var condition, var then, var otherwise) ->
                    new Stmt.If(f.apply(condition), map(then, f), map(otherwise, f));
            case Stmt.Barrier b -> b;
            case Stmt.Call(var name, var arguments) ->
                    new Stmt.Call(
                            name,
                            arguments.stream()
                                    .map(a ->
                                            a instanceof Stmt.Argument.Scalar(var scalar)
                                                    ? new Stmt.Argument.Scalar(f.apply(scalar))
                                                    : a)
                                    .toList());
        };
    }

    /// {@return a block whose terms went through a function}
    public static Stmt.Block map(Stmt.Block block, UnaryOperator<Term> f) {
        return new Stmt.Block(block.statements().stream().map(s -> map(s, f)).toList());
    }
}
