package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Floor;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.LessOrEqual;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Resize;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Where;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Resize by scales that only a run gives, one axis after another: a gather for each element near a
/// place, and its weight. An axis whose scale is known to be 1 stays; the others are as long as
/// their extent times the scale, in float32 and rounded down.
final class ScaledResize {
    private final Translation node;
    private final Resize op;

    private ScaledResize(Translation node, Resize op) {
        this.node = node;
        this.op = op;
    }

    /// @param scales the position of the scales among the inputs
    static Value resized(Translation node, Resize op, int scales) {
        if (op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE
                || op.antialias()
                || op.excludeOutside())
            throw node.wrong(
                    "scales",
                    "known when compiling, where it is cropped, smoothed or leaves out what is"
                            + " outside",
                    "data");
        int rank = node.rank(0);
        var axes =
                op.axes().isEmpty()
                        ? IntStream.range(0, rank).boxed().toList()
                        : op.axes().stream().map(axis -> Math.floorMod(axis, rank)).toList();
        if (node.rank(scales) != 1 || !node.shape(scales).get(0).is(axes.size()))
            throw node.wrong("scales", axes.size() + " entries", node.type(scales));
        var resize = new ScaledResize(node, op);
        var dtype = node.type(0).dtype();
        boolean isWeighted = op.mode() != Resize.Mode.NEAREST;
        var x = node.input(0);
        if (isWeighted) x = node.cast(x, ReductionOperators.wide(dtype));
        for (int i = 0; i < axes.size(); i++) {
            var known = resize.known(node.input(scales), i);
            if (known != null && known.getDouble(0) == 1) continue;
            var scale = node.apply(new Gather(0), node.input(scales), node.vector(i));
            x = resize.along(x, axes.get(i), node.cast(scale, DType.FLOAT32));
        }
        return node.cast(x, dtype);
    }

    /// {@return an element of a vector, if it is known though others may not be}
    private @Nullable Tensor known(Value vector, int i) {
        var node = vector.producer();
        if (node == null || !(node.op() instanceof Concat)) return one(vector, i);
        int from = 0;
        for (var part : node.inputs()) {
            var count = part.type().shape().get(0);
            if (!count.isFixed()) return null;
            if (i < from + count.value()) return one(part, i - from);
            from += Math.toIntExact(count.value());
        }
        return null;
    }

    private @Nullable Tensor one(Value vector, int i) {
        return node.evaluate(node.apply(new Gather(0), vector, node.vector(i)));
    }

    /// A quotient of floats; its floor is the same on targets whose division is not exact.
    private record Quotient(Value numerator, Value denominator) {}

    private Value number(Value like, double value) {
        return node.like(like, value);
    }

    private Value along(Value x, int axis, Value scale) {
        var extent = node.cast(node.apply(new Shape(axis, axis + 1), x), DType.FLOAT32);
        var whole = node.mul(extent, scale);
        var count = node.cast(whole, DType.INT32); // towards 0
        var length = node.apply(new Reshape(), count, node.vector());
        var place = node.cast(MeasuredOperators.places(node, length, 1, 0), DType.FLOAT32);
        var origin = origin(place, extent, scale, whole, node.cast(count, DType.FLOAT32));
        if (op.mode() == Resize.Mode.NEAREST) return gathered(x, axis, nearest(origin), extent);
        var first = floor(origin);
        var rest = node.sub(origin.numerator(), node.mul(first, origin.denominator()));
        var fraction = node.div(rest, origin.denominator());
        boolean isLinear = op.mode() == Resize.Mode.LINEAR;
        var shape = new long[x.type().rank() - axis];
        Arrays.fill(shape, 1);
        shape[0] = -1;
        Value sum = null;
        for (int tap = isLinear ? 0 : -1; tap < (isLinear ? 2 : 3); tap++) {
            var element = gathered(x, axis, node.add(first, number(first, tap)), extent);
            var weight = isLinear ? linear(fraction, tap) : cubic(fraction, tap);
            weight = node.apply(new Reshape(), weight, node.vector(shape));
            var term = node.mul(element, node.cast(weight, x.type().dtype()));
            sum = sum == null ? term : node.add(sum, term);
        }
        return Objects.requireNonNull(sum);
    }

