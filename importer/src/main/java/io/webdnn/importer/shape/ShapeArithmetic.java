package io.webdnn.importer.shape;

import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Size;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What exporters compute with shapes (take the batch size, join it with −1, reshape), on extents
/// that may be symbols: vectors and scalars of integers, element by element.
public final class ShapeArithmetic {
    private final Function<Value, @Nullable List<Dimension>> extents;

    /// @param extents gives the elements of the operands, null where they are not known
    public ShapeArithmetic(Function<Value, @Nullable List<Dimension>> extents) {
        this.extents = extents;
    }

    /// {@return the elements of a node's only output, or null if they are not of this kind}
    public @Nullable List<Dimension> of(Node node) {
        var type = node.outputs().getFirst().type();
        if (!type.dtype().isInteger() || type.rank() > 1) return null;
        return switch (node.op()) {
            case Shape(int start, int end) -> {
                var shape = node.input(0).type().shape();
                int from = bound(start, shape.rank());
                yield shape.slice(from, Math.max(from, bound(end, shape.rank()))).dimensions();
            }
            case Size _ -> List.of(node.input(0).type().shape().elements());
            case Identity _, Cast _, Squeeze _, Unsqueeze _, Reshape _ ->
                    extents.apply(node.input(0));
            case Add _ -> pairs(node, Dimension::plus);
            case Sub _ -> pairs(node, Dimension::minus);
            case Mul _ -> pairs(node, Dimension::times);
            case Div _ -> divided(node);
            case Concat _ -> joined(node);
            case Gather _ -> gathered(node);
            case Slice _ -> sliced(node);
            case ReduceProd _ -> {
                var factors = extents.apply(node.input(0));
                yield factors == null
                        ? null
                        : List.of(factors.stream().reduce(Dimension.of(1), Dimension::times));
            }
            default -> null; // other operators do not make shapes
        };
    }

    private static int bound(int bound, int rank) {
        return Math.clamp(bound < 0 ? bound + rank : bound, 0, rank);
    }

    private @Nullable List<Dimension> pairs(Node node, BinaryOperator<Dimension> operator) {
        var a = extents.apply(node.input(0));
        var b = extents.apply(node.input(1));
        if (a == null || b == null || a.size() != b.size() && a.size() != 1 && b.size() != 1)
            return null;
        var result = new ArrayList<Dimension>();
        int count = a.size() == 1 ? b.size() : a.size();
        for (int i = 0; i < count; i++)
            result.add(operator.apply(a.get(a.size() == 1 ? 0 : i), b.get(b.size() == 1 ? 0 : i)));
        return result;
    }

    /// ONNX truncates; of extents, which are not negative, that is the floor.
    private @Nullable List<Dimension> divided(Node node) {
        var divisors = extents.apply(node.input(1));
        if (divisors == null || !divisors.stream().allMatch(d -> d.isFixed() && d.value() > 0))
            return null;
        return pairs(node, (a, b) -> a.floorDividedBy(b.value()));
    }

    private @Nullable List<Dimension> joined(Node node) {
        var result = new ArrayList<Dimension>();
        for (var input : node.inputs()) {
            var part = extents.apply(input);
            if (part == null) return null;
            result.addAll(part);
        }
        return result;
    }

    private @Nullable List<Dimension> gathered(Node node) {
        var data = extents.apply(node.input(0));
        var indices = fixed(node, 1);
        if (data == null || indices == null) return null;
        var result = new ArrayList<Dimension>();
        for (long index : indices) {
            long at = index < 0 ? index + data.size() : index;
            if (at < 0 || at >= data.size()) return null;
            result.add(data.get((int) at));
        }
        return result;
    }

    private @Nullable List<Dimension> sliced(Node node) {
        var data = extents.apply(node.input(0));
        var starts = fixed(node, 1);
        var ends = fixed(node, 2);
        var steps =
                node.inputs().size() > 4 && !node.input(4).isAbsent()
                        ? fixed(node, 4)
                        : List.of(1L);
        if (data == null || starts == null || ends == null || steps == null) return null;
        if (starts.size() != 1 || ends.size() != 1 || !steps.equals(List.of(1L))) return null;
        int from = limited(starts.getFirst(), data.size());
        return data.subList(from, Math.max(from, limited(ends.getFirst(), data.size())));
    }

    private static int limited(long bound, int count) {
        return Math.clamp(bound < 0 ? bound + count : bound, 0, count);
    }

    private @Nullable List<Long> fixed(Node node, int i) {
        var values = extents.apply(node.input(i));
        return values == null || !values.stream().allMatch(Dimension::isFixed)
                ? null
                : values.stream().map(Dimension::value).toList();
    }

    /// {@return the elements of a known tensor of integers, or null}
    public static @Nullable List<Dimension> of(Tensor tensor) {
        if (!tensor.dtype().isInteger() || tensor.rank() > 1) return null;
        var extents = new ArrayList<Dimension>();
        for (int i = 0; i < tensor.size(); i++) extents.add(Dimension.of(tensor.getLong(i)));
        return extents;
    }
}
