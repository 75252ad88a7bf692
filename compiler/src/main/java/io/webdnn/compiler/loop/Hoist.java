package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Computes before a loop what does not change in it. Sums of int32 (which wrap, so that their
/// order is free) are put in order of the loops that their parts depend on first.
///
/// Loads stay where they are. Shading languages' compilers do this too, but not all of them, and
/// none knows that offsets may be re-associated.
public final class Hoist {
    /// What is put before a loop.
    private static final class Place {
        final List<Stmt> statements = new ArrayList<>();
        final Map<Term, Term.Variable> known = new HashMap<>();
    }

    private final Map<Term.Variable, Integer> levels = new HashMap<>();
    private final Set<Term.Variable> assigned = new HashSet<>();
    private final List<Place> places = new ArrayList<>();

    private Hoist() {}

    /// {@return the kernel with loop invariants before their loops}
    public static Kernel kernel(Kernel kernel) {
        var hoist = new Hoist();
        Terms.visit(
                kernel.body(),
                s -> {
                    if (s instanceof Stmt.Assign(var variable, _)) hoist.assigned.add(variable);
                });
        return new Kernel(
                kernel.name(),
                kernel.template(),
                kernel.buffers(),
                kernel.parameters(),
                kernel.arrays(),
                kernel.grid(),
                hoist.block(kernel.body()));
    }

    private int depth() {
        return places.size();
    }

    private Stmt.Block block(Stmt.Block block) {
        var into = new ArrayList<Stmt>();
        for (var statement : block.statements()) {
            switch (statement) {
                case Stmt.Block inner -> into.add(block(inner));
                case Stmt.Declare(var variable, var value) -> {
                    levels.put(variable, depth());
                    into.add(new Stmt.Declare(variable, at(value, depth())));
                }
                case Stmt.For(var index, var extent, var kind, var body) -> {
                    var count = at(extent, depth());
                    var place = new Place();
                    places.add(place);
                    levels.put(index, depth());
                    var inner = block(body);
                    places.removeLast();
                    into.addAll(place.statements);
                    into.add(new Stmt.For(index, count, kind, inner));
                }
                case Stmt.If(var condition, var then, var otherwise) ->
                        into.add(
                                new Stmt.If(at(condition, depth()), block(then), block(otherwise)));
                case Stmt.Assign _, Stmt.Store _, Stmt.LocalStore _, Stmt.Barrier _, Stmt.Call _ ->
                        into.add(Terms.map(statement, t -> at(t, depth())));
            }
        }
        return new Stmt.Block(into);
    }

    /// {@return a term for use at a depth, its invariant parts computed before the loops}
    private Term at(Term term, int depth) {
        var sum = inOrder(term);
        int level = level(sum, depth);
        if (level < depth && isWorth(sum)) return before(sum, level);
        return Terms.map(sum, t -> at(t, depth));
    }

    private Term before(Term term, int level) {
        var place = places.get(level);
        var known = place.known.get(term);
        if (known != null) return known;
        var value = Terms.map(term, t -> at(t, level));
        var variable = new Term.Variable("h", term.type());
        levels.put(variable, level);
        place.statements.add(new Stmt.Declare(variable, value));
        place.known.put(term, variable);
        return variable;
    }

    /// {@return the depth of the innermost loop that a term depends on; `depth` for what may not be
    /// moved}
    private int level(Term term, int depth) {
        return switch (term) {
            case Term.Variable v -> assigned.contains(v) ? depth : levels.getOrDefault(v, depth);
            case Term.Load _, Term.LocalLoad _ -> depth;
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
                    Term.Vector _ -> {
                int level = 0;
                for (var operand : Terms.operands(term))
                    level = Math.max(level, level(operand, depth));
                yield level;
            }
        };
    }

    private static boolean isWorth(Term term) {
        return switch (term) {
            case Term.Literal _, Term.Variable _, Term.Parameter _, Term.GridIndex _, Term.Lane _ ->
                    false;
            case Term.Splat(var scalar) -> isWorth(scalar);
            case Term.Vector(var lanes) -> lanes.stream().anyMatch(Hoist::isWorth);
            case Term.Apply _,
                    Term.Combine _,
                    Term.MultiplyAdd _,
                    Term.Choose _,
                    Term.Convert _,
                    Term.Reinterpret _,
                    Term.Load _,
                    Term.LocalLoad _ ->
                    true;
        };
    }

    /// A sum whose parts belong to several loops: outermost first, so that partial sums are
    /// invariant. A constant stays last, where it may make an address a constant offset; constants
    /// that add up to the same make equal terms, which are then shared.
    private Term inOrder(Term term) {
        if (!isSum(term)) return term;
        var parts = new LinkedHashMap<Term, Long>();
        long constant = collect(term, 1, parts);
        parts.values().removeIf(c -> c == 0);
        var groups = new TreeMap<Integer, Term>();
        for (var part : parts.entrySet()) {
            int level = level(part.getKey(), depth());
            groups.merge(
                    level,
                    scaled(part.getKey(), part.getValue()),
                    (a, b) -> new Term.Combine(Binary.Operator.ADD, a, b));
        }
        if (groups.size() < 2 && literals(term) < 2) return term;
        Term sum = null;
        for (var group : groups.values())
            sum = sum == null ? group : new Term.Combine(Binary.Operator.ADD, sum, group);
        return sum == null ? Build.constant(constant) : Build.add(sum, (int) constant);
    }

    private static boolean isSum(Term term) {
        return term instanceof Term.Combine c
                && c.type().equals(LoopType.INT32)
                && (c.operator() == Binary.Operator.ADD
                        || c.operator() == Binary.Operator.SUBTRACT);
    }

    private static int literals(Term sum) {
        if (sum instanceof Term.Literal) return 1;
        if (!(sum instanceof Term.Combine(_, var a, var b)) || !isSum(sum)) return 0;
        return literals(a) + literals(b);
    }

    private static Term scaled(Term part, long factor) {
        return Build.multiply(part, (int) factor);
    }

    private static long collect(Term term, long factor, Map<Term, Long> parts) {
        return switch (term) {
            case Term.Literal(_, var value) -> factor * value.longValue();
            case Term.Combine(var operator, var a, var b)
                    when operator == Binary.Operator.ADD && isSum(term) ->
                    collect(a, factor, parts) + collect(b, factor, parts);
            case Term.Combine(var operator, var a, var b)
                    when operator == Binary.Operator.SUBTRACT && isSum(term) ->
                    collect(a, factor, parts) + collect(b, -factor, parts);
            case Term.Combine(var operator, var a, Term.Literal(_, var value))
                    when operator == Binary.Operator.MULTIPLY
                            && term.type().equals(LoopType.INT32)
                            && Math.abs(factor * value.longValue()) < Integer.MAX_VALUE ->
                    collect(a, factor * value.longValue(), parts);
            default -> {
                parts.merge(term, factor, Long::sum);
                yield 0;
            }
        };
    }
}
