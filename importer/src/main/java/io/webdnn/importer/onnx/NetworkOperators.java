package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Softmax;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// Products, normalizations, recurrences: what networks are made of.
final class NetworkOperators {
    private NetworkOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Dropout", NetworkOperators::dropout);
        table.put("Gemm", single(NetworkOperators::gemm));
        table.put("LogSoftmax", softmax(LogSoftmax::new));
        table.put("MatMul", single(n -> n.apply(new MatMul(), n.input(0), n.input(1))));
        table.put("Softmax", softmax(Softmax::new));
    }

    private static Value gemm(Translation node) {
        if (node.opset() < 7) node.ignore("broadcast");
        var op =
                new Gemm(
                        node.real("alpha", 1),
                        node.real("beta", 1),
                        node.flag("transA", false),
                        node.flag("transB", false));
        return node.applyAll(op, node.inputs()).getFirst();
    }

    /// Before opset 13, the axes from `axis` on are one.
    private static Operator softmax(IntFunction<Op> of) {
        return single(node -> {
            int rank = node.rank(0);
            if (node.opset() >= 13)
                return node.apply(of.apply(node.axis("axis", -1)), node.input(0));
            int axis = node.axis("axis", 1);
            if (axis == -1 || axis == rank - 1) return node.apply(of.apply(-1), node.input(0));
            var rows = node.apply(new Flatten(axis), node.input(0));
            var result = node.apply(of.apply(1), rows);
            return LayoutOperators.reshape(node, result, node.shape(0));
        });
    }

    /// Passes its input on, as a network that is not being trained does.
    private static List<Value> dropout(Translation node) {
        node.ignore("seed", "ratio");
        if (node.opset() < 7 && !node.flag("is_test", false))
            throw node.wrong("is_test", "1, as a trained network has it", 0);
        if (node.has(2) && node.known(2, "training_mode").getLong(0) != 0) {
            throw node.wrong("training_mode", "false", "true");
        }
        if (!node.wants(1)) return List.of(node.input(0));
        return List.of(node.input(0), ones(node, node.shape(0)));
    }

    private static Value ones(Translation node, Shape shape) {
        if (!shape.isFixed()) throw node.wrong("mask", "a fixed shape", shape);
        var ones = new boolean[Math.toIntExact(shape.elements().value())];
        Arrays.fill(ones, true);
        return node.constant(Tensor.of(ones, shape.toInts()));
    }
}
