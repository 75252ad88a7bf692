package io.webdnn.graph.interpret;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.Compute;
import io.webdnn.graph.op.Host;
import io.webdnn.graph.op.Lowering;
import io.webdnn.graph.op.Measured;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.op.Scan;
import io.webdnn.graph.op.Scatter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The definition of what graphs compute: runs the lowering of each node as it stands, element by
/// element.
///
/// Arithmetic is that of [io.webdnn.graph.expr.Expr]: float32 (float16 and bfloat16, too) is
/// rounded to float32 after every operation, float64 is double, integers wrap. Where the rules
/// leave a choice, this is the one: sums and products of floats are accumulated in double and
/// rounded once.
public final class Interpreter {
    private Interpreter() {}

    /// {@return the outputs of a graph; loads outside a tensor are clamped}
    ///
    /// @param inputs one per input of the graph; their shapes say what its symbols stand for
    /// @throws GraphException if an input does not fit its type
    public static List<Tensor> run(Graph graph, List<Tensor> inputs) {
        return run(graph, inputs, Bounds.CLAMPED);
    }

    /// {@return the outputs of a graph}
    ///
    /// @throws GraphException if an input does not fit its type
    /// @throws IndexOutOfBoundsException if bounds are checked and a value outside a tensor is used
    public static List<Tensor> run(Graph graph, List<Tensor> inputs, Bounds bounds) {
        var sizes = new Sizes();
        if (inputs.size() != graph.inputs().size()) {
            throw GraphException.of(
                    "Graph", "inputs", String.valueOf(graph.inputs().size()), inputs.size());
        }
        for (int i = 0; i < inputs.size(); i++) {
            var declared = graph.inputs().get(i);
            var actual = inputs.get(i);
            if (actual.dtype() != declared.type().dtype()) {
                throw GraphException.of(
                        "Graph",
                        "input '" + declared.name() + "'",
                        declared.type().toString(),
                        actual);
            }
            sizes.bind(
                    "Graph",
                    "input '" + declared.name() + "'",
                    declared.type().shape(),
                    actual.shape());
        }
        sizes.expect("Graph", graph.equations());
        return run(graph, inputs, sizes, bounds);
    }

    private static List<Tensor> run(Graph graph, List<Tensor> inputs, Sizes sizes, Bounds bounds) {
        var tensors = new HashMap<Value, Tensor>();
        for (int i = 0; i < inputs.size(); i++) tensors.put(graph.inputs().get(i), inputs.get(i));
        var uses = uses(graph);
        for (var node : graph.nodes()) {
            var given = new ArrayList<@Nullable Tensor>();
            for (var input : node.inputs()) {
                given.add(input.isAbsent() ? null : tensor(input, tensors));
            }
            List<Tensor> results;
            try {
                results = run(node.op(), node.operands(), given, sizes, bounds);
            } catch (GraphException e) {
                throw node.name().isEmpty() ? e : e.at("'" + node.name() + "'");
            }
            for (int i = 0; i < results.size(); i++) {
                var output = node.outputs().get(i);
                if (uses.containsKey(output)) tensors.put(output, results.get(i));
            }
            for (var input : node.inputs()) {
                if (uses.merge(input, -1, Integer::sum) == 0) tensors.remove(input);
            }
        }
        return graph.outputs().stream().map(v -> tensor(v, tensors)).toList();
    }

    /// How often each value is read, so that a tensor can go when its last reader has run.
    private static Map<Value, Integer> uses(Graph graph) {
        var uses = new HashMap<Value, Integer>();
        for (var node : graph.nodes()) {
            for (var input : node.inputs()) uses.merge(input, 1, Integer::sum);
        }
        for (var output : graph.outputs()) uses.merge(output, 1, Integer::sum);
        return uses;
    }

    private static Tensor tensor(Value value, Map<Value, Tensor> tensors) {
        var constant = value.constant();
        if (constant != null) return constant;
        var tensor = tensors.get(value);
        if (tensor == null) {
            throw GraphException.of(
                    "Graph", "value '" + value.name() + "'", "an input of the graph", "none");
        }
        return tensor;
    }

    /// {@return the outputs of a node}
    ///
    /// @param inputs one per input of the node, null for those that are absent; constants may be
    ///   null too
    public static List<Tensor> run(Node node, List<? extends @Nullable Tensor> inputs) {
        return run(node.op(), node.operands(), inputs, new Sizes(), Bounds.CLAMPED);
    }

