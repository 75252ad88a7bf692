package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Resamples axes: each element of the result is a weighted sum of the elements near its place in
/// X.
///
/// `Y[o…] = Σ_t… Π_d w_d[o_d, t_d] · X[i_d[o_d, t_d] …]`; which elements `i` and weights `w` a
/// place takes on each axis follows from the attributes and is computed in double when compiling. A
/// tap outside takes the nearest end, or does not count (`excludeOutside`).
///
/// | | shape | dtype |
/// |---|---|---|
/// | X, Y | any | any for NEAREST, else float |
/// | roi (for TF_CROP_AND_RESIZE, else not read) | `[2·n]`: begins, then ends | float |
/// | scales, or | `[n]`: result per input, the result rounded down | float32 |
/// | sizes | `[n]`: extents of the result | int64 |
///
/// n is the number of `axes`; roi, scales and sizes are known when compiling, an empty tensor
/// counts as absent. An axis that changes must have a fixed extent. Source: ONNX Resize-19.
///
/// @param policy what sizes mean
/// @param antialias whether the kernel widens when the axis shrinks
/// @param excludeOutside whether taps outside are left out and the others' weights raised
/// @param cubicCoefficient the free parameter of the cubic kernel
/// @param extrapolationValue what stands outside X for TF_CROP_AND_RESIZE
/// @param axes the axes that roi, scales and sizes speak of; empty for all
public record Resize(
        Mode mode,
        Coordinates coordinates,
        Nearest nearest,
        AspectRatio policy,
        boolean antialias,
        boolean excludeOutside,
        float cubicCoefficient,
        float extrapolationValue,
        List<Integer> axes)
        implements Primitive {
    /// How elements are weighted.
    public enum Mode {
        NEAREST,
        LINEAR,
        CUBIC
    }

    /// Where a place of the result lies in the input; ONNX's `coordinate_transformation_mode`.
    public enum Coordinates {
        HALF_PIXEL,
        HALF_PIXEL_SYMMETRIC,
        PYTORCH_HALF_PIXEL,
        ALIGN_CORNERS,
        ASYMMETRIC,
        TF_HALF_PIXEL_FOR_NN,
        TF_CROP_AND_RESIZE
    }

    /// Which element is the nearest.
    public enum Nearest {
        ROUND_PREFER_FLOOR,
        ROUND_PREFER_CEIL,
        FLOOR,
        CEIL
    }

    /// What sizes mean: the extents, or a frame for one scale of all axes.
    public enum AspectRatio {
        STRETCH,
        NOT_LARGER,
        NOT_SMALLER
    }

    public Resize {
        axes = List.copyOf(axes);
    }

    /// Resamples without antialiasing.
    public Resize(Mode mode, Coordinates coordinates, Nearest nearest) {
        this(mode, coordinates, nearest, AspectRatio.STRETCH, false, false, -0.75f, 0, List.of());
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 4);
        var x = expect.input(0, "X");
        if (mode == Mode.NEAREST) x.numericOrBool();
        else x.floating();
        expect.optional(1, "roi").floating().rank(1);
        expect.optional(2, "scales").dtype(DType.FLOAT32).rank(1);
        expect.optional(3, "sizes").index().rank(1);
        var extents = new ArrayList<>(x.type().shape().dimensions());
        var changes = changes(in);
        for (int d = 0; d < changes.length; d++) {
            var change = changes[d];
            if (change != null) extents.set(d, Dimension.of(change.places()));
        }
        return List.of(x.type().with(new Shape(extents)));
    }

    /// {@return how each axis changes, null for one that stays}
    private @org.jspecify.annotations.Nullable ResizeAxis[] changes(Operands in) {
        var shape = in.shape(0);
        var order =
                axes.isEmpty()
                        ? Axes.all(shape.rank())
                        : Axes.of(
                                "Resize",
                                axes.stream().mapToLong(Integer::longValue).toArray(),
                                shape.rank());
        boolean crops = coordinates == Coordinates.TF_CROP_AND_RESIZE;
        var roi = crops ? values(in, 1, "roi", 2 * order.size()) : null;
        var scales = scales(in, order);
        var changes = new @org.jspecify.annotations.Nullable ResizeAxis[shape.rank()];
        for (int i = 0; i < order.size(); i++) {
            int d = order.get(i);
            double begin = roi == null ? 0 : roi[i];
            double end = roi == null ? 1 : roi[order.size() + i];
            if (scales[i] == 1 && begin == 0 && end == 1) continue;
            if (!shape.get(d).isFixed())
                throw GraphException.of("Resize", "X", "a fixed extent on axis " + d, shape);
            changes[d] = change(in, shape.size(d), scales[i], begin, end, i);
        }
        return changes;
    }

    private ResizeAxis change(
            Operands in, int extent, double scale, double begin, double end, int i) {
        double places = Math.floor(extent * (end - begin) * scale);
        if (!isGiven(in, 2)) {
            places =
                    policy == AspectRatio.STRETCH
                            ? in.longs(3, "sizes")[i]
                            : Math.floor(scale * extent + 0.5);
        }
        if (places < 0 || places > 0 && extent == 0)
            throw GraphException.of("Resize", "X", "an extent to resample", extent);
        return new ResizeAxis(this, extent, (int) places, scale, begin, end);
    }

    private static boolean isGiven(Operands in, int i) {
        return in.has(i) && !in.shape(i).elements().is(0);
    }

    private double[] scales(Operands in, List<Integer> order) {
        if (isGiven(in, 2) == isGiven(in, 3)) {
            throw GraphException.of(
                    "Resize",
                    "scales, sizes",
                    "one of the two",
                    isGiven(in, 2) ? "both" : "neither");
        }
        if (isGiven(in, 2)) {
            var scales = values(in, 2, "scales", order.size());
            if (!Arrays.stream(scales).allMatch(scale -> scale > 0))
                throw GraphException.of("Resize", "scales", "> 0", Arrays.toString(scales));
            return scales;
        }
        var scales = values(in, 3, "sizes", order.size());
        for (int i = 0; i < scales.length; i++) {
            var extent = in.extent(0, order.get(i));
            if (!extent.isFixed()) {
                throw GraphException.of("Resize", "X", "fixed extents for sizes", in.shape(0));
            }
            scales[i] /= extent.value();
        }
        if (policy == AspectRatio.NOT_LARGER)
            Arrays.fill(scales, Arrays.stream(scales).min().orElse(1));
        if (policy == AspectRatio.NOT_SMALLER)
            Arrays.fill(scales, Arrays.stream(scales).max().orElse(1));
        return scales;
    }

    private static double[] values(Operands in, int i, String argument, int count) {
        var tensor = in.constant(i, argument);
        if (tensor.size() != count)
            throw GraphException.of("Resize", argument, count + " entries", tensor.size());
        var values = new double[count];
        for (int k = 0; k < count; k++) values[k] = tensor.getDouble(k);
        return values;
    }

    @Override
    public Lowering lower(Operands in) {
        var changes = changes(in);
        var type = infer(in).getFirst();
        var weighted = mode == Mode.NEAREST ? type.dtype() : Accumulation.of(type.dtype());
        return Compute.each(
                type,
                o -> {
                    var taps = new ArrayList<Index>();
                    var at = new ArrayList<Expr>(o);
                    Expr weight = null;
                    Expr inside = Literal.of(true);
                    for (int d = 0; d < changes.length; d++) {
                        var change = changes[d];
                        if (change == null) continue;
                        var tap = new Index("t" + d, Dimension.of(change.taps()));
                        if (mode != Mode.NEAREST) {
                            taps.add(tap);
                            var w = new Load(weights(change, weighted), List.of(o.get(d), tap));
                            weight = weight == null ? w : weight.times(w);
                        }
                        Expr which = mode == Mode.NEAREST ? Expr.of(0) : tap;
                        at.set(d, new Load(indices(change), List.of(o.get(d), which)));
                        inside = inside.and(isInside(change, o.get(d)));
                    }
                    var element = in.load(0, at).cast(weighted);
                    var sum = weight == null ? element : Expr.sum(taps, weight.times(element));
                    var outside = Expr.of(type.dtype(), extrapolationValue);
                    return inside.select(sum.cast(type.dtype()), outside);
                });
    }

    private static Buffer indices(ResizeAxis axis) {
        return Buffer.constant("indices", Tensor.of(axis.indices(), axis.places(), axis.taps()));
    }

    private static Buffer weights(ResizeAxis axis, DType dtype) {
        var values = axis.weights();
        var table = Tensor.zeros(dtype, axis.places(), axis.taps());
        for (int i = 0; i < values.length; i++) table.setDouble(i, values[i]);
        return Buffer.constant("weights", table);
    }

    private static Expr isInside(ResizeAxis axis, Expr place) {
        var outside = axis.outside();
        boolean none = true;
        for (boolean value : outside) none &= !value;
        if (none) return Literal.of(true);
        var inside = new boolean[outside.length];
        for (int o = 0; o < inside.length; o++) inside[o] = !outside[o];
        var table = Buffer.constant("inside", Tensor.of(inside, inside.length));
        return new Load(table, List.of(place));
    }
}
