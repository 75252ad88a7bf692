package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Sub;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/// `Cast(Sub(ReduceSum(x), y), int32)` of int64 becomes `Sub(ReduceSum(Cast(x)), Cast(y))`, as far
/// as nothing else reads the numbers between.
///
/// The low 32 bits of sums, differences and products are made of the low 32 bits of their operands,
/// and targets without int64 compute them, whatever the numbers are.
public record NarrowSums() implements Pass {
    @Override
    public Graph apply(Graph graph) {
        var readers = new IdentityHashMap<Value, Integer>();
        for (var node : graph.nodes())
            for (var input : node.inputs()) readers.merge(input, 1, Integer::sum);
        for (var output : graph.outputs()) readers.merge(output, 1, Integer::sum);
        return graph.rewrite((node, g) -> narrow(node, g, readers));
    }

    private static List<? extends Operand> narrow(
            Node node, Operators g, IdentityHashMap<Value, Integer> readers) {
        if (!(node.op() instanceof Cast(var to, _))
                || to != DType.INT32
                || !isSum(node.input(0), readers)) return node.outputs();
        return List.of(narrowed(node.input(0), g, readers));
    }

    private static boolean isSum(Value value, IdentityHashMap<Value, Integer> readers) {
        return value.type().dtype() == DType.INT64
                && value.producer() != null
                && isSum(value.producer().op())
                && readers.getOrDefault(value, 0) == 1;
    }

    private static boolean isSum(Op op) {
        return op instanceof Add
                || op instanceof Sub
                || op instanceof Mul
                || op instanceof ReduceSum;
    }

    private static Operand narrowed(
            Value value, Operators g, IdentityHashMap<Value, Integer> readers) {
        var sum = value.producer();
        if (sum == null || !isSum(value, readers)) return g.cast(value, DType.INT32);
        var operands = new ArrayList<Operand>(sum.inputs());
        int terms = sum.op() instanceof ReduceSum ? 1 : operands.size(); // the others are axes
        for (int i = 0; i < terms; i++) operands.set(i, narrowed(sum.input(i), g, readers));
        return g.applyAll(sum.op(), operands).getFirst();
    }
}
