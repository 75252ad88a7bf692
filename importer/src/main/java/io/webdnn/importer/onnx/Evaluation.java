package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.shape.ShapeArithmetic;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds the values that depend on constants alone, as far as somebody asks for them.
final class Evaluation {
    /// How the symbol of an element begins that only a run gives; no model calls an axis so.
    private static final String UNKNOWN = "?";

    /// Longer vectors are no shapes.
    private static final int MOST_ENTRIES = 256;

    private final IdentityHashMap<Value, Tensor> known = new IdentityHashMap<>();
    private final IdentityHashMap<Value, List<Dimension>> symbolic = new IdentityHashMap<>();

    /// {@return the value of a tensor, or null if it depends on an input}
    @Nullable Tensor of(Value value) {
        if (value.producer() != null && inputs(value).isEmpty()) {
            for (var node : nodes(value)) {
                if (!known.containsKey(node.outputs().getFirst())) run(node);
            }
        }
        return get(value);
    }

    private @Nullable Tensor get(Value value) {
        var constant = value.constant();
        return constant == null ? known.get(value) : constant;
    }

    private void run(Node node) {
        var operands = new ArrayList<Value>();
        for (var input : node.inputs()) {
            var tensor = input.isAbsent() ? null : get(input);
            operands.add(tensor == null ? input : Value.constant(input.name(), tensor));
        }
        for (var output : node.outputs()) expectRoom(node, output);
        var alone = new Node(node.op(), node.name(), operands);
        var results = Interpreter.run(Graph.of(List.of(), alone.outputs()), List.of());
        for (int i = 0; i < results.size(); i++) known.put(node.outputs().get(i), results.get(i));
    }

    private static void expectRoom(Node node, Value output) {
        var shape = output.type().shape();
        double elements = 1;
        for (var extent : shape.dimensions()) elements *= extent.isFixed() ? extent.value() : 1;
        if (elements > Translation.MOST_ELEMENTS)
            throw GraphException.of(
                    node.op().name(),
                    "a result that is needed when compiling",
                    "at most " + Translation.MOST_ELEMENTS + " elements",
                    shape);
    }

    private static List<Node> nodes(Value value) {
        return Graph.of(List.of(), List.of(value)).nodes();
    }

    /// {@return the names of the graph's inputs that a value depends on}
    Set<String> inputs(Value value) {
        var names = new LinkedHashSet<String>();
        if (isInput(value)) names.add(value.name());
        for (var node : nodes(value))
            for (var input : node.inputs()) if (isInput(input)) names.add(input.name());
        return names;
    }

    private static boolean isInput(Value value) {
        return value.producer() == null && value.constant() == null && !value.isAbsent();
    }

    /// {@return the elements of an integer vector or scalar where each is a number or is made of
    /// the symbols of shapes, else null}
    @Nullable List<Dimension> extents(Value value) {
        var arithmetic = new ShapeArithmetic(this::knownExtents);
        for (var node : nodes(value)) {
            var output = node.outputs().getFirst();
            if (symbolic.containsKey(output)) continue;
            var made = arithmetic.of(node);
            if (made != null) symbolic.put(output, made);
        }
        var known = knownExtents(value);
        if (known != null) return known;
        var tensor = of(value);
        return tensor == null ? null : ShapeArithmetic.of(tensor);
    }

    /// {@return the value of a vector or scalar of integers or bools that is made of extents
    /// without symbols, though others of the same shape may have one; else null}
    @Nullable Tensor ofExtents(Value value) {
        var type = value.type();
        boolean isWhole = type.dtype().isInteger() || type.dtype() == DType.BOOL;
        if (!isWhole || type.rank() > 1) return null;
        var extents = extents(value);
        if (extents == null || !extents.stream().allMatch(Dimension::isFixed)) return null;
        var tensor = Tensor.zeros(type.dtype(), type.shape().toInts());
        for (int i = 0; i < extents.size(); i++) tensor.setLong(i, extents.get(i).value());
        return tensor;
    }

    /// {@return the elements of an integer vector of fixed length, each a number or made of the
    /// symbols of shapes; none for those that only a run gives}
    List<Optional<Dimension>> entries(Value value) {
        var found = new IdentityHashMap<Value, List<Dimension>>();
        var arithmetic = new ShapeArithmetic(part -> entries(part, found));
        for (var node : nodes(value)) {
            var made = arithmetic.of(node);
            if (made != null) found.put(node.outputs().getFirst(), made);
        }
        var entries = entries(value, found);
        if (entries == null) return List.of();
        return entries.stream()
                .map(e -> Optional.of(e).filter(known -> !known.toString().contains(UNKNOWN)))
                .toList();
    }

    /// {@return the elements as far as they are known, a symbol of its own for each that is not}
    private @Nullable List<Dimension> entries(
            Value value, IdentityHashMap<Value, List<Dimension>> found) {
        var tensor = get(value);
        if (tensor != null) return ShapeArithmetic.of(tensor);
        var entries = found.get(value);
        var type = value.type();
        if (entries != null || !type.dtype().isInteger() || type.rank() > 1) return entries;
        if (!type.shape().isFixed() || type.shape().elements().value() > MOST_ENTRIES) return null;
        var unknown = new ArrayList<Dimension>();
        for (int i = 0; i < type.shape().elements().value(); i++)
            unknown.add(Dimension.symbol(UNKNOWN + found.size() + "." + i));
        found.put(value, unknown);
        return unknown;
    }

    private @Nullable List<Dimension> knownExtents(Value value) {
        var tensor = get(value);
        return tensor == null ? symbolic.get(value) : ShapeArithmetic.of(tensor);
    }
}
