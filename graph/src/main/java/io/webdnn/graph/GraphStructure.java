package io.webdnn.graph;

import io.webdnn.graph.op.Op;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a graph computes, without the names and without the identity of its values: two graphs of
/// equal structure may share one compiled program. A key for hash maps.
///
/// Equal are: the types of the inputs in order, the operators with their attributes (by `equals`:
/// an operator that is no record is only equal to itself), the wiring, and which values are the
/// outputs. Constants of up to 256 elements are equal if their contents are; larger ones only if
/// they are the same storage, so contents must not be changed in place while the key is in use.
///
/// Takes time linear in the graph and no recursion.
public final class GraphStructure {
    private static final int SMALL = 256;

    private final List<Object> items;
    private final int hash;

    private GraphStructure(List<Object> items) {
        this.items = items;
        this.hash = items.hashCode();
    }

    private record Application(Op op, List<Integer> inputs) {}

    /// A constant, equal by contents if it is small, else by the identity of the storage.
    private static final class Constant {
        private final Tensor tensor;

        Constant(Tensor tensor) {
            // A small tensor may be changed by its owner later on; the key must not.
            this.tensor = tensor.size() <= SMALL ? tensor.copy() : tensor;
        }

        @Override
        public boolean equals(Object other) {
            if (!(other instanceof Constant that)) return false;
            if (tensor.size() <= SMALL) return tensor.contentEquals(that.tensor);
            return tensor.storage().equals(that.tensor.storage()) // arrays: the same object
                    && tensor.dtype() == that.tensor.dtype()
                    && Arrays.equals(tensor.shape(), that.tensor.shape());
        }

        @Override
        public int hashCode() {
            return Objects.hash(tensor.dtype(), Arrays.hashCode(tensor.shape()))
                    ^ (tensor.size() <= SMALL
                            ? Arrays.deepHashCode(new Object[] {tensor.storage()})
                            : System.identityHashCode(tensor.storage()));
        }
    }

    /// {@return the structure of a graph}
    public static GraphStructure of(Graph graph) {
        var numbers = new HashMap<Value, Integer>();
        var items = new ArrayList<Object>();
        for (var input : graph.inputs()) {
            items.add(input.type());
            numbers.put(input, numbers.size());
        }
        for (var node : graph.nodes()) {
            var inputs = new ArrayList<Integer>();
            for (var input : node.inputs()) inputs.add(number(input, numbers, items));
            items.add(new Application(node.op(), inputs));
            for (var output : node.outputs()) numbers.put(output, numbers.size());
        }
        var outputs = new ArrayList<Integer>();
        for (var output : graph.outputs()) outputs.add(number(output, numbers, items));
        items.add(outputs);
        return new GraphStructure(List.copyOf(items));
    }

    private static int number(Value value, Map<Value, Integer> numbers, List<Object> items) {
        if (value.isAbsent()) return -1;
        var known = numbers.get(value);
        if (known != null) return known;
        var constant = value.constant();
        if (constant == null) {
            throw io.webdnn.graph.type.GraphException.of(
                    "Graph", "value '" + value.name() + "'", "an input of the graph", "none");
        }
        items.add(new Constant(constant));
        numbers.put(value, numbers.size());
        return numbers.size() - 1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GraphStructure that
                && hash == that.hash
                && items.equals(that.items);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
