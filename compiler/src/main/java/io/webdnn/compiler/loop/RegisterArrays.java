package io.webdnn.compiler.loop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// Turns register arrays that are only indexed by literals into variables, each declared as late
/// and as deep as its uses allow.
final class RegisterArrays {
    private final Map<LocalArray, Map<Integer, Term.Variable>> elements = new HashMap<>();
    private final Set<Term.Variable> variables = new HashSet<>();
    private final IdentityHashMap<Stmt, Set<Term.Variable>> uses = new IdentityHashMap<>();

    private RegisterArrays() {}

    static Stmt.Block toVariables(Stmt.Block body) {
        var arrays = new RegisterArrays();
        arrays.find(body);
        var rewritten = arrays.rewrite(body);
        var variables = new ArrayList<Term.Variable>();
        // found in the order of first use, so that the result is the same each time
        Terms.visit(rewritten, s -> variables.addAll(arrays.direct(s)));
        var unique = new LinkedHashMap<Term.Variable, Boolean>();
        for (var variable : variables) unique.put(variable, true);
        return arrays.declare(rewritten, List.copyOf(unique.keySet()));
    }

    static boolean isUsed(LocalArray array, Stmt.Block body) {
        var found = new boolean[1];
        Terms.visit(
                body,
                s -> {
                    if (s instanceof Stmt.LocalStore store && store.array() == array)
                        found[0] = true;
                    for (var term : Terms.terms(s)) {
                        Terms.visit(
                                term,
                                t -> {
                                    if (t instanceof Term.LocalLoad l && l.array() == array)
                                        found[0] = true;
                                });
                    }
                });
        return found[0];
    }

    private void find(Stmt.Block body) {
        var dynamic = new HashSet<LocalArray>();
        Terms.visit(
                body,
                s -> {
                    if (s instanceof Stmt.LocalStore(var array, var index, _))
                        note(array, index, dynamic);
                    for (var term : Terms.terms(s)) {
                        Terms.visit(
                                term,
                                t -> {
                                    if (t instanceof Term.LocalLoad(var array, var index))
                                        note(array, index, dynamic);
                                });
                    }
                });
        dynamic.forEach(elements::remove);
        for (var array : elements.values()) variables.addAll(array.values());
    }

    private void note(LocalArray array, Term index, Set<LocalArray> dynamic) {
        if (array.storage() != LocalArray.Storage.REGISTER
                || !(index instanceof Term.Literal(_, var i))) {
            dynamic.add(array);
            return;
        }
        elements.computeIfAbsent(array, _ -> new LinkedHashMap<>())
                .computeIfAbsent(
                        i.intValue(), k -> new Term.Variable(array.name() + k, array.type()));
    }

    private Stmt.Block rewrite(Stmt.Block block) {
        return new Stmt.Block(block.statements().stream().map(this::rewrite).toList());
    }

    private Stmt rewrite(Stmt statement) {
        return switch (statement) {
            case Stmt.LocalStore(var array, Term.Literal(_, var i), var value)
                    when elements.containsKey(array) ->
                    new Stmt.Assign(element(array, i), rewrite(value));
            case Stmt.Block b -> rewrite(b);
            case Stmt.For(var index, var extent, var kind, var body) ->
                    new Stmt.For(index, rewrite(extent), kind, rewrite(body));
            case Stmt.If(var condition, var then, var otherwise) ->
                    new Stmt.If(rewrite(condition), rewrite(then), rewrite(otherwise));
            case Stmt.Declare _,
                    Stmt.Assign _,
                    Stmt.Store _,
                    Stmt.LocalStore _,
                    Stmt.Barrier _,
                    Stmt.Call _ ->
                    Terms.map(statement, this::rewrite);
        };
    }

    private Term.Variable element(LocalArray array, Number index) {
        var variables = Objects.requireNonNull(elements.get(array));
        return Objects.requireNonNull(variables.get(index.intValue()));
    }

    private Term rewrite(Term term) {
        if (term instanceof Term.LocalLoad(var array, Term.Literal(_, var i))
                && elements.containsKey(array)) {
            return element(array, i);
        }
        return Terms.map(term, this::rewrite);
    }

    /// {@return the element variables that a statement uses, inside as well}
    private Set<Term.Variable> uses(Stmt statement) {
        var known = uses.get(statement);
        if (known != null) return known;
        Set<Term.Variable> found = new HashSet<>();
        found.addAll(direct(statement));
        for (var inner : Terms.inner(statement)) found.addAll(uses(inner));
        uses.put(statement, found);
        return found;
    }

