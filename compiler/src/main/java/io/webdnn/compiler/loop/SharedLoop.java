package io.webdnn.compiler.loop;

import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The one loop of a kernel whose iterations threads share: each computes a range of them, and runs
/// the loops around it in full. What an iteration computes does not depend on the range, so that
/// any number of threads gives the same bits.
///
/// It is the outermost [Stmt.For.Kind#PARALLEL] loop that is long enough to be divided evenly; one
/// over a symbol, which often stands for a batch of one, only if there is no such. Stores beside it
/// are made once: with its last iteration.
///
/// @param path the indices of the loops from the outermost one down to this one
/// @param extent how many iterations there are
/// @param work what one of them costs, in operations of an innermost loop
public record SharedLoop(List<Term.Variable> path, Dimension extent, Dimension work) {
    /// Loops of so many iterations are divided evenly enough among a few threads.
    private static final int LONG = 16;

    private static final long UNKNOWN = 16;

    private record Candidate(Stmt.For loop, Dimension extent, List<Term.Variable> path) {
        long length() {
            return extent.isFixed() ? extent.value() : LONG - 1;
        }
    }

    public SharedLoop {
        path = List.copyOf(path);
    }

    /// {@return the index of the loop}
    public Term.Variable index() {
        return path.getLast();
    }

    /// {@return whether a statement of the body of a loop on the way must be executed once, and not
    /// by each thread}
    public boolean isOnce(Stmt statement) {
        boolean leadsOn = statement instanceof Stmt.For loop && path.contains(loop.index());
        return !leadsOn && stores(statement);
    }

    /// {@return the loop that a kernel's threads share, or null if there is none: because its
    /// iterations depend on each other, or because a thread would compute again what another does}
    ///
    /// @param kernel expanded ([Expand])
    public static @Nullable SharedLoop of(Kernel kernel) {
        var candidates = new ArrayList<Candidate>();
        if (!readsWhatItWrites(kernel))
            find(kernel.body(), List.of(), assigned(kernel), candidates);
        Candidate best = null;
        for (var candidate : candidates) {
            boolean isLonger = best == null || candidate.length() > best.length();
            if ((best == null || best.length() < LONG) && isLonger) best = candidate;
        }
        if (best == null) return null;
        var work = Dimension.of((long) (1 + new Work(_ -> UNKNOWN).of(best.loop.body())));
        for (var outer : candidates) {
            if (outer.loop.index() == best.loop.index()) break;
            work = work.times(outer.extent);
        }
        return new SharedLoop(best.path, best.extent, work);
    }

    /// Follows the longest parallel loop inwards.
    private static void find(
            Stmt.Block body,
            List<Term.Variable> outer,
            Set<Term.Variable> assigned,
            List<Candidate> candidates) {
        Candidate longest = null;
        for (var statement : body.statements()) {
            if (statement instanceof Stmt.For loop && loop.kind() == Stmt.For.Kind.PARALLEL) {
                var extent = extent(loop.extent());
                if (extent == null) return;
                var path = new ArrayList<>(outer);
                path.add(loop.index());
                var candidate = new Candidate(loop, extent, path);
                if (longest == null || candidate.length() > longest.length()) longest = candidate;
            } else if (keeps(statement) || !isCheap(statement, assigned) && !stores(statement)) {
                return;
            }
        }
        if (longest == null) return;
        candidates.add(longest);
        find(longest.loop.body(), longest.path, assigned, candidates);
    }

    /// Whether each thread may execute a statement, without a thought.
    private static boolean isCheap(Stmt statement, Set<Term.Variable> assigned) {
        return statement instanceof Stmt.Declare(var variable, _) && !assigned.contains(variable);
    }

    private static @Nullable Dimension extent(Term extent) {
        return switch (extent) {
            case Term.Literal(_, var value) -> Dimension.of(value.longValue());
            case Term.Parameter(var dimension) -> dimension;
            default -> null;
        };
    }

    private static Set<Term.Variable> assigned(Kernel kernel) {
        var assigned = new HashSet<Term.Variable>();
        Terms.visit(
                kernel.body(),
                s -> {
                    if (s instanceof Stmt.Assign(var variable, _)) assigned.add(variable);
                });
        return assigned;
    }

    private static boolean stores(Stmt statement) {
        boolean[] found = {false};
        Terms.visit(statement, s -> found[0] |= s instanceof Stmt.Store);
        return found[0];
    }

    /// Whether a statement stores what stands beside it will read.
    private static boolean keeps(Stmt statement) {
        boolean[] found = {false};
        Terms.visit(
                statement,
                s ->
                        found[0] |=
                                s instanceof Stmt.Store(var buffer, _, _)
                                        && buffer.access() == KernelBuffer.Access.KEPT);
        return found[0];
    }

    private static boolean readsWhatItWrites(Kernel kernel) {
        boolean[] found = {false};
        Terms.visit(
                kernel.body(),
                s -> {
                    for (var term : Terms.terms(s))
                        Terms.visit(term, t -> found[0] |= isLoadOfWritten(t));
                });
        return found[0];
    }

    private static boolean isLoadOfWritten(Term term) {
        return term instanceof Term.Load(var buffer, _, _)
                && buffer.access() != KernelBuffer.Access.READ
                && buffer.access() != KernelBuffer.Access.KEPT;
    }
}
