package io.webdnn.graph.gradient;

import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.Composed;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Primitive;
import io.webdnn.graph.op.SoftmaxCrossEntropyLoss;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reverse-mode differentiation of graphs: from values to the operators that compute their
/// gradients.
///
/// The result is made of operators only, so it can be compiled for every target and be
/// differentiated again. [Elementwise] operators are differentiated through their expression,
/// compositions through their body, the others by a rule of their own or from what they lower to
/// ([io.webdnn.graph.op.LoadAdjoint]).
///
/// At kinks and ties: the derivative of `Relu` and `Abs` at 0 is 0; of equal candidates for a
/// maximum or minimum the first takes the gradient; steps (`Round`, `Floor`, comparisons) have
/// derivative 0, and no gradient goes through integers and bools.
public final class Gradients {
    private final Operators g;

    private Gradients(Operators g) {
        this.g = g;
    }

    /// {@return the gradients of one element (a loss) with respect to some values, null for those
    /// that it does not depend on}
    ///
    /// @param g adds the operators
    /// @param wrt inputs of the graph, or values on the way
    /// @throws GraphException if the loss is not one float, or an operator has no gradient
    public static List<@Nullable Value> of(Operators g, Value loss, List<Value> wrt) {
        var type = loss.type();
        if (!type.dtype().isFloat() || !type.shape().elements().is(1)) {
            throw GraphException.of("Gradients", "loss", "one float, or a seed", type);
        }
        var one = Tensor.zeros(type.dtype(), type.shape().toInts());
        one.setDouble(0, 1);
        return of(g, loss, wrt, Value.of(g.constant(one)));
    }

    /// {@return the gradients of `Σ seed · output` with respect to some values, null for those that
    /// it does not depend on}
    ///
    /// @param seed the gradient of the output, of its type
    /// @throws GraphException if an operator has no gradient; names it
    public static List<@Nullable Value> of(Operators g, Value output, List<Value> wrt, Value seed) {
        return of(g, List.of(output), wrt, List.of(seed));
    }

    /// {@return the gradients of `Σ seed · output` over several outputs with respect to some
    /// values, null for those that none depends on}
    ///
    /// @param seeds the gradient of each output, of its type
    /// @throws GraphException if an operator has no gradient; names it
    public static List<@Nullable Value> of(
            Operators g, List<Value> outputs, List<Value> wrt, List<Value> seeds) {
        for (int i = 0; i < outputs.size(); i++) {
            if (!seeds.get(i).type().equals(outputs.get(i).type())) {
                throw GraphException.of(
                        "Gradients",
                        "seed of '" + outputs.get(i).name() + "'",
                        outputs.get(i).type().toString(),
                        seeds.get(i).type());
            }
        }
        return new Gradients(g).run(outputs, seeds, wrt, Set.of());
    }

    /// @param ends values behind which nothing is looked at
    private List<@Nullable Value> run(
            List<Value> outputs,
            List<? extends @Nullable Value> seeds,
            List<Value> wrt,
            Set<Value> ends) {
        var gradients = new HashMap<Value, Value>();
        for (int i = 0; i < outputs.size(); i++) add(gradients, outputs.get(i), seeds.get(i));
        var nodes = sort(outputs, ends);
        var depends = new HashSet<>(wrt);
        for (var node : nodes) {
            if (node.inputs().stream().anyMatch(depends::contains)) depends.addAll(node.outputs());
        }
        for (var node : nodes.reversed()) {
            if (node.inputs().stream().noneMatch(depends::contains)) continue;
            var ofOutputs = new @Nullable Value[node.outputs().size()];
            for (int i = 0; i < ofOutputs.length; i++) {
                ofOutputs[i] = gradients.get(node.outputs().get(i));
            }
            if (Arrays.stream(ofOutputs).allMatch(v -> v == null)) continue;
            var use = new Use(g, node, Arrays.asList(ofOutputs), depends);
            var ofInputs = ofInputs(use);
            for (int i = 0; i < node.inputs().size(); i++) {
                if (use.needs(i)) add(gradients, node.input(i), ofInputs.get(i));
            }
        }
        return Arrays.asList(wrt.stream().map(gradients::get).toArray(Value[]::new));
    }

    private void add(Map<Value, Value> gradients, Value value, @Nullable Value share) {
        if (share == null) return;
        var before = gradients.get(value);
        gradients.put(value, before == null ? share : Value.of(g.add(before, share)));
    }

    /// The nodes that lead to the outputs, each after what it reads, found without recursion.
    private static List<Node> sort(List<Value> outputs, Set<Value> ends) {
        var done = new LinkedHashSet<Node>();
        var stack = new ArrayDeque<Node>();
        for (var output : outputs) {
            var last = ends.contains(output) ? null : output.producer();
            if (last != null) stack.push(last);
            while (!stack.isEmpty()) {
                var node = stack.peek();
                boolean ready = true;
                for (var input : node.inputs()) {
                    var before = ends.contains(input) ? null : input.producer();
                    if (before != null && !done.contains(before)) {
                        stack.push(before);
                        ready = false;
                    }
                }
                if (ready) done.add(stack.pop());
            }
        }
        return List.copyOf(done);
    }

    private List<? extends @Nullable Value> ofInputs(Use use) {
        var node = use.node();
        try {
            return switch (node.op()) {
                case Elementwise op -> ElementwiseGradients.of(op, use);
                case SoftmaxCrossEntropyLoss op when !op.logProb() -> LossGradients.of(op, use);
                case Composed op -> ofBody(op.lower(node.operands()), use);
                case CustomOp op ->
                        op.lower(node.operands()) instanceof Compose body
                                ? ofBody(body, use)
                                : StageGradients.of(op, use);
                case Primitive op -> PrimitiveGradients.of(op, use);
            };
        } catch (GraphException e) {
            throw node.name().isEmpty() ? e : e.at("'" + node.name() + "'");
        }
    }

    /// The forward values of the body are computed again, until equal nodes are merged.
    private List<? extends @Nullable Value> ofBody(Compose compose, Use use) {
        var inputs = use.node().inputs();
        var built = compose.body().build(g, inputs);
        var outputs = new ArrayList<Value>();
        var seeds = new ArrayList<Value>();
        for (int i = 0; i < built.size(); i++) {
            var seed = i < use.seeds().size() ? use.seeds().get(i) : null;
            if (seed == null) continue;
            outputs.add(Value.of(built.get(i)));
            seeds.add(seed);
        }
        var wrt = new LinkedHashSet<Value>();
        for (int i = 0; i < inputs.size(); i++) if (use.needs(i)) wrt.add(inputs.get(i));
        var list = List.copyOf(wrt);
        var found = run(outputs, seeds, list, Set.copyOf(inputs));
        var result = new @Nullable Value[inputs.size()];
        for (int k = 0; k < list.size(); k++) result[inputs.indexOf(list.get(k))] = found.get(k);
        return Arrays.asList(result);
    }

    /// {@return the operand}
    static Value value(Operand operand) {
        return Value.of(operand);
    }
}
