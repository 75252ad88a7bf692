package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.f16;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;

import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.ConvTranspose;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Window;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Sliding windows: convolutions and pooling.
final class WindowCases {
    private static final Window PLAIN = Window.PLAIN;

    private WindowCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(convolutions(), tiled(), transposed(), maxima(), means(), globalMeans())
                .flatMap(s -> s);
    }

    /// Calls a visitor with each combination of taps.
    private static void forEachTap(int[] kernel, Grid.Visitor visitor) {
        Grid.zeros(DType.FLOAT32, kernel).forEach(visitor);
    }

    private static Stream<OperatorCase> conv(List<Window> windows, int group, Given... inputs) {
        var what = inputs.length > 2 ? "with bias" : "no bias";
        var known = inputs.clone();
        for (int i = 1; i < known.length; i++) known[i] = known[i].known();
        return OperatorContract.of(new Conv(windows, group))
                .inputs(what + " " + shapes(inputs), inputs)
                .inputs("known weights, " + what + " " + shapes(inputs), known)
                .oracle(in -> conv(windows, group, in));
    }

    private static String shapes(Given... inputs) {
        var text = new StringBuilder();
        for (int i = 0; i < inputs.length; i++) {
            var tensor = inputs[i].tensor().apply(i);
            text.append(tensor == null ? "absent" : Arrays.toString(tensor.shape()));
        }
        return text.toString();
    }

    private static Stream<OperatorCase> convolutions() {
        var same = new Window(1, 1, 1, 1);
        var strided = new Window(2, 1, 1, 0);
        var dilated = new Window(1, 2, 2, 1);
        return Stream.of(
                        // pixels that fill panels of eight almost, and tiles of rows to their edges
                        conv(
                                List.of(PLAIN, PLAIN),
                                1,
                                f32(1, 9, 13, 13),
                                f32(13, 9, 1, 1),
                                f32(13)),
                        conv(
                                List.of(PLAIN, PLAIN),
                                1,
                                f32(2, 7, 14, 14),
                                f32(12, 7, 1, 1),
                                f32(12)),
                        conv(List.of(PLAIN, PLAIN), 1, f32(1, 5, 7, 7), f32(11, 5, 1, 1)),
                        conv(List.of(PLAIN), 1, f32(1, 6, 131), f32(7, 6, 1), f32(7)),
                        conv(List.of(PLAIN), 3, f32(1, 6, 128), f32(15, 2, 1), f32(15)),
                        // results that are large enough for several texels to an invocation
                        conv(List.of(same, same), 1, f32(2, 5, 13, 23), f32(18, 5, 3, 3), f32(18)),
                        conv(List.of(same, strided), 1, f32(1, 6, 31, 53), f32(17, 6, 3, 3)),
                        conv(List.of(same, dilated), 1, f32(1, 4, 30, 34), f32(8, 4, 2, 3)),
                        conv(
                                List.of(PLAIN, PLAIN),
                                1,
                                f32(1, 9, 12, 49),
                                f32(16, 9, 1, 1),
                                f32(16)),
                        conv(
                                List.of(strided, same),
                                2,
                                f32(1, 8, 40, 24),
                                f32(16, 4, 3, 3),
                                f32(16)),
                        // a channel to each filter, enough of them for several neighbours to an
                        // invocation: a divisor of the last extent, and none
                        conv(List.of(same, same), 40, f32(1, 40, 9, 15), f32(40, 1, 3, 3), f32(40)),
                        conv(List.of(same, same), 24, f32(1, 24, 14, 13), f32(24, 1, 3, 3)),
                        conv(List.of(strided, strided), 24, f32(2, 24, 27, 31), f32(24, 1, 5, 5)),
                        conv(List.of(dilated, dilated), 32, f32(1, 32, 9, 16), f32(64, 1, 3, 3)),
                        // few filters, and few to a group
                        conv(List.of(same, same), 6, f32(1, 6, 9, 21), f32(24, 1, 3, 3), f32(24)),
                        conv(List.of(same, strided), 1, f32(1, 18, 7, 37), f32(3, 18, 3, 3)),
                        conv(List.of(same, same), 1, f32(1, 1, 5, 5), f32(1, 1, 3, 3)),
                        conv(
                                List.of(PLAIN, PLAIN),
                                1,
                                f32(2, 3, 7, 9).symbol(0, "N"),
                                f32(8, 3, 3, 3),
                                f32(8)),
                        conv(List.of(strided, same), 1, f32(1, 4, 7, 6), f32(5, 4, 3, 3), f32(5)),
                        conv(List.of(strided, dilated), 2, f32(3, 4, 8, 9), f32(6, 2, 3, 2)),
                        conv(List.of(same, same), 5, f32(2, 5, 4, 4), f32(5, 1, 3, 3), f32(5)),
                        conv(List.of(PLAIN, PLAIN), 1, f32(1, 7, 3, 3), f32(9, 7, 1, 1)),
                        conv(List.of(new Window(3, 1, 0, 0)), 1, f32(2, 3, 11), f32(4, 3, 2)),
                        conv(
                                List.of(dilated),
                                1,
                                f32(2, 3, 13).symbol(0, "N").symbol(2, "T"),
                                f32(4, 3, 3)),
                        conv(List.of(same, same, PLAIN), 1, f32(1, 2, 3, 4, 3), f32(3, 2, 3, 3, 2)),
                        conv(List.of(new Window(1, 1, -1, -1)), 1, f32(1, 2, 7), f32(3, 2, 2)),
                        conv(List.of(same, same), 1, f32(0, 2, 5, 5), f32(3, 2, 3, 3)),
                        conv(List.of(same), 1, f16(1, 3, 9), f16(4, 3, 3), f16(4)),
                        conv(
                                List.of(PLAIN),
                                1,
                                Given.filled(DType.FLOAT16, 1, 1, 1024, 5),
                                Given.filled(DType.FLOAT16, 1, 4, 1024, 3)))
                .flatMap(s -> s);
    }

    /// Sizes at both sides of what minimal filtering by tiles of 4 × 4 takes: extents, channels,
    /// filters. Positive numbers, since it is exact to a part of the largest summand only.
    private static Stream<OperatorCase> tiled() {
        var same = new Window(1, 1, 1, 1);
        var uneven = new Window(1, 1, 0, 2);
        return Stream.of(
                        tiled(same, same, positive(1, 16, 11, 18), positive(16, 16, 3, 3)),
                        tiled(PLAIN, PLAIN, positive(1, 16, 12, 17), positive(24, 16, 3, 3)),
                        tiled(same, PLAIN, positive(1, 20, 13, 16), positive(16, 20, 3, 3)),
                        tiled(uneven, same, positive(1, 16, 14, 15), positive(32, 16, 3, 3)),
                        tiled(same, uneven, positive(1, 12, 12, 12), positive(16, 12, 3, 3)),
                        tiled(same, same, positive(1, 18, 12, 13), positive(16, 18, 3, 3)),
                        tiled(same, same, positive(1, 16, 13, 14), positive(20, 16, 3, 3)),
                        tiled(same, same, positive(1, 16, 15, 12), positive(8, 16, 3, 3)),
                        tiled(same, same, positive(1, 16, 8, 12), positive(16, 16, 3, 3)),
                        tiled(same, same, positive(1, 16, 7, 7), positive(16, 16, 3, 3)),
                        tiled(same, same, positive(1, 16, 4, 12), positive(16, 16, 3, 3)),
                        tiled(same, same, positive(1, 16, 4, 40), positive(16, 16, 3, 3)),
                        tiled(same, same, positive(1, 16, 3, 50), positive(16, 16, 3, 3)),
                        tiled(
                                same,
                                same,
                                positive(3, 16, 10, 11).symbol(0, "N"),
                                positive(16, 16, 3, 3)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> tiled(Window rows, Window columns, Given x, Given w) {
        return conv(List.of(rows, columns), 1, x, w);
    }

    private static Given positive(int... shape) {
        return Given.random(DType.FLOAT32, 0, 1, shape);
    }

    private static Grid conv(List<Window> windows, int group, List<Grid> in) {
        var x = in.get(0);
        var w = in.get(1);
        int dims = windows.size();
        var shape = new int[dims + 2];
        shape[0] = x.extent(0);
        shape[1] = w.extent(0);
        for (int d = 0; d < dims; d++) {
            var window = windows.get(d);
            int covered = (w.extent(d + 2) - 1) * window.dilation() + 1;
            int padded = x.extent(d + 2) + window.padBegin() + window.padEnd();
            shape[d + 2] = (padded - covered) / window.stride() + 1;
        }
        int inPerGroup = w.extent(1);
        int outPerGroup = w.extent(0) / group;
        var taps = Arrays.copyOfRange(w.shape(), 1, dims + 2);
        return Grid.each(
                x.dtype(),
                shape,
                o -> {
                    double[] sum = {in.size() > 2 ? in.get(2).at(o[1]) : 0};
                    forEachTap(
                            taps,
                            k -> {
                                var at = new int[dims + 2];
                                at[0] = o[0];
                                at[1] = o[1] / outPerGroup * inPerGroup + k[0];
                                var weight = new int[dims + 2];
                                weight[0] = o[1];
                                weight[1] = k[0];
                                for (int d = 0; d < dims; d++) {
                                    var window = windows.get(d);
                                    at[d + 2] =
                                            o[d + 2] * window.stride()
                                                    + k[d + 1] * window.dilation()
                                                    - window.padBegin();
                                    weight[d + 2] = k[d + 1];
                                }
                                sum[0] += x.atOr(0, at) * w.at(weight);
                            });
                    return sum[0];
                });
    }

    private static Stream<OperatorCase> transposed(
            List<Window> windows, int group, List<Integer> outputPadding, Given... inputs) {
        return OperatorContract.of(new ConvTranspose(windows, group, outputPadding))
                .inputs(shapes(inputs), inputs)
                .oracle(in -> transposed(windows, group, outputPadding, in));
    }

    private static Stream<OperatorCase> transposed() {
        var strided = new Window(2, 1, 1, 1);
        var dilated = new Window(3, 2, 0, 1);
        return Stream.of(
                        transposed(
                                List.of(PLAIN, PLAIN),
                                1,
                                List.of(0, 0),
                                f32(1, 1, 3, 3),
                                f32(1, 2, 3, 3)),
                        transposed(
                                List.of(strided, PLAIN),
                                1,
                                List.of(1, 0),
                                f32(2, 3, 4, 5).symbol(0, "N"),
                                f32(3, 5, 3, 2),
                                f32(5)),
                        transposed(
                                List.of(strided, new Window(3, 1, 1, 0)),
                                2,
                                List.of(1, 2),
                                f32(2, 4, 3, 4).symbol(0, "N"),
                                f32(4, 3, 3, 5).known(),
                                f32(6).known()),
                        transposed(
                                List.of(strided, dilated),
                                2,
                                List.of(0, 2),
                                f32(1, 4, 3, 4),
                                f32(4, 3, 3, 2)),
                        transposed(
                                List.of(dilated),
                                1,
                                List.of(0),
                                f32(2, 3, 5).symbol(2, "T"),
                                f32(3, 4, 3)),
                        transposed(
                                List.of(new Window(4, 1, 0, 0)),
                                3,
                                List.of(3),
                                f32(1, 3, 3),
                                f32(3, 1, 2)))
                .flatMap(s -> s);
    }

    /// Push form: each element of X adds a scaled kernel.
    private static Grid transposed(
            List<Window> windows, int group, List<Integer> outputPadding, List<Grid> in) {
        var x = in.get(0);
        var w = in.get(1);
        int dims = windows.size();
        int outPerGroup = w.extent(1);
        int inPerGroup = w.extent(0) / group;
        var shape = new int[dims + 2];
        shape[0] = x.extent(0);
        shape[1] = outPerGroup * group;
        for (int d = 0; d < dims; d++) {
            var window = windows.get(d);
            shape[d + 2] =
                    (x.extent(d + 2) - 1) * window.stride()
                            + (w.extent(d + 2) - 1) * window.dilation()
                            + 1
                            - window.padBegin()
                            - window.padEnd()
                            + outputPadding.get(d);
        }
        var y = Grid.each(x.dtype(), shape, o -> in.size() > 2 ? in.get(2).at(o[1]) : 0);
        var taps = Arrays.copyOfRange(w.shape(), 1, dims + 2);
        x.forEach(i ->
                forEachTap(
                        taps,
                        k -> {
                            var at = new int[dims + 2];
                            at[0] = i[0];
                            at[1] = i[1] / inPerGroup * outPerGroup + k[0];
                            var weight = new int[dims + 2];
                            weight[0] = i[1];
                            weight[1] = k[0];
                            boolean inside = true;
                            for (int d = 0; d < dims; d++) {
                                var window = windows.get(d);
                                at[d + 2] =
                                        i[d + 2] * window.stride()
                                                + k[d + 1] * window.dilation()
                                                - window.padBegin();
                                weight[d + 2] = k[d + 1];
                                inside &= at[d + 2] >= 0 && at[d + 2] < shape[d + 2];
                            }
                            if (inside) y.set(y.at(at) + x.at(i) * w.at(weight), at);
                        }));
        return y;
    }

    private static int[] pooled(
            Grid x, List<Integer> kernel, List<Window> windows, boolean roundUp) {
        var shape = x.shape();
        for (int d = 0; d < windows.size(); d++) {
            var window = windows.get(d);
            int covered = (kernel.get(d) - 1) * window.dilation() + 1;
            int places = 0;
            while (true) { // count the windows that may be placed
                int start = places * window.stride() - window.padBegin();
                int end = x.extent(d + 2) + window.padEnd();
                boolean fits = start + covered <= end;
                boolean overruns = start + covered < end + window.stride();
                if (!(fits || roundUp && overruns && start < x.extent(d + 2))) break;
                places++;
            }
            shape[d + 2] = places;
        }
        return shape;
    }

    /// {@return the positions of a window's taps, some of them outside}
    private static List<int[]> taps(int[] o, List<Integer> kernel, List<Window> windows) {
        var positions = new ArrayList<int[]>();
        forEachTap(
                kernel.stream().mapToInt(k -> k).toArray(),
                k -> {
                    var at = o.clone();
                    for (int d = 0; d < windows.size(); d++) {
                        var window = windows.get(d);
                        at[d + 2] =
                                o[d + 2] * window.stride()
                                        + k[d] * window.dilation()
                                        - window.padBegin();
                    }
                    positions.add(at);
                });
        return positions;
    }

    private static Stream<OperatorCase> maxPool(
            List<Integer> kernel,
            List<Window> windows,
            boolean roundUp,
            boolean columnMajor,
            Given x) {
        return OperatorContract.of(new MaxPool(kernel, windows, roundUp, columnMajor, true))
                .inputs(shapes(x), x)
                .oracles(in -> maxPool(kernel, windows, roundUp, columnMajor, in));
    }

    private static Stream<OperatorCase> maxima() {
        var two = new Window(2, 1, 0, 0);
        var padded = new Window(2, 1, 1, 1);
        var dilated = new Window(1, 2, 0, 1);
        var nans =
                Given.of(Tensor.of(new float[] {1, Float.NaN, 2, Float.NaN, 5, 5, 3, -1}, 1, 1, 8));
        return Stream.of(
                        maxPool(
                                List.of(2, 2),
                                List.of(two, two),
                                false,
                                false,
                                f32(2, 3, 8, 5).symbol(0, "N")),
                        maxPool(List.of(3, 2), List.of(padded, two), true, false, f32(1, 2, 7, 7)),
                        maxPool(
                                List.of(3, 3),
                                List.of(padded, dilated),
                                false,
                                true,
                                f32(2, 1, 9, 7)),
                        maxPool(List.of(2), List.of(new Window(1, 1, 0, 0)), false, false, nans),
                        maxPool(
                                List.of(3),
                                List.of(padded),
                                true,
                                false,
                                f32(1, 3, 4).symbol(2, "T")),
                        maxPool(
                                List.of(2, 2),
                                List.of(padded, padded),
                                true,
                                false,
                                i32(1, 2, 6, 6)),
                        maxPool(
                                List.of(2),
                                List.of(two),
                                false,
                                false,
                                Given.filled(Double.NEGATIVE_INFINITY, 1, 1, 4)),
                        maxPool(
                                List.of(1, 2, 2),
                                List.of(PLAIN, two, two),
                                false,
                                false,
                                f32(1, 2, 2, 4, 5)))
                .flatMap(s -> s);
    }

    private static List<Grid> maxPool(
            List<Integer> kernel,
            List<Window> windows,
            boolean roundUp,
            boolean columnMajor,
            List<@Nullable Grid> in) {
        var x = in.get(0);
        if (x == null) throw new IllegalArgumentException("no input");
        var shape = pooled(x, kernel, windows, roundUp);
        var y = Grid.zeros(x.dtype(), shape);
        var indices = Grid.zeros(DType.INT64, shape);
        y.forEach(o -> {
            int[] best = null;
            for (var at : taps(o, kernel, windows)) {
                if (Double.isNaN(x.atOr(0, at)) && (best == null || !Double.isNaN(x.at(best))))
                    best = at;
                boolean inside = x.atOr(1, at) == x.atOr(2, at) || Double.isNaN(x.atOr(1, at));
                if (inside && (best == null || x.at(at) > x.at(best))) best = at;
            }
            if (best == null) throw new IllegalStateException("a window wholly outside");
            y.set(x.at(best), o);
            indices.set(flat(x.shape(), best, columnMajor), o);
        });
        return List.of(y, indices);
    }

    private static double flat(int[] shape, int[] at, boolean columnMajor) {
        double flat = (double) at[0] * shape[1] + at[1];
        double spatial = 0;
        int rank = shape.length;
        for (int i = 2; i < rank; i++) {
            int d = columnMajor ? rank + 1 - i : i;
            spatial = spatial * shape[d] + at[d];
        }
        for (int d = 2; d < rank; d++) flat *= shape[d];
        return flat + spatial;
    }

    private static Stream<OperatorCase> averagePool(
            List<Integer> kernel,
            List<Window> windows,
            boolean roundUp,
            boolean countPad,
            Given x) {
        return OperatorContract.of(new AveragePool(kernel, windows, roundUp, countPad))
                .inputs(shapes(x), x)
                .oracle(in -> averagePool(kernel, windows, roundUp, countPad, in.get(0)));
    }

    private static Stream<OperatorCase> means() {
        var two = new Window(2, 1, 0, 0);
        var padded = new Window(2, 1, 1, 1);
        var dilated = new Window(2, 2, 1, 2);
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean roundUp : new boolean[] {false, true}) {
            for (boolean countPad : new boolean[] {false, true}) {
                cases.add(
                        averagePool(
                                List.of(2, 2),
                                List.of(two, two),
                                roundUp,
                                countPad,
                                f32(2, 3, 8, 5).symbol(0, "N")));
                cases.add(
                        averagePool(
                                List.of(3, 2),
                                List.of(padded, padded),
                                roundUp,
                                countPad,
                                f32(1, 2, 7, 6)));
                cases.add(
                        averagePool(
                                List.of(3),
                                List.of(dilated),
                                roundUp,
                                countPad,
                                f32(1, 1, 9).symbol(2, "T")));
                cases.add(
                        averagePool(List.of(3), List.of(dilated), roundUp, countPad, f32(1, 1, 8)));
            }
        }
        cases.add(averagePool(List.of(2), List.of(two), false, false, f16(1, 2, 7)));
        cases.add(
                averagePool(
                        List.of(3, 3), List.of(padded, padded), true, false, f32(2, 24, 22, 25)));
        return cases.stream().flatMap(s -> s);
    }

    private static Grid averagePool(
            List<Integer> kernel, List<Window> windows, boolean roundUp, boolean countPad, Grid x) {
        return Grid.each(
                x.dtype(),
                pooled(x, kernel, windows, roundUp),
                o -> {
                    double sum = 0;
                    int count = 0;
                    for (var at : taps(o, kernel, windows)) {
                        boolean inside = true;
                        boolean padding = true;
                        for (int d = 0; d < windows.size(); d++) {
                            int p = at[d + 2];
                            int extent = x.extent(d + 2);
                            inside &= p >= 0 && p < extent;
                            padding &= p < extent + windows.get(d).padEnd();
                        }
                        if (inside) sum += x.at(at);
                        if (inside || countPad && padding) count++;
                    }
                    return sum / count;
                });
    }

    private static Stream<OperatorCase> globalMeans() {
        return OperatorContract.of(new GlobalAveragePool())
                .inputs("2-D", f32(2, 3, 5, 7).symbol(0, "N"))
                .inputs("1-D", f32(1, 9, 4))
                .inputs("no spatial axis", f32(2, 3))
                .oracle(in -> {
                    var x = in.get(0);
                    var shape = x.shape();
                    Arrays.fill(shape, 2, shape.length, 1);
                    var spatial = Arrays.copyOfRange(x.shape(), 2, x.rank());
                    return Grid.each(
                            x.dtype(),
                            shape,
                            o -> {
                                double[] sum = {0, 0};
                                forEachTap(
                                        spatial,
                                        k -> {
                                            var at = o.clone();
                                            System.arraycopy(k, 0, at, 2, k.length);
                                            sum[0] += x.at(at);
                                            sum[1]++;
                                        });
                                return sum[0] / sum[1];
                            });
                });
    }
}
