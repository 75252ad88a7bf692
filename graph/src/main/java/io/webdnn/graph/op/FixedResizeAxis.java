package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// An axis whose extents are known when compiling: elements and weights are tables, computed in
/// double, so that no target has to.
///
/// @param length extent of the result
/// @param scale result per input
/// @param begin first element of the region of interest, as a fraction of the axis
/// @param end its last element
record FixedResizeAxis(Resize form, int extent, int length, double scale, double begin, double end)
        implements ResizeAxis {
    @Override
    public Dimension places() {
        return Dimension.of(length);
    }

    @Override
    public Expr element(Expr place, Expr tap) {
        var table = Buffer.constant("indices", Tensor.of(indices(), length, taps()));
        return new Load(table, List.of(place, tap));
    }

    @Override
    public Expr weight(Expr place, Expr tap, DType dtype) {
        var values = weights();
        var table = Tensor.zeros(dtype, length, taps());
        for (int i = 0; i < values.length; i++) table.setDouble(i, values[i]);
        return new Load(Buffer.constant("weights", table), List.of(place, tap));
    }

    @Override
    public Expr isInside(Expr place) {
        var outside = outside();
        boolean none = true;
        for (boolean value : outside) none &= !value;
        if (none) return Literal.of(true);
        var inside = new boolean[outside.length];
        for (int o = 0; o < inside.length; o++) inside[o] = !outside[o];
        var table = Buffer.constant("inside", Tensor.of(inside, inside.length));
        return new Load(table, List.of(place));
    }

    /// {@return the position in the input of a place of the result}
    private double origin(int place) {
        double whole = scale * extent; // not rounded: what the definition says
        return switch (form.coordinates()) {
            case HALF_PIXEL -> (place + 0.5) / scale - 0.5;
            case HALF_PIXEL_SYMMETRIC -> {
                double offset = extent / 2.0 * (1 - length / whole);
                yield offset + (place + 0.5) / scale - 0.5;
            }
            case PYTORCH_HALF_PIXEL -> whole > 1 ? (place + 0.5) / scale - 0.5 : 0;
            case ALIGN_CORNERS -> whole == 1 ? 0 : place * (extent - 1) / (whole - 1);
            case ASYMMETRIC -> place / scale;
            case TF_HALF_PIXEL_FOR_NN -> (place + 0.5) / scale;
            case TF_CROP_AND_RESIZE ->
                    whole > 1
                            ? begin * (extent - 1)
                                    + place * (end - begin) * (extent - 1) / (whole - 1)
                            : 0.5 * (begin + end) * (extent - 1);
        };
    }

    /// {@return whether each place is extrapolated}
    private boolean[] outside() {
        var outside = new boolean[length];
        if (form.coordinates() != Resize.Coordinates.TF_CROP_AND_RESIZE) return outside;
        for (int o = 0; o < length; o++) outside[o] = origin(o) < 0 || origin(o) > extent - 1;
        return outside;
    }

    @Override
    public int taps() {
        return switch (form.mode()) {
            case NEAREST -> 1;
            case LINEAR -> 2 * reach(1);
            case CUBIC -> 2 * reach(2);
        };
    }

    /// {@return the elements to one side of a place that a kernel of the given radius covers}
    private int reach(int radius) {
        return (int) Math.ceil(radius / stretch());
    }

    /// {@return by what the distances are multiplied before the kernel is applied}
    private double stretch() {
        return form.antialias() ? Math.min(scale, 1) : 1;
    }

    /// {@return the elements that each place takes, inside the axis; `[place · taps + tap]`}
    private int[] indices() {
        int taps = taps();
        var indices = new int[length * taps];
        for (int o = 0; o < length; o++) {
            for (int t = 0; t < taps; t++)
                indices[o * taps + t] = Math.clamp(nearest(o, t), 0, extent - 1);
        }
        return indices;
    }

    private long nearest(int place, int tap) {
        double x = origin(place);
        if (form.mode() != Resize.Mode.NEAREST) return (long) Math.floor(x) + 1 - taps() / 2 + tap;
        return (long)
                switch (form.nearest()) {
                    case ROUND_PREFER_FLOOR -> Math.ceil(x - 0.5);
                    case ROUND_PREFER_CEIL -> Math.floor(x + 0.5);
                    case FLOOR -> Math.floor(x);
                    case CEIL -> Math.ceil(x);
                };
    }

    /// {@return the weights of the elements; `[place · taps + tap]`}
    private double[] weights() {
        int taps = taps();
        var weights = new double[length * taps];
        for (int o = 0; o < length; o++) {
            for (int t = 0; t < taps; t++) {
                long i = nearest(o, t);
                boolean counts = !form.excludeOutside() || i >= 0 && i < extent;
                weights[o * taps + t] = counts ? kernel((i - origin(o)) * stretch()) : 0;
            }
            if (form.excludeOutside() || stretch() < 1) normalize(weights, o * taps, taps);
        }
        return weights;
    }

    private static void normalize(double[] weights, int from, int count) {
        double sum = Arrays.stream(weights, from, from + count).sum();
        for (int i = from; i < from + count; i++) weights[i] /= sum;
    }

    private double kernel(double distance) {
        double x = Math.abs(distance);
        double a = form.cubicCoefficient();
        return switch (form.mode()) {
            case NEAREST -> 1;
            case LINEAR -> Math.max(0, 1 - x);
            case CUBIC -> {
                if (x >= 2) yield 0;
                yield x <= 1
                        ? ((a + 2) * x - (a + 3)) * x * x + 1
                        : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
            }
        };
    }
}