    /// {@return the elements at places of an axis, those at its ends for places outside}
    private Value gathered(Value x, int axis, Value places, Value extent) {
        var last = node.apply(new Reshape(), extent, node.vector());
        last = node.sub(last, number(last, 1));
        var near = node.apply(new Clip(), places, number(last, 0), last);
        return node.apply(new Gather(axis), x, node.cast(near, DType.INT32));
    }

    private Quotient origin(Value place, Value extent, Value scale, Value whole, Value count) {
        var one = number(scale, 1);
        var half = number(scale, 0.5);
        var middle = node.add(place, half);
        var centred = node.sub(middle, node.mul(half, scale));
        return switch (op.coordinates()) {
            case HALF_PIXEL -> new Quotient(centred, scale);
            case HALF_PIXEL_SYMMETRIC ->
                    new Quotient(node.add(centred, node.mul(half, node.sub(whole, count))), scale);
            case PYTORCH_HALF_PIXEL ->
                    unless(node.apply(new LessOrEqual(), whole, one), centred, scale);
            case ALIGN_CORNERS ->
                    unless(
                            node.apply(new LessOrEqual(), whole, one),
                            node.mul(place, node.sub(extent, one)),
                            node.sub(whole, one));
            case ASYMMETRIC -> new Quotient(place, scale);
            case TF_HALF_PIXEL_FOR_NN -> new Quotient(middle, scale);
            case TF_CROP_AND_RESIZE -> throw new AssertionError("refused before");
        };
    }

    /// {@return 0 where a condition holds}
    private Quotient unless(Value condition, Value numerator, Value denominator) {
        return new Quotient(
                node.apply(new Where(), condition, number(numerator, 0), numerator),
                node.apply(new Where(), condition, number(denominator, 1), denominator));
    }

    private Value floor(Quotient of) {
        var near = node.apply(new Floor(), node.div(of.numerator(), of.denominator()));
        var next = node.add(near, number(near, 1));
        var reached = node.mul(next, of.denominator());
        near =
                node.apply(
                        new Where(),
                        node.apply(new LessOrEqual(), reached, of.numerator()),
                        next,
                        near);
        var product = node.mul(near, of.denominator());
        var isBeyond = node.apply(new Greater(), product, of.numerator());
        return node.apply(new Where(), isBeyond, node.sub(near, number(near, 1)), near);
    }

    private Value ceil(Quotient of) {
        var negative = new Quotient(negated(of.numerator()), of.denominator());
        return negated(floor(negative));
    }

    private Value negated(Value x) {
        return node.mul(x, number(x, -1));
    }

    private Value nearest(Quotient of) {
        var twice = node.mul(of.numerator(), number(of.numerator(), 2));
        var doubled = node.mul(of.denominator(), number(of.denominator(), 2));
        return switch (op.nearest()) {
            case ROUND_PREFER_FLOOR ->
                    ceil(new Quotient(node.sub(twice, of.denominator()), doubled));
            case ROUND_PREFER_CEIL ->
                    floor(new Quotient(node.add(twice, of.denominator()), doubled));
            case FLOOR -> floor(of);
            case CEIL -> ceil(of);
        };
    }

    private Value linear(Value fraction, int tap) {
        return tap == 1 ? fraction : node.sub(number(fraction, 1), fraction);
    }

    /// The kernel of Keys at the distance of a tap.
    private Value cubic(Value fraction, int tap) {
        double a = op.cubicCoefficient();
        var distance =
                tap <= 0
                        ? node.add(fraction, number(fraction, -tap))
                        : node.sub(number(fraction, tap), fraction);
        boolean isNear = tap == 0 || tap == 1;
        var coefficients =
                isNear ? List.of(a + 2, -(a + 3), 0.0, 1.0) : List.of(a, -5 * a, 8 * a, -4 * a);
        Value value = number(distance, coefficients.getFirst());
        for (double coefficient : coefficients.subList(1, 4))
            value = node.add(node.mul(value, distance), number(distance, coefficient));
        return value;
    }
}