    private static List<Tensor> run(
            Op op,
            Operands in,
            List<? extends @Nullable Tensor> inputs,
            Sizes known,
            Bounds bounds) {
        // A symbol that an operator invents (a count that depends on data) may have the name of
        // another node's: what the inputs say here comes first.
        var sizes = new Sizes();
        for (int i = 0; i < in.count(); i++) {
            var tensor = i < inputs.size() ? inputs.get(i) : null;
            if (tensor != null && in.has(i)) {
                sizes.learn(in.shape(i).dimensions(), tensor.shape());
                var extents = in.extentsOrNull(i);
                if (extents != null) sizes.learn(extents, elements(tensor));
            }
        }
        known.toMap().forEach(sizes::setIfUnknown);
        for (int i = 0; i < in.count(); i++) {
            var tensor = i < inputs.size() ? inputs.get(i) : null;
            if (tensor != null && in.has(i))
                sizes.bind(op.name(), "input " + i, in.shape(i), tensor.shape());
        }
        var environment = new Environment(sizes, bounds);
        for (int i = 0; i < in.count(); i++) {
            var tensor = i < inputs.size() ? inputs.get(i) : null;
            if (tensor != null && in.has(i)) environment.bind(in.buffer(i), tensor);
        }
        return switch (op.lower(in)) {
            case Compose(var body) -> compose(body, op, in, environment);
            case Lowering lowering -> {
                run(steps(lowering), environment);
                // what was measured may be asked for where no input's shape says it
                environment.sizes().toMap().forEach(known::setIfUnknown);
                yield outputs(lowering).stream().map(environment::get).toList();
            }
        };
    }

    private static int[] elements(Tensor tensor) {
        var elements = new int[tensor.size()];
        for (int k = 0; k < elements.length; k++)
            elements[k] = Math.clamp(tensor.getLong(k), Integer.MIN_VALUE, Integer.MAX_VALUE);
        return elements;
    }

    private static List<Tensor> compose(
            Compose.Body body, Op op, Operands in, Environment environment) {
        var builder = Graph.builder();
        var values = new ArrayList<Value>();
        var inputs = new ArrayList<Value>();
        var tensors = new ArrayList<Tensor>();
        for (int i = 0; i < in.count(); i++) {
            if (!in.has(i)) {
                values.add(Value.ABSENT);
                continue;
            }
            var buffer = in.buffer(i);
            var constant = buffer.constant();
            if (constant != null) {
                values.add(Value.constant(buffer.name(), constant));
            } else {
                var input = Value.input(buffer.name(), buffer.type());
                values.add(input);
                inputs.add(input);
                tensors.add(environment.get(buffer));
            }
        }
        var outputs = body.build(builder, values).stream().map(operand -> (Value) operand).toList();
        if (outputs.stream().anyMatch(Value::isAbsent)) {
            throw GraphException.of(op.name(), "outputs", "values", outputs);
        }
        return run(Graph.of(inputs, outputs), tensors, environment.sizes(), environment.bounds());
    }

    /// Runs steps in order; what they write is then in the environment.
    public static void run(List<? extends Step> steps, Environment environment) {
        var runner = new Steps(environment);
        for (var step : steps) runner.run(step);
    }

    /// {@return the steps of a lowering, in order}
    ///
    /// @throws IllegalArgumentException for a [Compose], which has none of its own
    public static List<Step> steps(Lowering lowering) {
        return switch (lowering) {
            case Compose _ ->
                    throw new IllegalArgumentException("Interpreter: expected steps, got Compose");
            case Compute(var stages, _) -> List.copyOf(stages);
            case Scatter(var push) -> List.of(push);
            case Scan(var before, var recurrence, var after, _) -> {
                var steps = new ArrayList<Step>(before);
                steps.add(recurrence);
                steps.addAll(after);
                yield steps;
            }
            case Measured(var steps, _) -> steps;
            case Host(var call) -> List.of(call);
        };
    }

    /// {@return the buffers that hold the outputs after the steps of a lowering}
    ///
    /// @throws IllegalArgumentException for a [Compose], which has none of its own
    public static List<Buffer> outputs(Lowering lowering) {
        return switch (lowering) {
            case Compose _ ->
                    throw new IllegalArgumentException("Interpreter: expected steps, got Compose");
            case Compute(_, var outputs) -> outputs;
            case Scatter(var push) -> List.of(push.output());
            case Scan(_, _, _, var outputs) -> outputs;
            case Measured(_, var outputs) -> outputs;
            case Host(var call) -> call.writes();
        };
    }
}
