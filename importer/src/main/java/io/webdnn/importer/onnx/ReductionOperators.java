package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.ArgMin;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceMin;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import java.util.Map;

/// Operators that reduce over axes.
final class ReductionOperators {
    private ReductionOperators() {}

    private interface Reducing {
        Op of(boolean keepdims, boolean noopWithEmptyAxes);
    }

    private interface Arg {
        Op of(int axis, boolean keepdims, boolean selectLastIndex);
    }

    private static Operator arg(Arg arg) {
        return single(node ->
                node.apply(
                        arg.of(
                                node.axis("axis", 0),
                                node.flag("keepdims", true),
                                node.flag("select_last_index", false)),
                        node.input(0)));
    }

    static void addTo(Map<String, Operator> table) {
        table.put("ArgMax", arg(ArgMax::new));
        table.put("ArgMin", arg(ArgMin::new));
        table.put("ReduceMax", reduction(ReduceMax::new, 18));
        table.put("ReduceMean", reduction(ReduceMean::new, 18));
        table.put("ReduceMin", reduction(ReduceMin::new, 18));
        table.put("ReduceProd", reduction(ReduceProd::new, 18));
        table.put("ReduceSum", reduction(ReduceSum::new, 13));
    }

    /// @param operandSince the opset in which the axes became an input
    private static Operator reduction(Reducing reducing, int operandSince) {
        return single(node -> {
            boolean keepdims = node.flag("keepdims", true);
            if (node.opset() >= operandSince) {
                var op = reducing.of(keepdims, node.flag("noop_with_empty_axes", false));
                return node.has(1)
                        ? node.apply(op, node.input(0), node.input(1))
                        : node.apply(op, node.input(0));
            }
            return reduce(node, reducing.of(keepdims, false), node.integers("axes"));
        });
    }

    private static Value reduce(
            Translation node, Op op, java.util.@org.jspecify.annotations.Nullable List<Long> axes) {
        return axes == null
                ? node.apply(op, node.input(0))
                : node.apply(op, node.input(0), node.vector(axes));
    }
}
