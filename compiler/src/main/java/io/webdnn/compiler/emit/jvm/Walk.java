package io.webdnn.compiler.emit.jvm;

import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Walks statements and terms of the loop IR.
final class Walk {
    private Walk() {}

    /// {@return the direct parts of a term}
    static List<Term> parts(Term term) {
        return switch (term) {
            case Term.Literal _, Term.Variable _, Term.Parameter _, Term.GridIndex _ -> List.of();
            case Term.Apply(_, var a) -> List.of(a);
            case Term.Combine(_, var a, var b) -> List.of(a, b);
            case Term.MultiplyAdd(var a, var b, var c) -> List.of(a, b, c);
            case Term.Choose(var c, var a, var b) -> List.of(c, a, b);
            case Term.Convert(_, var a) -> List.of(a);
            case Term.Reinterpret(_, var a) -> List.of(a);
            case Term.Splat(var a) -> List.of(a);
            case Term.Lane(var a, var lane) -> List.of(a, lane);
            case Term.Vector(var lanes) -> lanes;
            case Term.Load(_, var offset, _) -> List.of(offset);
            case Term.LocalLoad(_, var index) -> List.of(index);
        };
    }

    /// {@return the terms of a statement itself, not of statements within it}
    static List<Term> terms(Stmt statement) {
        return switch (statement) {
            case Stmt.Block _, Stmt.Barrier _ -> List.of();
            case Stmt.Declare(_, var value) -> List.of(value);
            case Stmt.Assign(var variable, var value) -> List.of(variable, value);
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

    /// {@return the statements directly within a statement}
    static List<Stmt> parts(Stmt statement) {
        return switch (statement) {
            case Stmt.Block(var statements) -> statements;
            case Stmt.For(_, _, _, var body) -> List.of(body);
            case Stmt.If(_, var then, var otherwise) -> List.of(then, otherwise);
            case Stmt.Declare _, Stmt.Assign _, Stmt.Store _, Stmt.LocalStore _ -> List.of();
            case Stmt.Barrier _, Stmt.Call _ -> List.of();
        };
    }

    /// Shows a statement and all within it.
    static void all(Stmt statement, Consumer<Stmt> visitor) {
        visitor.accept(statement);
        for (var part : parts(statement)) all(part, visitor);
    }

    /// Shows a term and all within it.
    static void all(Term term, Consumer<Term> visitor) {
        visitor.accept(term);
        for (var part : parts(term)) all(part, visitor);
    }

    /// Shows every term of a statement and of all within it.
    static void allTerms(Stmt statement, Consumer<Term> visitor) {
        all(
                statement,
                s -> {
                    for (var term : terms(s)) all(term, visitor);
                });
    }

    /// Collects the variables that get new values after their declaration.
    static void assigned(Stmt statement, Set<Term.Variable> into) {
        all(
                statement,
                s -> {
                    if (s instanceof Stmt.Assign(var variable, _)) into.add(variable);
                });
    }

    /// Collects the variables that get values within a statement.
    static void changed(Stmt statement, Set<Term.Variable> into) {
        assigned(statement, into);
        all(
                statement,
                s -> {
                    if (s instanceof Stmt.Declare(var variable, _)) into.add(variable);
                    if (s instanceof Stmt.For(var index, _, _, _)) into.add(index);
                });
    }

    /// Shows every term that is evaluated whenever a statement runs: not those in loops and
    /// branches within it.
    static void certain(Stmt statement, Consumer<Term> visitor) {
        for (var term : terms(statement)) all(term, visitor);
        if (statement instanceof Stmt.Block(var statements))
            for (var s : statements) certain(s, visitor);
    }

    /// {@return whether a term reads memory}
    static boolean loads(Term term) {
        boolean[] found = {false};
        all(term, t -> found[0] |= t instanceof Term.Load || t instanceof Term.LocalLoad);
        return found[0];
    }

    /// {@return the variables in a term}
    static Set<Term.Variable> variables(Term term) {
        var variables = new LinkedHashSet<Term.Variable>();
        all(
                term,
                t -> {
                    if (t instanceof Term.Variable v) variables.add(v);
                });
        return variables;
    }

    /// {@return the variables that a statement uses and does not declare itself}
    static Set<Term.Variable> free(Stmt statement) {
        var used = new LinkedHashSet<Term.Variable>();
        var own = new HashSet<Term.Variable>();
        all(
                statement,
                s -> {
                    for (var term : terms(s)) used.addAll(variables(term));
                    if (s instanceof Stmt.Declare(var variable, _)) own.add(variable);
                    if (s instanceof Stmt.For(var index, _, _, _)) own.add(index);
                });
        used.removeAll(own);
        return used;
    }
}
