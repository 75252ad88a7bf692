package io.webdnn.compiler;

import io.webdnn.compiler.memory.MemoryPlan;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.type.Equation;
import java.util.List;

/// A graph as calls of kernels for one target: what emitters and the descriptor take.
///
/// @param isWide whether int64 and uint64 have 64 bits
/// @param inputs ports in the order of the graph
/// @param outputs ports in the order of the graph
/// @param initial calls that are made once, before the first run, in order; what they write is kept
/// @param calls of each run, in order
/// @param memory which buffers share memory
/// @param equations what must hold of the sizes of a run
public record Compiled(
        Target target,
        boolean isWide,
        List<Port> inputs,
        List<Port> outputs,
        List<Call> initial,
        List<Call> calls,
        MemoryPlan memory,
        List<Equation> equations) {
    /// A tensor at the border.
    public record Port(String name, Buffer buffer) {}

    public Compiled {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        initial = List.copyOf(initial);
        calls = List.copyOf(calls);
        equations = List.copyOf(equations);
    }
}
