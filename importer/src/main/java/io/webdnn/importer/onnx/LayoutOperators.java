package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Transpose;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Operators that move elements, and those that make them.
final class LayoutOperators {
    private LayoutOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Constant", single(LayoutOperators::constant));
        table.put("Flatten", single(LayoutOperators::flatten));
        table.put("Reshape", single(LayoutOperators::reshape));
        table.put("Transpose", single(LayoutOperators::transpose));
    }

    private static Value constant(Translation node) {
        var tensor = node.tensor("value");
        var reals = node.reals("value_floats");
        var integers = node.integers("value_ints");
        var texts = node.texts("value_strings");
        if (tensor != null) return node.constant(tensor);
        if (node.hasAttribute("value_float"))
            return node.constant(Tensor.of(new float[] {node.real("value_float", 0)}));
        if (node.hasAttribute("value_int"))
            return node.constant(Tensor.of(new long[] {node.integer("value_int", 0)}));
        if (node.hasAttribute("value_string"))
            return node.constant(
                    Tensor.of(
                            io.webdnn.tensor.DType.STRING,
                            new String[] {node.text("value_string", "")}));
        if (integers != null) return node.vector(integers);
        if (texts != null)
            return node.constant(
                    Tensor.of(
                            io.webdnn.tensor.DType.STRING,
                            texts.toArray(new String[0]),
                            texts.size()));
        if (reals == null) throw node.wrong("value", "a dense tensor", "none");
        var values = new float[reals.size()];
        for (int i = 0; i < values.length; i++) values[i] = reals.get(i);
        return node.constant(Tensor.of(values, values.length));
    }

    private static Value flatten(Translation node) {
        return node.apply(new Flatten(node.axis("axis", 1)), node.input(0));
    }

    private static Value reshape(Translation node) {
        boolean allowzero = node.flag("allowzero", false);
        var extents = node.extents(1);
        if (extents != null && !extents.stream().allMatch(Dimension::isFixed))
            return reshape(node, node.input(0), new Shape(extents));
        return node.apply(new Reshape(allowzero), node.input(0), node.input(1));
    }

    /// {@return the value under a shape that may hold symbols}
    static Value reshape(Translation node, Value value, Shape to) {
        var shape = new ArrayList<Long>();
        var from = value.type().shape();
        for (int d = 0; d < to.rank(); d++) {
            var extent = to.get(d);
            if (extent.isFixed()) shape.add(extent.value());
            else shape.add(d < from.rank() && from.get(d).equals(extent) ? 0L : -1L);
        }
        // A fixed extent of 0 would copy; with symbols beside it there is no way to say it.
        boolean zero = to.dimensions().stream().anyMatch(d -> d.is(0));
        return node.apply(new Reshape(zero), value, node.vector(shape));
    }

    private static Value transpose(Translation node) {
        int rank = node.rank(0);
        var order = node.integers("perm");
        if (order == null) return node.apply(Transpose.reversing(rank), node.input(0));
        List<Integer> permutation = node.integers("perm", rank, 0);
        return node.apply(new Transpose(permutation), node.input(0));
    }
}
