package io.webdnn.compiler.lower;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.Compute;
import io.webdnn.graph.op.Host;
import io.webdnn.graph.op.Measured;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.op.Scan;
import io.webdnn.graph.op.Scatter;
import io.webdnn.graph.pass.ExpandCompositions;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Turns nodes into the steps of their lowerings.
///
/// Before: a graph whose compositions may be nested. After: steps over buffers; no operator is
/// left. An output of the graph that is an input, a constant or another output gets a copying
/// stage, so that each output has a buffer of its own.
public final class Lower {
    private final Map<Value, Buffer> buffers = new HashMap<>();
    private final List<Lowered.Operation> operations = new ArrayList<>();

    private Lower() {}

    /// {@return the steps of a graph}
    public static Lowered lower(Graph graph) {
        return new Lower().run(new ExpandCompositions().apply(graph));
    }

    private Lowered run(Graph graph) {
        var inputs = new ArrayList<Buffer>();
        for (var input : graph.inputs()) inputs.add(buffer(input));
        for (var node : graph.nodes()) lower(node);
        var outputs = new ArrayList<Buffer>();
        var taken = new HashSet<Buffer>(inputs);
        for (int i = 0; i < graph.outputs().size(); i++) {
            var buffer = buffer(graph.outputs().get(i));
            if (buffer.constant() != null || !taken.add(buffer)) {
                buffer = copy(buffer, graph.outputNames().get(i));
                taken.add(buffer);
            }
            outputs.add(buffer);
        }
        return new Lowered(inputs, outputs, operations);
    }

    private Buffer copy(Buffer from, String name) {
        var to = Buffer.of(name, from.type());
        Step copy =
                from.type().dtype() == DType.STRING
                        ? new HostCall("Copy", List.of(from), List.of(to), x -> x)
                        : Stage.each(to, o -> new Load(from, List.copyOf(o)));
        operations.add(new Lowered.Operation(copy, "output '" + name + "'"));
        return to;
    }

    private Buffer buffer(Value value) {
        return buffers.computeIfAbsent(value, Value::toBuffer);
    }

    private void lower(Node node) {
        var reads = new ArrayList<Buffer>();
        for (var input : node.inputs()) reads.add(input.isAbsent() ? null : buffer(input));
        var operands = new Operands(node.op().name(), reads, node.extents());
        var origin = node.op().name() + (node.name().isEmpty() ? "" : " '" + node.name() + "'");
        var outputs =
                switch (node.op().lower(operands)) {
                    case Compute(var stages, var results) -> {
                        add(stages, origin);
                        yield results;
                    }
                    case Scatter(var push) -> {
                        add(List.of(push), origin);
                        yield List.of(push.output());
                    }
                    case Scan(var before, var recurrence, var after, var results) -> {
                        add(before, origin);
                        add(List.of(recurrence), origin);
                        add(after, origin);
                        yield results;
                    }
                    case Measured(var steps, var results) -> {
                        add(steps, origin);
                        yield results;
                    }
                    case Host(var call) -> {
                        add(List.of(call), origin);
                        yield call.writes();
                    }
                    case Compose _ -> throw new AssertionError("expanded before");
                };
        for (int i = 0; i < outputs.size(); i++) buffers.put(node.outputs().get(i), outputs.get(i));
    }

    private void add(List<? extends Step> steps, String origin) {
        for (var step : steps) operations.add(new Lowered.Operation(step, origin));
    }
}
