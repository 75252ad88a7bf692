package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A block that is being written: its statements so far, and what indices and locals stand for in
/// it.
public final class Scope {
    private final List<Stmt> statements = new ArrayList<>();
    private final Map<Expr, Term> terms;
    private final Set<Expr> facts;
    private final @Nullable Index lanes;

    private Scope(Map<Expr, Term> terms, Set<Expr> facts, @Nullable Index lanes) {
        this.terms = new HashMap<>(terms);
        this.facts = new HashSet<>(facts);
        this.lanes = lanes;
    }

    /// {@return an empty scope}
    public static Scope root() {
        return new Scope(Map.of(), Set.of(), null);
    }

    /// {@return an empty scope within this}
    public Scope inner() {
        return new Scope(terms, facts, lanes);
    }

    /// {@return a scope within this in which an index takes four values at once, of which `first`
    /// is the first}
    public Scope withLanes(Index index, Term first) {
        var scope = new Scope(terms, facts, index);
        scope.terms.put(index, first);
        return scope;
    }

    /// {@return a scope within this in which no index takes several values; the former one stands
    /// for `value`}
    Scope withoutLanes(Term value) {
        var scope = new Scope(terms, facts, null);
        scope.terms.put(Objects.requireNonNull(lanes), value);
        return scope;
    }

    /// {@return the index that takes four values at once, or null}
    @Nullable Index lanes() {
        return lanes;
    }

    /// Says what an index or local stands for.
    public void bind(Expr indexOrLocal, Term term) {
        terms.put(indexOrLocal, term);
    }

    /// {@return what an index or local stands for}
    public Term term(Expr indexOrLocal) {
        var term = terms.get(indexOrLocal);
        if (term == null)
            throw new IllegalStateException(
                    "Scope: " + indexOrLocal + ": expected a bound index or local");
        return term;
    }

    /// {@return whether an index or local stands for something}
    boolean isBound(Expr indexOrLocal) {
        return terms.containsKey(indexOrLocal);
    }

    /// Adds a statement.
    public void add(Stmt statement) {
        statements.add(statement);
    }

    /// Adds a variable.
    public Term.Variable declare(String name, Term value) {
        var variable = new Term.Variable(name, value.type());
        add(new Stmt.Declare(variable, value));
        return variable;
    }

    /// {@return the statements so far}
    public List<Stmt> statements() {
        return List.copyOf(statements);
    }

    /// {@return the statements so far as a block}
    public Stmt.Block block() {
        return new Stmt.Block(statements);
    }

    /// Takes a condition for granted.
    void assume(Expr condition) {
        facts.add(condition);
    }

    /// {@return whether a condition is taken for granted}
    boolean isAssumed(Expr condition) {
        return facts.contains(condition);
    }
}
