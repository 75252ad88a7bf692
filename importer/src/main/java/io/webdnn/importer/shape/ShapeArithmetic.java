package io.webdnn.importer.shape;

import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.CumSum;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.GreaterOrEqual;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Mod;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.Not;
import io.webdnn.graph.op.ReduceProd;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Size;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What exporters compute with shapes (take the batch size, join it with −1, reshape), on extents
/// that may be symbols: vectors and scalars of whole numbers, element by element, of integers, bool
/// (0 and 1) and floats, which hold such numbers up to 2²⁴.
public final class ShapeArithmetic {
    /// What repeats one number may have so many elements: more is no shape.
    private static final int MOST_ELEMENTS = 64;

    private final Function<Value, @Nullable List<Dimension>> extents;

    /// @param extents gives the elements of the operands, null where they are not known
    public ShapeArithmetic(Function<Value, @Nullable List<Dimension>> extents) {
        this.extents = extents;
    }

    /// {@return the elements of a node's only output, or null if they are not of this kind}
    public @Nullable List<Dimension> of(Node node) {
        var type = node.outputs().getFirst().type();
        if (type.dtype() == DType.STRING || type.rank() > 1) return null;
        return switch (node.op()) {
            case Shape(int start, int end) -> {
                var shape = node.input(0).type().shape();
                int from = bound(start, shape.rank());
                yield shape.slice(from, Math.max(from, bound(end, shape.rank()))).dimensions();
            }
            case Size _ -> List.of(node.input(0).type().shape().elements());
            case Extents known -> known.extents();
            case Identity _, Squeeze _, Unsqueeze _, Reshape _ -> extents.apply(node.input(0));
            case Cast _ -> cast(node);
            case Add _ -> all(node, Dimension::plus);
            case Sub _ -> all(node, Dimension::minus);
            case Mul _ -> all(node, Dimension::times);
            case Neg _ -> each(node, (a, _) -> a.times(-1));
            case Min _ -> all(node, Dimension::min);
            case Max _ -> all(node, Dimension::max);
            case Div _ when type.dtype().isInteger() -> divided(node);
            case Mod _ when type.dtype().isInteger() -> remainders(node);
            case Less _ -> all(node, ShapeArithmetic::isLess);
            case LessOrEqual _ -> all(node, (a, b) -> not(isLess(b, a)));
            case Greater _ -> all(node, (a, b) -> isLess(b, a));
            case GreaterOrEqual _ -> all(node, (a, b) -> not(isLess(a, b)));
            case Equal _ -> all(node, ShapeArithmetic::isEqual);
            case Not _ -> each(node, (a, _) -> not(a));
            case Where _ -> chosen(node);
            case CumSum(boolean exclusive, boolean reverse) -> sums(node, exclusive, reverse);
            case Expand _ -> expanded(node, type);
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

    /// What two elements make, null if it cannot be said.
    @FunctionalInterface
    private interface Operator {
        @Nullable Dimension of(Dimension a, Dimension b);
    }

    /// {@return what an operator makes of all operands of a node, one after another}
    private @Nullable List<Dimension> all(Node node, Operator operator) {
        var result = extents.apply(node.input(0));
        for (int i = 1; i < node.inputs().size(); i++)
            result = pairs(result, extents.apply(node.input(i)), operator);
        return result;
    }

    private @Nullable List<Dimension> each(Node node, Operator operator) {
        var elements = extents.apply(node.input(0));
        return pairs(elements, elements, operator);
    }

    private static @Nullable List<Dimension> pairs(
            @Nullable List<Dimension> a, @Nullable List<Dimension> b, Operator operator) {
        if (a == null || b == null || a.size() != b.size() && a.size() != 1 && b.size() != 1)
            return null;
        var result = new ArrayList<Dimension>();
        int count = a.size() == 1 ? b.size() : a.size();
        for (int i = 0; i < count; i++) {
            var made = operator.of(a.get(a.size() == 1 ? 0 : i), b.get(b.size() == 1 ? 0 : i));
            if (made == null) return null;
            result.add(made);
        }
        return result;
    }

    private @Nullable List<Dimension> cast(Node node) {
        var elements = extents.apply(node.input(0));
        if (elements == null || node.outputs().getFirst().type().dtype() != DType.BOOL)
            return elements;
        return each(node, (a, _) -> not(isEqual(a, Dimension.of(0))));
    }

    private static @Nullable Dimension isLess(Dimension a, Dimension b) {
        if (b.minus(a).plus(-1).isNonNegative()) return Dimension.of(1);
        return a.minus(b).isNonNegative() ? Dimension.of(0) : null;
    }

    private static @Nullable Dimension isEqual(Dimension a, Dimension b) {
        if (a.equals(b)) return Dimension.of(1);
        var isLess = isLess(a, b);
        var isMore = isLess(b, a);
        boolean differs = isLess != null && isLess.is(1) || isMore != null && isMore.is(1);
        return differs ? Dimension.of(0) : null;
    }

    private static @Nullable Dimension not(@Nullable Dimension truth) {
        return truth == null || !truth.isFixed() ? null : Dimension.of(truth.is(0) ? 1 : 0);
    }

    private @Nullable List<Dimension> chosen(Node node) {
        var conditions = fixed(node, 0);
        var then = extents.apply(node.input(1));
        var otherwise = extents.apply(node.input(2));
        if (conditions == null || then == null || otherwise == null) return null;
        int count = 1;
        for (var elements : List.of(conditions, then, otherwise)) {
            int size = elements.size();
            if (size != 1 && count != 1 && size != count) return null;
            if (size != 1) count = size;
        }
        var result = new ArrayList<Dimension>();
        for (int i = 0; i < count; i++) {
            var from = at(conditions, i, count) == 0 ? otherwise : then;
            result.add(at(from, i, count));
        }
        return result;
    }

    private static <T> T at(List<T> elements, int i, int count) {
        return elements.get(elements.size() == count ? i : 0);
    }

    private @Nullable List<Dimension> sums(Node node, boolean exclusive, boolean reverse) {
        var elements = extents.apply(node.input(0));
        if (elements == null) return null;
        var sum = Dimension.of(0);
        var result = new ArrayList<Dimension>();
        for (var element : reverse ? elements.reversed() : elements) {
            var next = sum.plus(element);
            result.add(exclusive ? sum : next);
            sum = next;
        }
        return reverse ? result.reversed() : result;
    }

    private @Nullable List<Dimension> expanded(Node node, TensorType to) {
        var elements = extents.apply(node.input(0));
        if (elements == null || !to.shape().isFixed()) return null;
        long count = to.shape().elements().value();
        if (elements.size() == count) return elements;
        return elements.size() == 1 && count <= MOST_ELEMENTS
                ? Collections.nCopies((int) count, elements.getFirst())
                : null;
    }

    /// Of extents, which are not negative, ONNX's remainders are those of the floor.
    private @Nullable List<Dimension> remainders(Node node) {
        return all(
                node,
                (a, b) ->
                        b.isFixed() && b.value() > 0 && a.isNonNegative()
                                ? a.minus(a.floorDividedBy(b.value()).times(b))
                                : null);
    }

    /// ONNX truncates; of extents, which are not negative, that is the floor.
    private @Nullable List<Dimension> divided(Node node) {
        var divisors = extents.apply(node.input(1));
        if (divisors == null || !divisors.stream().allMatch(d -> d.isFixed() && d.value() > 0))
            return null;
        return all(node, (a, b) -> a.floorDividedBy(b.value()));
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

    /// {@return the elements of a known tensor of whole numbers, or null}
    public static @Nullable List<Dimension> of(Tensor tensor) {
        boolean isFloat = tensor.dtype().isFloat();
        boolean isKnown = isFloat || tensor.dtype().isInteger() || tensor.dtype() == DType.BOOL;
        if (!isKnown || tensor.rank() > 1) return null;
        var extents = new ArrayList<Dimension>();
        for (int i = 0; i < tensor.size(); i++) {
            if (isFloat && !isWhole(tensor.getDouble(i))) return null;
            extents.add(
                    Dimension.of(isFloat ? Math.round(tensor.getDouble(i)) : tensor.getLong(i)));
        }
        return extents;
    }

    private static boolean isWhole(double value) {
        return value == Math.rint(value) && Math.abs(value) <= 1 << 24;
    }
}
