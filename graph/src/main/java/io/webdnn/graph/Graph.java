package io.webdnn.graph;

import io.webdnn.graph.op.EnsureShape;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.type.Equation;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A network: inputs, outputs, and between them the nodes that the outputs need, in an order in
/// which each stands after what it reads. Immutable; passes give new graphs.
public final class Graph {
    private final List<Value> inputs;
    private final List<Value> outputs;
    private final List<String> outputNames;
    private final List<Node> nodes;

    /// {@return a graph from its ends; nodes that no output needs are not part of it}
    public static Graph of(List<Value> inputs, List<Value> outputs) {
        return new Graph(inputs, outputs, outputs.stream().map(Value::name).toList());
    }

    /// @param outputNames the outputs' names at the border, since one value may be several outputs
    public Graph(List<Value> inputs, List<Value> outputs, List<String> outputNames) {
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.outputNames = List.copyOf(outputNames);
        this.nodes = sort(outputs);
    }

    /// {@return the values that are given from outside, in order}
    public List<Value> inputs() {
        return inputs;
    }

    /// {@return the values that are asked for, in order}
    public List<Value> outputs() {
        return outputs;
    }

    /// {@return the names of the outputs, in order}
    public List<String> outputNames() {
        return outputNames;
    }

    /// {@return the nodes that the outputs need, each after what it reads; the order depends on the
    /// graph alone}
    public List<Node> nodes() {
        return nodes;
    }

    /// Depth first without recursion: histories may be tens of thousands of nodes deep.
    private static List<Node> sort(List<Value> outputs) {
        var done = new LinkedHashSet<Node>();
        var stack = new ArrayDeque<Node>();
        for (var output : outputs) {
            if (output.producer() != null) stack.push(output.producer());
            while (!stack.isEmpty()) {
                var node = stack.peek();
                boolean ready = true;
                for (var input : node.inputs().reversed()) {
                    var before = input.producer();
                    if (before != null && !done.contains(before)) {
                        stack.push(before);
                        ready = false;
                    }
                }
                if (ready) {
                    stack.pop();
                    done.add(node);
                }
            }
        }
        return List.copyOf(done);
    }

    /// What a rewriting of one node gives: the values that take the place of its outputs.
    @FunctionalInterface
    public interface Rule {
        /// {@return the replacements of the node's outputs; the node's inputs are already
        /// rewritten. To keep it, give `node.outputs()`}
        List<? extends Operand> rewrite(Node node, Operators operators);
    }

    /// {@return the graph after each node, in order, was given to a rule}
    public Graph rewrite(Rule rule) {
        var replaced = new IdentityHashMap<Value, Value>();
        var builder = new Builder();
        for (var node : nodes) {
            var newInputs = node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
            var current =
                    newInputs.equals(node.inputs())
                            ? node
                            : new Node(node.op(), node.name(), newInputs);
            builder.name = node.name();
            var results = rule.rewrite(current, builder);
            for (int i = 0; i < node.outputs().size(); i++) {
                var result = Value.of(results.get(i));
                if (result != node.outputs().get(i)) replaced.put(node.outputs().get(i), result);
            }
        }
        return new Graph(
                inputs,
                outputs.stream().map(v -> replaced.getOrDefault(v, v)).toList(),
                outputNames);
    }

    /// {@return a graph whose inputs have other types (symbols bound to sizes, say), inferred anew}
    ///
    /// @param substitute the replacement of each input: another input, or a constant
    public Graph substitute(Function<Value, Value> substitute) {
        var replaced = new IdentityHashMap<Value, Value>();
        var newInputs = new ArrayList<Value>();
        for (var input : inputs) {
            var by = substitute.apply(input);
            if (by != input) replaced.put(input, by);
            if (by.constant() == null) newInputs.add(by);
        }
        var sizes = sizes(replaced);
        for (var node : nodes) {
            var ins = node.inputs().stream().map(v -> replaced.getOrDefault(v, v)).toList();
            var op = node.op().bind(sizes);
            if (ins.equals(node.inputs()) && op.equals(node.op())) continue;
            var copy = new Node(op, node.name(), ins);
            for (int i = 0; i < node.outputs().size(); i++)
                replaced.put(node.outputs().get(i), copy.outputs().get(i));
        }
        return new Graph(
                newInputs,
                outputs.stream().map(v -> replaced.getOrDefault(v, v)).toList(),
                outputNames);
    }

    /// {@return what numbers take the place of symbols}
    private static Map<String, Long> sizes(Map<Value, Value> replaced) {
        var sizes = new HashMap<String, Long>();
        replaced.forEach((from, to) -> {
            var before = from.type().shape();
            var after = to.type().shape();
            for (int d = 0; d < Math.min(before.rank(), after.rank()); d++) {
                var symbol = before.get(d);
                if (symbol.symbols().size() == 1
                        && symbol.equals(Dimension.symbol(symbol.symbols().first()))
                        && after.get(d).isFixed())
                    sizes.put(symbol.symbols().first(), after.get(d).value());
            }
        });
        return sizes;
    }

    /// {@return whether a node gives a tensor of one of some dtypes}
    public boolean computes(DType... dtypes) {
        return nodes.stream()
                .flatMap(node -> node.outputs().stream())
                .anyMatch(value -> List.of(dtypes).contains(value.type().dtype()));
    }

    /// {@return what must hold of the sizes of a run}
    public List<Equation> equations() {
        var equations = new LinkedHashSet<Equation>();
        for (var node : nodes)
            if (node.op() instanceof EnsureShape ensured)
                equations.addAll(ensured.equations(node.input(0).type().shape()));
        return List.copyOf(equations);
    }

    /// {@return a builder of graphs}
    public static Builder builder() {
        return new Builder();
    }

    /// Builds a graph node by node.
    public static final class Builder implements ValueOperators {
        private final List<Value> inputs = new ArrayList<>();
        private String name = "";

        private Builder() {}

        /// {@return a new input of the graph}
        public Value input(String name, TensorType type) {
            var value = Value.input(name, type);
            inputs.add(value);
            return value;
        }

        /// {@return a named constant}
        public Value constant(String name, Tensor tensor) {
            return Value.constant(name, tensor);
        }

        /// {@return the outputs of a named node}
        public List<Value> applyAll(Op op, String name, List<? extends Operand> inputs) {
            return new Node(op, name, inputs.stream().map(Value::of).toList()).outputs();
        }

        @Override
        public List<Value> applyAll(Op op, List<? extends Operand> inputs) {
            return applyAll(op, name, inputs);
        }

        /// {@return the graph that computes the given outputs, under their names}
        public Graph build(Map<String, ? extends Operand> outputs) {
            return new Graph(
                    inputs,
                    outputs.values().stream().map(Value::of).toList(),
                    List.copyOf(outputs.keySet()));
        }
    }
}
