package io.webdnn.importer.onnx;

import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.EnsureShape;
import io.webdnn.graph.op.Op;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The extents that a model leaves open. Where one meets another that it must be equal to, it is
/// taken to be that one, and a run in which it is not is refused ([EnsureShape]).
final class OpenExtents {
    private final Set<String> symbols = new HashSet<>(); // of inputs

    /// Notes the extents of an input.
    void add(Shape shape) {
        symbols.addAll(shape.symbols());
    }

    /// {@return the shapes that each operand must agree with; none if the operator asks for no such
    /// thing, or nothing is open}
    List<Shape> compared(Op op, List<Value> operands) {
        if (symbols.isEmpty() || !(op instanceof Elementwise) && !(op instanceof Concat))
            return List.of();
        var shapes = new ArrayList<Shape>();
        for (var operand : operands) {
            if (operand.isAbsent()) continue;
            var shape = operand.type().shape();
            shapes.add(op instanceof Concat(int axis) ? without(shape, axis) : shape);
        }
        return shapes;
    }

    /// {@return a shape that says nothing about an axis, if there is one}
    private static Shape without(Shape shape, int axis) {
        int place = axis < 0 ? axis + shape.rank() : axis;
        return place < 0 || place >= shape.rank() ? shape : shape.with(place, Dimension.of(1));
    }

    /// {@return a shape that broadcasts with others: an extent of inputs that is not the same as
    /// theirs becomes so, since symbols are never 1}
    Shape agreed(Shape shape, List<Shape> others) {
        var extents = new ArrayList<Dimension>();
        for (int fromEnd = 1; fromEnd <= shape.rank(); fromEnd++)
            extents.addFirst(agreed(shape.get(shape.rank() - fromEnd), others, fromEnd));
        return new Shape(extents);
    }

    private Dimension agreed(Dimension extent, List<Shape> others, int fromEnd) {
        if (extent.isFixed() || !isOfInputs(extent)) return extent;
        var all = new ArrayList<Dimension>();
        for (var other : others) {
            if (other.rank() < fromEnd) continue;
            var beside = other.get(other.rank() - fromEnd);
            if (isOfInputs(beside)) all.add(beside);
        }
        if (all.stream().allMatch(extent::equals)) return extent;
        if (Dimension.of(1).minus(extent).isNonNegative()) return Dimension.of(1);
        var free = extent.withoutLimits();
        for (var beside : all)
            if (!beside.equals(extent) && beside.withoutLimits().equals(free)) return free;
        all.removeIf(beside -> beside.is(1));
        if (all.stream().allMatch(extent::equals)) return extent;
        return all.stream().filter(Dimension::isFixed).findFirst().orElse(all.getFirst());
    }

    /// Whether an extent is known once the inputs are: a number, or made of their symbols.
    private boolean isOfInputs(Dimension extent) {
        return symbols.containsAll(extent.symbols());
    }

    /// {@return a value of a shape; runs in which the extents of inputs make another are refused.
    /// The value as it is where an extent that differs is not of inputs}
    Value ensured(Value value, Shape shape) {
        var before = value.type().shape();
        if (shape.equals(before)) return value;
        for (int d = 0; d < shape.rank(); d++)
            if (!shape.get(d).equals(before.get(d)) && !isOfInputs(before.get(d))) return value;
        return new Node(new EnsureShape(shape), value.name(), List.of(value)).outputs().getFirst();
    }
}
