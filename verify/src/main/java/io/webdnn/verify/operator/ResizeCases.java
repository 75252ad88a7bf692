package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.ABSENT;
import static io.webdnn.verify.operator.Given.f16;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.longs;
import static io.webdnn.verify.operator.Given.vector;

import io.webdnn.graph.op.Resize;
import io.webdnn.graph.op.Resize.AspectRatio;
import io.webdnn.graph.op.Resize.Coordinates;
import io.webdnn.graph.op.Resize.Mode;
import io.webdnn.graph.op.Resize.Nearest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Resampling, in every mode; the oracle picks the nearest elements by sorting distances.
final class ResizeCases {
    private static final List<Nearest> ROUNDINGS =
            List.of(
                    Nearest.ROUND_PREFER_FLOOR,
                    Nearest.ROUND_PREFER_CEIL,
                    Nearest.FLOOR,
                    Nearest.CEIL);

    private ResizeCases() {}

    static Stream<OperatorCase> cases() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (var coordinates : Coordinates.values()) {
            if (coordinates == Coordinates.TF_CROP_AND_RESIZE) continue;
            for (var nearest : Nearest.values())
                cases.add(resampled(new Resize(Mode.NEAREST, coordinates, nearest)));
            cases.add(resampled(new Resize(Mode.LINEAR, coordinates, Nearest.FLOOR)));
            cases.add(resampled(new Resize(Mode.CUBIC, coordinates, Nearest.FLOOR)));
            // how a position is rounded does not depend on where it comes from
            var rounding = ROUNDINGS.get(cases.size() / 8 % ROUNDINGS.size());
            cases.add(open(new Resize(Mode.NEAREST, coordinates, rounding)));
            cases.add(open(new Resize(Mode.LINEAR, coordinates, Nearest.FLOOR)));
        }
        cases.add(open(new Resize(Mode.CUBIC, Coordinates.HALF_PIXEL, Nearest.FLOOR)));
        for (var mode : List.of(Mode.LINEAR, Mode.CUBIC)) {
            cases.add(resampled(form(mode, AspectRatio.STRETCH, true, false, List.of())));
            cases.add(resampled(form(mode, AspectRatio.STRETCH, false, true, List.of())));
            cases.add(open(form(mode, AspectRatio.STRETCH, true, true, List.of())));
        }
        cases.add(far());
        cases.add(framed(AspectRatio.NOT_LARGER));
        cases.add(framed(AspectRatio.NOT_SMALLER));
        cases.add(cropped());
        cases.add(
                OperatorContract.of(new Resize(Mode.NEAREST, Coordinates.ASYMMETRIC, Nearest.FLOOR))
                        .inputs("int", i32(1, 2, 3), ABSENT, scales(1, 2, 1.5f))
                        .inputs("float16", f16(2, 3), ABSENT, scales(2, 2))
                        .inputs("nothing", f32(0, 3), ABSENT, scales(1, 2))
                        .oracles(in ->
                                List.of(
                                        resize(
                                                new Resize(
                                                        Mode.NEAREST,
                                                        Coordinates.ASYMMETRIC,
                                                        Nearest.FLOOR),
                                                in))));
        return cases.stream().flatMap(s -> s);
    }

    private static Resize form(
            Mode mode, AspectRatio policy, boolean antialias, boolean exclude, List<Integer> axes) {
        return new Resize(
                mode,
                Coordinates.HALF_PIXEL,
                Nearest.ROUND_PREFER_FLOOR,
                policy,
                antialias,
                exclude,
                -0.5f,
                0,
                axes);
    }

    private static Given scales(float... scales) {
        return vector(scales).known();
    }

    private static Stream<OperatorCase> resampled(Resize op) {
        return OperatorContract.of(op)
                .inputs("twice", f32(2, 3, 3, 4).symbol(0, "N"), ABSENT, scales(1, 1, 2, 2))
                .inputs("smaller", f32(1, 2, 7, 8), ABSENT, scales(1, 1, 0.6f, 0.5f))
                .inputs("uneven", f32(1, 1, 5), ABSENT, scales(1, 1, 1.7f))
                .inputs("sizes", f32(4, 5), ABSENT, ABSENT, longs(7, 3))
                .inputs("to one", f32(4, 4), ABSENT, ABSENT, longs(1, 4))
                .inputs("from one", f32(1, 3), ABSENT, ABSENT, longs(4, 3))
                .oracles(in -> List.of(resize(op, in)));
    }

    /// Extents that are not known when compiling.
    private static Stream<OperatorCase> open(Resize op) {
        return OperatorContract.of(op)
                .inputs("open, larger", open(2, 3), ABSENT, scales(2, 1.5f))
                .inputs("open, smaller", open(8, 4), ABSENT, scales(0.25f, 0.375f))
                .inputs("open and not", f32(2, 4, 3).symbol(2, "T"), ABSENT, scales(1, 0.6f, 4))
                .oracles(in -> List.of(resize(op, in)));
    }

    private static Given open(int rows, int columns) {
        return f32(rows, columns).symbol(0, "H").symbol(1, "W");
    }

    /// Places that float32 is off by hundredths.
    private static Stream<OperatorCase> far() {
        var op = new Resize(Mode.LINEAR, Coordinates.HALF_PIXEL, Nearest.FLOOR);
        return OperatorContract.of(op)
                .inputs("40000 to 70001", f32(40000), ABSENT, ABSENT, longs(70001))
                .oracles(in -> List.of(resize(op, in)));
    }

    private static Stream<OperatorCase> framed(AspectRatio policy) {
        var op = form(Mode.LINEAR, policy, false, false, List.of(2, 3));
        return OperatorContract.of(op)
                .inputs("frame", f32(1, 2, 4, 5), ABSENT, ABSENT, longs(7, 8))
                .oracles(in -> List.of(resize(op, in)));
    }

    private static Stream<OperatorCase> cropped() {
        var op =
                new Resize(
                        Mode.LINEAR,
                        Coordinates.TF_CROP_AND_RESIZE,
                        Nearest.FLOOR,
                        AspectRatio.STRETCH,
                        false,
                        false,
                        -0.75f,
                        10,
                        List.of(1, 0));
        return OperatorContract.of(op)
                .inputs(
                        "inside",
                        f32(4, 5),
                        vector(0.2f, 0.1f, 0.8f, 0.9f).known(),
                        ABSENT,
                        longs(3, 4))
                .inputs(
                        "beyond",
                        f32(4, 5),
                        vector(-0.2f, 0.5f, 0.8f, 1.4f).known(),
                        ABSENT,
                        longs(6, 4))
                .oracles(in -> List.of(resize(op, in)));
    }

    /// One element that a place takes.
    private record Tap(int element, double weight) {}

    private static Grid resize(Resize op, List<@Nullable Grid> in) {
        var x = in.get(0);
        if (x == null) throw new IllegalArgumentException("no input");
        var roi = in.get(1);
        var scales = in.get(2);
        var sizes = in.size() > 3 ? in.get(3) : null;
        var axes = op.axes().isEmpty() ? IntStream.range(0, x.rank()).boxed().toList() : op.axes();
        int n = axes.size();
        var scale = new double[x.rank()];
        java.util.Arrays.fill(scale, 1);
        var shape = x.shape();
        var begin = new double[x.rank()];
        var end = new double[x.rank()];
        java.util.Arrays.fill(end, 1);
        double frame = op.policy() == AspectRatio.NOT_LARGER ? Double.POSITIVE_INFINITY : 0;
        for (int i = 0; i < n; i++) {
            int d = axes.get(i);
            if (roi != null) {
                begin[d] = roi.flatAt(i);
                end[d] = roi.flatAt(n + i);
            }
            if (scales != null) {
                scale[d] = scales.flatAt(i);
                shape[d] = (int) Math.floor(x.extent(d) * scale[d]);
            } else if (sizes != null) {
                scale[d] = sizes.flatAt(i) / x.extent(d);
                shape[d] = (int) sizes.flatAt(i);
            }
            frame =
                    op.policy() == AspectRatio.NOT_LARGER
                            ? Math.min(frame, scale[d])
                            : Math.max(frame, scale[d]);
        }
        if (op.policy() != AspectRatio.STRETCH) {
            for (int d : axes) {
                scale[d] = frame;
                shape[d] = (int) Math.floor(frame * x.extent(d) + 0.5);
            }
        }
        return Grid.each(
                x.dtype(),
                shape,
                o -> {
                    var taps = new ArrayList<List<Tap>>();
                    for (int d = 0; d < o.length; d++) {
                        double place =
                                origin(op, o[d], x.extent(d), shape[d], scale[d], begin[d], end[d]);
                        boolean crops =
                                op.coordinates() == Coordinates.TF_CROP_AND_RESIZE && roi != null;
                        if (crops && (place < 0 || place > x.extent(d) - 1))
                            return op.extrapolationValue();
                        boolean stays = shape[d] == x.extent(d) && scale[d] == 1 && !crops;
                        taps.add(
                                stays
                                        ? List.of(new Tap(o[d], 1))
                                        : taps(op, place, x.extent(d), scale[d]));
                    }
                    return weighted(x, taps, new int[o.length], 0);
                });
    }

    private static double weighted(Grid x, List<List<Tap>> taps, int[] at, int d) {
        if (d == at.length) return x.at(at);
        double sum = 0;
        for (var tap : taps.get(d)) {
            at[d] = tap.element;
            sum += tap.weight * weighted(x, taps, at, d + 1);
        }
        return sum;
    }

    private static double origin(
            Resize op, int o, int extent, int places, double scale, double begin, double end) {
        double resized = extent * scale;
        return switch (op.coordinates()) {
            case HALF_PIXEL -> (o + 0.5) / scale - 0.5;
            case HALF_PIXEL_SYMMETRIC ->
                    extent / 2.0 * (1 - places / resized) + (o + 0.5) / scale - 0.5;
            case PYTORCH_HALF_PIXEL -> resized > 1 ? (o + 0.5) / scale - 0.5 : 0;
            case ALIGN_CORNERS -> resized == 1 ? 0 : o * (extent - 1.0) / (resized - 1);
            case ASYMMETRIC -> o / scale;
            case TF_HALF_PIXEL_FOR_NN -> (o + 0.5) / scale;
            case TF_CROP_AND_RESIZE ->
                    resized > 1
                            ? begin * (extent - 1)
                                    + o * (end - begin) * (extent - 1) / (resized - 1)
                            : 0.5 * (begin + end) * (extent - 1);
        };
    }

    private static List<Tap> taps(Resize op, double place, int extent, double scale) {
        if (op.mode() == Mode.NEAREST) {
            double floor = Math.floor(place);
            double rest = place - floor;
            double element =
                    switch (op.nearest()) {
                        case FLOOR -> floor;
                        case CEIL -> rest > 0 ? floor + 1 : floor;
                        case ROUND_PREFER_FLOOR -> rest > 0.5 ? floor + 1 : floor;
                        case ROUND_PREFER_CEIL -> rest >= 0.5 ? floor + 1 : floor;
                    };
            return List.of(new Tap((int) Math.max(0, Math.min(extent - 1, element)), 1));
        }
        double narrowed = op.antialias() ? Math.min(1, scale) : 1;
        int radius = op.mode() == Mode.LINEAR ? 1 : 2;
        int reach = (int) Math.ceil(radius / narrowed) + 1;
        int middle = (int) Math.floor(place);
        var nearest =
                IntStream.rangeClosed(middle - reach, middle + reach)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> Math.abs(i - place)))
                        .toList();
        double total = 0;
        var taps = new ArrayList<Tap>();
        for (int i : nearest) {
            double weight = kernel(op, Math.abs(i - place) * narrowed);
            if (op.excludeOutside() && (i < 0 || i >= extent)) weight = 0;
            total += weight;
            taps.add(new Tap(Math.max(0, Math.min(extent - 1, i)), weight));
        }
        double divisor = total;
        return taps.stream().map(t -> new Tap(t.element, t.weight / divisor)).toList();
    }

    private static double kernel(Resize op, double x) {
        if (op.mode() == Mode.LINEAR) return x < 1 ? 1 - x : 0;
        double a = op.cubicCoefficient();
        if (x < 1) return (a + 2) * x * x * x - (a + 3) * x * x + 1;
        return x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
    }
}