    private List<Term.Variable> direct(Stmt statement) {
        var found = new ArrayList<Term.Variable>();
        if (statement instanceof Stmt.Assign(var variable, _) && variables.contains(variable)) {
            found.add(variable);
        }
        for (var term : Terms.terms(statement)) {
            Terms.visit(
                    term,
                    t -> {
                        if (t instanceof Term.Variable v && variables.contains(v)) found.add(v);
                    });
        }
        return found;
    }

    private Stmt.Block declare(Stmt.Block block, List<Term.Variable> variables) {
        if (variables.isEmpty()) return block;
        var statements = block.statements();
        Map<Integer, List<Term.Variable>> before = new LinkedHashMap<>();
        Map<Integer, List<Term.Variable>> inside = new LinkedHashMap<>();
        Map<Integer, Term.Variable> firstStore = new LinkedHashMap<>();
        for (var variable : variables) {
            var users = new ArrayList<Integer>();
            for (int i = 0; i < statements.size(); i++)
                if (uses(statements.get(i)).contains(variable)) users.add(i);
            int first = users.getFirst();
            if (isFirstStore(statements.get(first), variable)) firstStore.put(first, variable);
            else if (users.size() == 1 && isLocalTo(statements.get(first), variable))
                inside.computeIfAbsent(first, _ -> new ArrayList<>()).add(variable);
            else before.computeIfAbsent(first, _ -> new ArrayList<>()).add(variable);
        }
        var into = new ArrayList<Stmt>();
        for (int i = 0; i < statements.size(); i++) {
            for (var variable : before.getOrDefault(i, List.of()))
                into.add(new Stmt.Declare(variable, Build.constant(variable.type(), 0)));
            var statement = statements.get(i);
            if (firstStore.containsKey(i) && statement instanceof Stmt.Assign(var v, var value)) {
                into.add(new Stmt.Declare(v, value));
                continue;
            }
            var deeper = inside.getOrDefault(i, List.of());
            into.add(
                    switch (statement) {
                        case Stmt.For(var index, var extent, var kind, var body) ->
                                new Stmt.For(index, extent, kind, declare(body, deeper));
                        case Stmt.If(var condition, var then, var otherwise) ->
                                new Stmt.If(
                                        condition,
                                        declare(then, usedIn(then, deeper)),
                                        declare(otherwise, usedIn(otherwise, deeper)));
                        case Stmt.Block _,
                                Stmt.Declare _,
                                Stmt.Assign _,
                                Stmt.Store _,
                                Stmt.LocalStore _,
                                Stmt.Barrier _,
                                Stmt.Call _ ->
                                statement;
                    });
        }
        return new Stmt.Block(into);
    }

    private List<Term.Variable> usedIn(Stmt.Block block, List<Term.Variable> variables) {
        return variables.stream().filter(uses(block)::contains).toList();
    }

    private boolean isFirstStore(Stmt statement, Term.Variable variable) {
        if (!(statement instanceof Stmt.Assign(var assigned, var value)) || assigned != variable)
            return false;
        var reads = new boolean[1];
        Terms.visit(value, t -> reads[0] |= t == variable);
        return !reads[0];
    }

    /// Whether a variable that only this statement uses may live inside it.
    private boolean isLocalTo(Stmt statement, Term.Variable variable) {
        return switch (statement) {
            // else a value would have to survive an iteration
            case Stmt.For f ->
                    f.body().statements().stream()
                                    .filter(s -> uses(s).contains(variable))
                                    .findFirst()
                                    .filter(s -> isFirstStore(s, variable))
                                    .isPresent()
                            && Terms.terms(f).stream().noneMatch(t -> reads(t, variable));
            case Stmt.If(var condition, var then, var otherwise) ->
                    !reads(condition, variable)
                            && !(uses(then).contains(variable)
                                    && uses(otherwise).contains(variable));
            case Stmt.Block _,
                    Stmt.Declare _,
                    Stmt.Assign _,
                    Stmt.Store _,
                    Stmt.LocalStore _,
                    Stmt.Barrier _,
                    Stmt.Call _ ->
                    false;
        };
    }

    private static boolean reads(Term term, Term.Variable variable) {
        var found = new boolean[1];
        Terms.visit(term, t -> found[0] |= t == variable);
        return found[0];
    }
}
