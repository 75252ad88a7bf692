package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
/// counts as absent. An axis may be symbolic, and sizes may hold symbols or be measured
/// ([Extents]), but for TF_CROP_AND_RESIZE, a policy other than STRETCH, and antialiasing to such
/// sizes; scales of a symbolic axis are multiples of 1/1024, as far as they are exact. Source: ONNX
/// Resize-19.
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

    private static final int FINEST = 1024;

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
            if (change != null) extents.set(d, change.places());
        }
        return List.of(x.type().with(new Shape(extents)));
    }

    /// {@return how each axis changes, null for one that stays}
    private @Nullable ResizeAxis[] changes(Operands in) {
        var shape = in.shape(0);
        var order =
                axes.isEmpty()
                        ? Axes.all(shape.rank())
                        : Axes.of(
                                "Resize",
                                axes.stream().mapToLong(Integer::longValue).toArray(),
                                shape.rank());
        boolean crops = coordinates == Coordinates.TF_CROP_AND_RESIZE;
        if (isOpen(in, order)) return openChanges(in, order);
        var roi = crops ? values(in, 1, "roi", 2 * order.size()) : null;
        var scales = scales(in, order);
        var changes = new @Nullable ResizeAxis[shape.rank()];
        for (int i = 0; i < order.size(); i++) {
            int d = order.get(i);
            double begin = roi == null ? 0 : roi[i];
            double end = roi == null ? 1 : roi[order.size() + i];
            if (scales[i] == 1 && begin == 0 && end == 1) continue;
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
        return fixed(extent, places, scale, begin, end);
    }

    private ResizeAxis fixed(long extent, double places, double scale, double begin, double end) {
        if (places < 0 || places > 0 && extent == 0)
            throw GraphException.of("Resize", "X", "an extent to resample", extent);
        return new FixedResizeAxis(this, Math.toIntExact(extent), (int) places, scale, begin, end);
    }

    /// Whether symbols say how long an axis that changes is, before or afterwards.
    private static boolean isOpen(Operands in, List<Integer> order) {
        if (isGiven(in, 2) == isGiven(in, 3)) return false; // which is refused
        if (isGiven(in, 3)) {
            boolean isKnown = in.dimensions(3, "sizes").stream().allMatch(Dimension::isFixed);
            return !isKnown || !order.stream().allMatch(d -> in.extent(0, d).isFixed());
        }
        var scales = values(in, 2, "scales", order.size());
        for (int i = 0; i < scales.length; i++)
            if (scales[i] != 1 && !in.extent(0, order.get(i)).isFixed()) return true;
        return false;
    }

    private @Nullable ResizeAxis[] openChanges(Operands in, List<Integer> order) {
        if (coordinates == Coordinates.TF_CROP_AND_RESIZE || policy != AspectRatio.STRETCH)
            throw GraphException.of(
                    "Resize",
                    "X",
                    "fixed extents, where it is cropped or keeps its aspect ratio",
                    in.shape(0));
        var changes = new @Nullable ResizeAxis[in.shape(0).rank()];
        boolean isScaled = isGiven(in, 2);
        var sizes = isScaled ? List.<Dimension>of() : in.dimensions(3, "sizes");
        if (!isScaled && sizes.size() != order.size())
            throw GraphException.of("Resize", "sizes", order.size() + " entries", sizes.size());
        var scales = isScaled ? scales(in, order) : new double[0];
        for (int i = 0; i < order.size(); i++) {
            int d = order.get(i);
            var change =
                    isScaled
                            ? scaled(in.extent(0, d), scales[i])
                            : sized(in.extent(0, d), sizes.get(i));
            if (change != null) changes[d] = change;
        }
        return changes;
    }

    /// {@return an axis by its scale, null for 1}
    private @Nullable ResizeAxis scaled(Dimension extent, double scale) {
        if (scale == 1) return null;
        if (extent.isFixed())
            return fixed(extent.value(), Math.floor(extent.value() * scale), scale, 0, 1);
        long divisor = 1;
        while (scale * divisor != Math.rint(scale * divisor) && divisor < FINEST) divisor *= 2;
        long multiple = (long) (scale * divisor);
        if (multiple != scale * divisor)
            throw GraphException.of(
                    "Resize",
                    "scales",
                    "multiples of 1/" + FINEST + " on a symbolic axis",
                    (float) scale);
        var places = extent.times(multiple).floorDividedBy(divisor);
        double shrinking = antialias ? Math.max(1, 1 / scale) : 1;
        return new OpenResizeAxis(
                this, extent, places, Dimension.of(multiple), Dimension.of(divisor), shrinking);
    }

    /// {@return an axis by its extents, null if they are the same}
    private @Nullable ResizeAxis sized(Dimension extent, Dimension size) {
        if (extent.equals(size)) return null;
        if (extent.isFixed() && size.isFixed()) {
            double scale = (double) size.value() / extent.value();
            return fixed(extent.value(), size.value(), scale, 0, 1);
        }
        if (antialias)
            throw GraphException.of(
                    "Resize",
                    "X, sizes",
                    "fixed extents for antialiasing",
                    extent + " and " + size);
        return new OpenResizeAxis(this, extent, size, size, extent, 1);
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
        for (int i = 0; i < scales.length; i++) scales[i] /= in.extent(0, order.get(i)).value();
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
                            var w = change.weight(o.get(d), tap, weighted);
                            weight = weight == null ? w : weight.times(w);
                        }
                        Expr which = mode == Mode.NEAREST ? Expr.of(0) : tap;
                        at.set(d, change.element(o.get(d), which));
                        inside = inside.and(change.isInside(o.get(d)));
                    }
                    var element = in.load(0, at).cast(weighted);
                    var sum = weight == null ? element : Expr.sum(taps, weight.times(element));
                    var outside = Expr.of(type.dtype(), extrapolationValue);
                    return inside.select(sum.cast(type.dtype()), outside);
                });
    }
}
