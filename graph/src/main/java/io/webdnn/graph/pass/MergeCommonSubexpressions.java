package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Op;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;

/// Nodes that apply equal operators to the same values become one. Constants of up to 4096 elements
/// are the same if their contents are.
public record MergeCommonSubexpressions() implements Pass {
    private static final int SMALL = 4096;

    /// @param inputs values, or contents of constants
    private record Key(Op op, List<Object> inputs) {}

    /// The contents of a constant.
    private record Contents(Tensor tensor) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Contents(var that) && tensor.contentEquals(that);
        }

        @Override
        public int hashCode() {
            return Objects.hash(tensor.dtype(), Arrays.hashCode(tensor.shape()))
                    ^ Arrays.deepHashCode(new Object[] {tensor.storage()});
        }
    }

    @Override
    public Graph apply(Graph graph) {
        var first = new HashMap<Key, Node>();
        return graph.rewrite((node, _) -> first.computeIfAbsent(key(node), _ -> node).outputs());
    }

    private static Key key(Node node) {
        var inputs = new ArrayList<Object>();
        for (var input : node.inputs()) inputs.add(same(input));
        return new Key(node.op(), inputs);
    }

    private static Object same(Value value) {
        var constant = value.constant();
        return constant != null && constant.size() <= SMALL ? new Contents(constant) : value;
    }
}
