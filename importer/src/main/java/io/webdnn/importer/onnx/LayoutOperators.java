package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Extents;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.GatherElements;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.MeasuredSlice;
import io.webdnn.graph.op.NonZero;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Range;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Resize;
import io.webdnn.graph.op.ScatterElements;
import io.webdnn.graph.op.Size;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Split;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Operators that move elements, and those that make them.
final class LayoutOperators {
    private static final int MOST_PARTS = 1 << 16;

    private LayoutOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Constant", single(LayoutOperators::constant));
        table.put("Concat", single(LayoutOperators::concat));
        table.put("ConstantOfShape", single(LayoutOperators::constantOfShape));
        table.put("Expand", single(LayoutOperators::expand));
        table.put("Flatten", single(LayoutOperators::flatten));
        table.put(
                "Gather",
                single(n -> n.apply(new Gather(n.axis("axis", 0)), n.input(0), n.input(1))));
        table.put(
                "GatherElements",
                single(n ->
                        n.apply(new GatherElements(n.axis("axis", 0)), n.input(0), n.input(1))));
        table.put("NonZero", single(LayoutOperators::nonZero));
        table.put("Resize", single(LayoutOperators::resize));
        table.put("Scatter", single(LayoutOperators::scatterElements));
        table.put("ScatterElements", single(LayoutOperators::scatterElements));
        table.put("Upsample", single(LayoutOperators::upsample));
        table.put("Pad", single(LayoutOperators::pad));
        table.put("Range", single(LayoutOperators::range));
        table.put("Shape", single(LayoutOperators::shape));
        table.put("Size", single(LayoutOperators::size));
        table.put("Slice", single(LayoutOperators::slice));
        table.put("Split", LayoutOperators::split);
        table.put("Squeeze", single(LayoutOperators::squeeze));
        table.put("Unsqueeze", single(LayoutOperators::unsqueeze));
        table.put("Reshape", single(LayoutOperators::reshape));
        table.put("Transpose", single(LayoutOperators::transpose));
    }

    private static Value constant(Translation node) {
        var tensor = node.tensor("value");
        if (tensor == null) tensor = node.tensor("sparse_value");
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
                    Tensor.of(DType.STRING, new String[] {node.text("value_string", "")}));
        if (integers != null) return node.vector(integers);
        if (texts != null)
            return node.constant(
                    Tensor.of(DType.STRING, texts.toArray(new String[0]), texts.size()));
        if (reals == null) throw node.wrong("value", "one", "none");
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
        if (extents == null && node.isMeasured(1))
            return MeasuredOperators.reshape(node, allowzero);
        if (extents != null && !extents.stream().allMatch(Dimension::isFixed))
            return reshape(node, node.input(0), resolved(node, extents, allowzero));
        return node.apply(new Reshape(allowzero), node.input(0), node.input(1));
    }

    /// {@return the extents without those that stand for others: 0 and −1}
    private static Shape resolved(Translation node, List<Dimension> extents, boolean allowzero) {
        var from = node.shape(0);
        var shape = new ArrayList<Dimension>();
        int rest = -1;
        for (int d = 0; d < extents.size(); d++) {
            var extent = extents.get(d);
            if (extent.is(-1)) rest = d;
            boolean copies = extent.is(0) && !allowzero && d < from.rank();
            shape.add(copies ? from.get(d) : extent.is(-1) ? Dimension.of(1) : extent);
        }
        if (rest >= 0) {
            var known = shape.stream().reduce(Dimension.of(1), Dimension::times);
            if (known.is(0)) throw node.wrong("shape", "no 0 beside −1", extents);
            shape.set(rest, from.elements().exactlyDividedBy(known));
        }
        return new Shape(shape);
    }

    /// {@return the value under a shape that may hold symbols: those of its own axes are copied,
    /// one more is what is left}
    static Value reshape(Translation node, Value value, Shape to) {
        var shape = new ArrayList<Long>();
        var from = value.type().shape();
        for (int d = 0; d < to.rank(); d++) {
            var extent = to.get(d);
            if (extent.isFixed()) shape.add(extent.value());
            else shape.add(d < from.rank() && from.get(d).equals(extent) ? 0L : -1L);
        }
        if (shape.stream().filter(e -> e == -1).count() > 1 || !to.isFixed() && hasZero(to))
            throw node.wrong("shape", "one symbol, beside those of the same axes", to);
        return node.apply(new Reshape(hasZero(to)), value, node.vector(shape));
    }

    private static boolean hasZero(Shape shape) {
        return shape.dimensions().stream().anyMatch(d -> d.is(0));
    }

    private static Value transpose(Translation node) {
        int rank = node.rank(0);
        var order = node.integers("perm");
        if (order == null) return node.apply(Transpose.reversing(rank), node.input(0));
        List<Integer> permutation = node.integers("perm", rank, 0);
        return node.apply(new Transpose(permutation), node.input(0));
    }

    private static Value concat(Translation node) {
        if (!node.hasAttribute("axis")) throw node.wrong("axis", "an int", "none");
        return node.applyAll(new Concat(node.axis("axis", 0)), node.inputs()).getFirst();
    }

    private static Value constantOfShape(Translation node) {
        var fill = node.tensor("value");
        if (fill == null) fill = Tensor.scalar(DType.FLOAT32, 0);
        if (fill.size() != 1) throw node.wrong("value", "one element", fill);
        return expand(node, node.constant(fill.reshape()), 0);
    }

    private static Value expand(Translation node) {
        return expand(node, node.input(0), 1);
    }

    private static Value expand(Translation node, Value x, int shape) {
        var extents = node.extents(shape);
        if (extents == null && node.isMeasured(shape))
            return MeasuredOperators.expand(node, x, shape);
        if (extents == null) return node.apply(new Expand(), x, node.input(shape));
        var agreed = isShape(extents) ? node.agreeing(x, new Shape(extents)) : x;
        boolean isFixed = extents.stream().allMatch(Dimension::isFixed);
        var wanted = node.input(shape);
        return node.apply(
                new Expand(),
                agreed,
                isFixed ? wanted : node.apply(new Extents("", extents), wanted));
    }

    private static boolean isShape(List<Dimension> extents) {
        return extents.stream().allMatch(Dimension::isNonNegative);
    }

    /// Before opset 11, pads and value are attributes; before opset 2, pads are called paddings.
    private static Value pad(Translation node) {
        var mode =
                Pad.Mode.valueOf(
                        node.choice("mode", "constant", "reflect", "edge", "wrap")
                                .toUpperCase(Locale.ROOT));
        if (node.opset() >= 11 && node.isOfRun(1)) return MeasuredOperators.pad(node, mode);
        if (node.opset() >= 11) return node.applyAll(new Pad(mode), node.inputs()).getFirst();
        var pads = node.integers("pads");
        if (pads == null) throw node.wrong("pads", "ints", "none");
        return node.apply(
                new Pad(mode),
                node.input(0),
                node.vector(pads),
                node.scalar(node.type(0).dtype(), node.real("value", 0)));
    }

    /// Narrow floats are computed in what `stash_type` says, by default float32, so that steps are
    /// not lost.
    private static Value range(Translation node) {
        var stash = node.dtype("stash_type", DType.FLOAT32);
        var dtype = node.type(0).dtype();
        if (!dtype.isFloat() || dtype.bits() >= 32) return range(node, node.inputs());
        if (!stash.isFloat()) throw node.wrong("stash_type", "a float", stash);
        var wide = node.inputs().stream().map(x -> node.cast(x, stash)).toList();
        return node.cast(range(node, wide), dtype);
    }

    private static Value range(Translation node, List<Value> bounds) {
        boolean isWhole = bounds.getFirst().type().dtype() == DType.INT64;
        boolean isMeasured =
                bounds.size() == 3
                        && bounds.stream().anyMatch(isWhole ? node::isMeasured : node::isOfRun);
        return isMeasured
                ? MeasuredOperators.range(node, bounds)
                : node.applyAll(new Range(), bounds).getFirst();
    }

    /// A shape without symbols is a constant, whatever the tensor is.
    private static Value shape(Translation node) {
        var x = node.sized(0);
        int rank = x.type().rank();
        int start = bound(node.axis("start", 0), rank);
        int end = bound(node.hasAttribute("end") ? node.axis("end", 0) : rank, rank);
        var part = x.type().shape().slice(start, Math.max(start, end));
        if (!part.isFixed()) return node.apply(new io.webdnn.graph.op.Shape(start, end), x);
        return node.vector(part.dimensions().stream().map(Dimension::value).toList());
    }

    private static int bound(int bound, int rank) {
        return Math.clamp(bound < 0 ? bound + rank : bound, 0, rank);
    }

    private static Value size(Translation node) {
        var x = node.sized(0);
        var elements = x.type().shape().elements();
        return elements.isFixed()
                ? node.constant(Tensor.of(new long[] {elements.value()}))
                : node.apply(new Size(), x);
    }

    /// Before opset 10, the bounds are attributes.
    private static Value slice(Translation node) {
        if (node.opset() >= 10)
            return isPlaced(node, 1) && isPlaced(node, 2)
                    ? node.applyAll(new Slice(), node.inputs()).getFirst()
                    : measuredSlice(node);
        var starts = node.integers("starts");
        var ends = node.integers("ends");
        var axes = node.integers("axes");
        if (starts == null) throw node.wrong("starts", "ints", "none");
        if (ends == null) throw node.wrong("ends", "ints", "none");
        var operands =
                new ArrayList<>(List.of(node.input(0), node.vector(starts), node.vector(ends)));
        if (axes != null) operands.add(node.vector(axes));
        return node.applyAll(new Slice(), operands).getFirst();
    }

    /// {@return whether bounds are known, or it is known that they are negative or are not}
    private static boolean isPlaced(Translation node, int input) {
        if (node.isMeasured(input)) return false;
        if (!node.isOfRun(input)) return true;
        var bounds = node.extents(input);
        return bounds != null
                && node.type(input).dtype() == DType.INT64
                && bounds.stream().allMatch(LayoutOperators::hasSign);
    }

    private static boolean hasSign(Dimension bound) {
        return bound.isNonNegative() || bound.times(-1).plus(-1).isNonNegative();
    }

    private static Value measuredSlice(Translation node) {
        if (node.rank(1) != 1) throw node.wrong("starts", "rank 1", node.type(1));
        int count = node.fixed(1, 0);
        var axes = entries(node, 3, "axes", count);
        var steps = entries(node, 4, "steps", count);
        var order = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) order.add(axes == null ? i : Math.toIntExact(axes.get(i)));
        var sizes = steps == null ? Collections.nCopies(count, 1L) : steps;
        var op = new MeasuredSlice(order, sizes, node.unique("count"));
        return node.apply(op, node.input(0), near(node, 1), near(node, 2));
    }

    /// {@return bounds; those that are known within 32 bits, which no axis leaves}
    private static Value near(Translation node, int input) {
        var known = node.evaluate(node.input(input));
        if (known == null) return node.input(input);
        var bounds = new int[known.size()];
        for (int i = 0; i < bounds.length; i++)
            bounds[i] = Math.clamp(known.getLong(i), -Integer.MAX_VALUE, Integer.MAX_VALUE);
        return node.constant(Tensor.of(bounds, known.shape()));
    }

    private static @Nullable List<Long> entries(
            Translation node, int input, String argument, int count) {
        if (!node.has(input)) return null;
        var values = node.knownIntegers(input, argument);
        if (values.length != count) throw node.wrong(argument, count + " entries", values.length);
        return Arrays.stream(values).boxed().toList();
    }

    /// Before opset 13, the extents are an attribute; since opset 18, the number of parts may be
    /// one.
    private static List<Value> split(Translation node) {
        int parts = Math.toIntExact(node.integer("num_outputs", node.outputs()));
        if (parts > MOST_PARTS) throw node.wrong("num_outputs", "at most " + MOST_PARTS, parts);
        var op = new Split(node.axis("axis", 0), parts);
        var extents = node.opset() < 13 ? node.integers("split") : null;
        if (node.opset() >= 13 && node.isOfRun(1)) return measuredSplit(node, op.axis(), parts);
        return extents == null
                ? node.applyAll(op, node.inputs())
                : node.applyAll(op, List.of(node.input(0), node.vector(extents)));
    }

    /// Each part starts where the one before it ends.
    private static List<Value> measuredSplit(Translation node, int axis, int parts) {
        var given = node.type(1).shape();
        if (!given.equals(Shape.of(parts))) throw node.wrong("split", parts + " entries", given);
        var start = node.cast(node.vector(0), node.type(1).dtype());
        var results = new ArrayList<Value>();
        for (int i = 0; i < parts; i++) {
            var extent = node.apply(new Gather(0), node.input(1), node.vector(i));
            var end = node.add(start, extent);
            var op = new MeasuredSlice(List.of(axis), List.of(1L), node.unique("part." + i));
            results.add(node.apply(op, node.input(0), start, end));
            start = end;
        }
        return results;
    }

    /// Before opset 13, the axes are an attribute.
    private static Value squeeze(Translation node) {
        var axes = node.opset() < 13 ? node.integers("axes") : null;
        if (axes != null) {
            var single = squeezable(node, axes.stream().mapToLong(Long::longValue).toArray());
            return node.apply(new Squeeze(), single, node.vector(axes));
        }
        var known = node.opset() >= 13 && node.has(1) ? node.evaluate(node.input(1)) : null;
        if (known == null) return node.applyAll(new Squeeze(), node.inputs()).getFirst();
        var order = new long[known.size()];
        for (int i = 0; i < order.length; i++) order[i] = known.getLong(i);
        return node.apply(new Squeeze(), squeezable(node, order), node.input(1));
    }

    /// {@return input 0; runs in which a symbolic extent of these axes is not 1 are refused}
    private static Value squeezable(Translation node, long[] axes) {
        var x = node.input(0);
        var shape = x.type().shape();
        int rank = shape.rank();
        for (int d = 0; d < rank; d++) {
            int at = d;
            boolean drops = Arrays.stream(axes).anyMatch(axis -> axis == at || axis == at - rank);
            if (drops && !shape.get(d).isFixed()) shape = shape.with(d, Dimension.of(1));
        }
        return node.ensured(x, shape);
    }

    private static Value unsqueeze(Translation node) {
        if (node.opset() >= 13) return node.apply(new Unsqueeze(), node.input(0), node.input(1));
        var axes = node.integers("axes");
        if (axes == null) throw node.wrong("axes", "ints", "none");
        return node.apply(new Unsqueeze(), node.input(0), node.vector(axes));
    }

    /// The number of columns is a symbol that nothing else is called.
    private static Value nonZero(Translation node) {
        return node.apply(new NonZero(node.unique("count")), node.input(0));
    }

    private static Value scatterElements(Translation node) {
        var combine = IndexOperators.combine(node);
        return node.apply(
                new ScatterElements(node.axis("axis", 0), combine),
                node.input(0),
                node.input(1),
                node.input(2));
    }

    private static Value resize(Translation node) {
        if (node.opset() < 11) return upsample(node);
        var axes = node.integers("axes");
        var op =
                new Resize(
                        Resize.Mode.valueOf(word(node, "mode", "nearest", "linear", "cubic")),
                        Resize.Coordinates.valueOf(
                                word(
                                        node,
                                        "coordinate_transformation_mode",
                                        "half_pixel",
                                        "half_pixel_symmetric",
                                        "pytorch_half_pixel",
                                        "align_corners",
                                        "asymmetric",
                                        "tf_half_pixel_for_nn",
                                        "tf_crop_and_resize")),
                        Resize.Nearest.valueOf(
                                word(
                                        node,
                                        "nearest_mode",
                                        "round_prefer_floor",
                                        "round_prefer_ceil",
                                        "floor",
                                        "ceil")),
                        Resize.AspectRatio.valueOf(
                                word(
                                        node,
                                        "keep_aspect_ratio_policy",
                                        "stretch",
                                        "not_larger",
                                        "not_smaller")),
                        node.flag("antialias", false),
                        node.flag("exclude_outside", false),
                        node.real("cubic_coeff_a", -0.75f),
                        node.real("extrapolation_value", 0),
                        axes == null ? List.of() : node.integers("axes", axes.size(), 0));
        var extents = node.has(3) ? node.extents(3) : null;
        if (extents == null && node.isMeasured(3)) return MeasuredOperators.resize(node, op);
        if (!node.has(3) && node.isOfRun(2)) return ScaledResize.resized(node, op, 2);
        return extents == null || extents.stream().allMatch(Dimension::isFixed)
                ? node.applyAll(op, node.inputs()).getFirst()
                : resize(node, op, extents);
    }

    /// Sizes with symbols: an axis that keeps its extent is none of those that are resized.
    private static Value resize(Translation node, Resize op, List<Dimension> sizes) {
        var axes = new ArrayList<Integer>();
        var others = new ArrayList<Long>();
        int rank = node.rank(0);
        int count = op.axes().isEmpty() ? rank : op.axes().size();
        if (sizes.size() != count) throw node.wrong("sizes", count + " entries", sizes);
        for (int i = 0; i < sizes.size(); i++) {
            int axis = op.axes().isEmpty() ? i : Math.floorMod(op.axes().get(i), rank);
            if (node.shape(0).get(axis).equals(sizes.get(i))) continue;
            if (!sizes.get(i).isFixed()) {
                var shape = node.apply(new Extents("", sizes), node.input(3));
                return node.apply(op, node.input(0), Value.ABSENT, Value.ABSENT, shape);
            }
            if (op.policy() != Resize.AspectRatio.STRETCH
                    || op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE)
                throw node.wrong("sizes", "numbers, or the input's extents", sizes);
            axes.add(axis);
            others.add(sizes.get(i).value());
        }
        if (axes.isEmpty()) return node.apply(new Identity(), node.input(0));
        return node.apply(
                new Resize(
                        op.mode(),
                        op.coordinates(),
                        op.nearest(),
                        op.policy(),
                        op.antialias(),
                        op.excludeOutside(),
                        op.cubicCoefficient(),
                        op.extrapolationValue(),
                        axes),
                node.input(0),
                Value.ABSENT,
                Value.ABSENT,
                node.vector(others));
    }

    private static String word(Translation node, String attribute, String... choices) {
        return node.choice(attribute, choices).toUpperCase(Locale.ROOT);
    }

    /// Also Resize of opset 10: the place of an element is its index divided by the scale.
    private static Value upsample(Translation node) {
        var mode = node.choice("mode", "nearest", "linear");
        var op =
                new Resize(
                        Resize.Mode.valueOf(mode.toUpperCase(Locale.ROOT)),
                        Resize.Coordinates.ASYMMETRIC,
                        Resize.Nearest.FLOOR);
        var scales = node.reals("scales");
        if (scales == null && node.isOfRun(1)) return ScaledResize.resized(node, op, 1);
        if (scales == null) return node.apply(op, node.input(0), Value.ABSENT, node.input(1));
        var values = new float[scales.size()];
        for (int i = 0; i < values.length; i++) values[i] = scales.get(i);
        var operand = node.constant(Tensor.of(values, values.length));
        return node.apply(op, node.input(0), Value.ABSENT, operand);
    }
}
