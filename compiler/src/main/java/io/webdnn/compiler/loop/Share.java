package io.webdnn.compiler.loop;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Computes once what a block and the choices in it would compute several times.
///
/// For targets where any load may be executed: what only one side of an [Stmt.If] needs may be
/// computed before it.
public final class Share {
    /// Shorter terms are as well computed again.
    private static final int LEAST_OPERATIONS = 2;

    private final Set<Term.Variable> assigned = new HashSet<>();
    private final Map<Term, Term> replaced = new HashMap<>();

    private Share() {}

    /// {@return the kernel with common terms in variables}
    public static Kernel kernel(Kernel kernel) {
        var share = new Share();
        Terms.visit(
                kernel.body(),
                s -> {
                    if (s instanceof Stmt.Assign(var variable, _)) share.assigned.add(variable);
                });
        return new Kernel(
                kernel.name(),
                kernel.template(),
                kernel.buffers(),
                kernel.parameters(),
                kernel.arrays(),
                kernel.grid(),
                share.block(kernel.body()));
    }

    private Stmt.Block block(Stmt.Block block) {
        var declaredInside = new HashSet<Term.Variable>();
        for (var statement : block.statements())
            for (var inner : Terms.inner(statement)) collectDeclared(inner, declaredInside);
        var into = new ArrayList<Stmt>();
        var counts = new LinkedHashMap<Term, Integer>();
        for (var statement : block.statements()) count(statement, counts, declaredInside);
        var names = new ArrayList<Term>();
        for (var statement : block.statements()) {
            for (var term : Terms.terms(statement)) declare(term, counts, into, names);
            if (statement instanceof Stmt.If choice) {
                declareInside(choice.then(), counts, into, names);
                declareInside(choice.otherwise(), counts, into, names);
            }
            into.add(
                    switch (statement) {
                        case Stmt.Block b -> block(b);
                        case Stmt.For(var index, var extent, var kind, var body) ->
                                new Stmt.For(index, renew(extent), kind, block(body));
                        case Stmt.If(var condition, var then, var otherwise) ->
                                new Stmt.If(renew(condition), block(then), block(otherwise));
                        case Stmt.Declare _,
                                Stmt.Assign _,
                                Stmt.Store _,
                                Stmt.LocalStore _,
                                Stmt.Barrier _,
                                Stmt.Call _ ->
                                Terms.map(statement, this::renew);
                    });
        }
        names.forEach(replaced::remove); // the variables end with the block
        return new Stmt.Block(into);
    }

    private static void collectDeclared(Stmt statement, Set<Term.Variable> into) {
        Terms.visit(
                statement,
                s -> {
                    if (s instanceof Stmt.Declare(var variable, _)) into.add(variable);
                    if (s instanceof Stmt.For f) into.add(f.index());
                });
    }

    private void count(
            Stmt statement, Map<Term, Integer> counts, Set<Term.Variable> declaredInside) {
        for (var term : Terms.terms(statement)) count(term, counts, declaredInside);
        if (statement instanceof Stmt.If(_, var then, var otherwise)) {
            for (var inner : then.statements()) count(inner, counts, declaredInside);
            for (var inner : otherwise.statements()) count(inner, counts, declaredInside);
        }
    }

    /// Counts a term and its parts; the parts of a term that occurs again are not counted again.
    private void count(Term term, Map<Term, Integer> counts, Set<Term.Variable> declaredInside) {
        if (isShareable(term, declaredInside) && counts.merge(term, 1, Integer::sum) > 1) return;
        for (var operand : Terms.operands(term)) count(operand, counts, declaredInside);
    }

    private boolean isShareable(Term term, Set<Term.Variable> declaredInside) {
        return operations(term) >= LEAST_OPERATIONS && isPure(term, declaredInside);
    }

    private boolean isPure(Term term, Set<Term.Variable> declaredInside) {
        boolean own =
                switch (term) {
                    case Term.Variable v -> !assigned.contains(v) && !declaredInside.contains(v);
                    case Term.LocalLoad _ -> false;
                    case Term.Load(var buffer, _, _) -> buffer.access() == KernelBuffer.Access.READ;
                    case Term.Literal _,
                            Term.Parameter _,
                            Term.GridIndex _,
                            Term.Apply _,
                            Term.Combine _,
                            Term.MultiplyAdd _,
                            Term.Choose _,
                            Term.Convert _,
                            Term.Reinterpret _,
                            Term.Splat _,
                            Term.Lane _,
                            Term.Vector _ ->
                            true;
                };
        return own && Terms.operands(term).stream().allMatch(t -> isPure(t, declaredInside));
    }

    /// {@return roughly how long a term takes; loads count twice}
    private static int operations(Term term) {
        int own =
                switch (term) {
                    case Term.Literal _,
                            Term.Variable _,
                            Term.Parameter _,
                            Term.GridIndex _,
                            Term.Splat _,
                            Term.Lane _,
                            Term.LocalLoad _,
                            Term.Vector _ ->
                            0;
                    case Term.Combine _,
                            Term.Choose _,
                            Term.Convert _,
                            Term.Reinterpret _,
                            Term.MultiplyAdd _ ->
                            1;
                    case Term.Load _, Term.Apply _ -> 2;
                };
        int sum = own;
        for (var operand : Terms.operands(term)) sum += operations(operand);
        return sum;
    }

    private void declareInside(
            Stmt.Block block, Map<Term, Integer> counts, List<Stmt> into, List<Term> names) {
        for (var statement : block.statements()) {
            for (var term : Terms.terms(statement)) declare(term, counts, into, names);
            if (statement instanceof Stmt.If(_, var then, var otherwise)) {
                declareInside(then, counts, into, names);
                declareInside(otherwise, counts, into, names);
            }
        }
    }

    /// Declares the parts of a term that occur several times, innermost first.
    private void declare(Term term, Map<Term, Integer> counts, List<Stmt> into, List<Term> names) {
        if (replaced.containsKey(term)) return;
        for (var operand : Terms.operands(term)) declare(operand, counts, into, names);
        if (counts.getOrDefault(term, 0) < 2) return;
        var variable = new Term.Variable("s", term.type());
        into.add(new Stmt.Declare(variable, Terms.map(term, this::renew)));
        replaced.put(term, variable);
        names.add(term);
    }

    private Term renew(Term term) {
        var known = replaced.get(term);
        return known != null ? known : Terms.map(term, this::renew);
    }
}
