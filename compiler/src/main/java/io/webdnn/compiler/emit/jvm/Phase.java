package io.webdnn.compiler.emit.jvm;

import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A part of a kernel that becomes one method: statements, or a loop whose iterations may be shared
/// among threads, after declarations that each method repeats.
///
/// @param prelude declarations that the part needs
/// @param loop the parallel loop, or null
/// @param body the statements if there is no such loop
record Phase(List<Stmt> prelude, Stmt.@Nullable For loop, List<Stmt> body) {
    /// {@return the loop or the statements}
    Stmt statement() {
        return loop != null ? loop : new Stmt.Block(body);
    }

    /// {@return the phases of a kernel, in order}
    static List<Phase> of(Kernel kernel) {
        var statements = kernel.body().statements();
        var shared = new ArrayList<Stmt>();
        var serial = new ArrayList<Stmt>();
        var phases = new ArrayList<Phase>();
        var assigned = new HashSet<Term.Variable>();
        for (var statement : statements) Walk.assigned(statement, assigned);
        var shareable = new HashSet<Term.Variable>();
        for (var statement : statements) {
            if (statement instanceof Stmt.Declare(var variable, var value)
                    && !assigned.contains(variable)
                    && !Walk.loads(value)
                    && shareable.containsAll(Walk.variables(value))) {
                shareable.add(variable);
                shared.add(statement);
            } else if (statement instanceof Stmt.For loop
                    && loop.kind() == Stmt.For.Kind.PARALLEL) {
                if (!isClosed(loop, shareable)) return whole(statements);
                if (!serial.isEmpty()) phases.add(new Phase(shared, null, List.copyOf(serial)));
                serial.clear();
                phases.add(new Phase(List.copyOf(shared), loop, List.of()));
            } else {
                serial.add(statement);
            }
        }
        if (phases.isEmpty()) return whole(statements);
        if (!serial.isEmpty()) phases.add(new Phase(List.copyOf(shared), null, serial));
        return areIndependent(phases) ? List.copyOf(phases) : whole(statements);
    }

    private static List<Phase> whole(List<Stmt> statements) {
        return List.of(new Phase(List.of(), null, statements));
    }

    private static boolean isClosed(Stmt.For loop, Set<Term.Variable> shareable) {
        return shareable.containsAll(Walk.free(loop));
    }

    /// Serial parts may not hand variables on.
    private static boolean areIndependent(List<Phase> phases) {
        for (var phase : phases) {
            if (phase.loop != null) continue;
            var declared = new HashSet<Term.Variable>();
            for (var statement : phase.prelude) declared.add(((Stmt.Declare) statement).variable());
            if (!declared.containsAll(Walk.free(new Stmt.Block(phase.body)))) return false;
        }
        return true;
    }
}
