package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.filled;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.indices;
import static io.webdnn.verify.operator.Given.random;

import io.webdnn.graph.op.BitCast;
import io.webdnn.graph.op.DeformConv;
import io.webdnn.graph.op.Det;
import io.webdnn.graph.op.PairwiseCoupling;
import io.webdnn.graph.op.RoiAlign;
import io.webdnn.graph.op.TreeEnsemble;
import io.webdnn.graph.op.Window;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Regions, moved taps, determinants, trees, bits.
final class RegionCases {
    private RegionCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(bits(), determinants(), regions(), movedTaps(), trees(), couplings())
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> bits() {
        return Stream.of(
                        OperatorContract.of(new BitCast(DType.INT32))
                                .inputs("reals", f32(3, 5))
                                .inputs(
                                        "specials",
                                        Given.vector(0f, -0f, Float.POSITIVE_INFINITY, -1e-40f))
                                .oracle(in ->
                                        Grid.each(
                                                DType.INT32,
                                                in.get(0).shape(),
                                                o ->
                                                        Float.floatToRawIntBits(
                                                                (float) in.get(0).at(o)))),
                        OperatorContract.of(new BitCast(DType.UINT32))
                                .inputs("negative ones", i32(9))
                                .oracle(in ->
                                        Grid.each(
                                                DType.UINT32,
                                                in.get(0).shape(),
                                                o -> (long) in.get(0).at(o) & 0xffffffffL)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> determinants() {
        var exchanged = Tensor.of(new float[] {0, 2, 1, 3, 0, 1, 4, 5, 0}, 3, 3);
        return OperatorContract.of(new Det())
                .inputs("3 of 4 x 4", f32(3, 4, 4))
                .inputs("rows to be exchanged", Given.of(exchanged))
                .inputs("one element", f32(2, 1, 1))
                .inputs("no element", f32(2, 0, 0))
                .inputs("a column of zeros", Given.of(Tensor.of(new float[] {0, 1, 0, 2}, 2, 2)))
                .oracle(in -> {
                    var x = in.get(0);
                    int batch = x.rank() - 2;
                    int[] shape = new int[batch];
                    for (int d = 0; d < batch; d++) shape[d] = x.extent(d);
                    var columns = new ArrayList<Integer>();
                    for (int c = 0; c < x.extent(batch); c++) columns.add(c);
                    return Grid.each(DType.FLOAT32, shape, o -> minor(x, o, 0, columns));
                });
    }

    /// Laplace's expansion along the first row that is left.
    private static double minor(Grid x, int[] batch, int row, List<Integer> columns) {
        if (columns.isEmpty()) return 1;
        double sum = 0;
        for (int c = 0; c < columns.size(); c++) {
            int column = columns.get(c);
            var rest = columns.stream().filter(other -> other != column).toList();
            int[] at = Arrays.copyOf(batch, batch.length + 2);
            at[batch.length] = row;
            at[batch.length + 1] = column;
            sum += (c % 2 == 0 ? 1 : -1) * x.at(at) * minor(x, batch, row + 1, rest);
        }
        return sum;
    }

    private static Stream<OperatorCase> regions() {
        float[] corners = {0.3f, 0.4f, 4.7f, 5.2f, -2.2f, 1.1f, 9.3f, 2.3f, 2.1f, 2.2f, 2.4f, 2.3f};
        var rois = Given.of(Tensor.of(corners, 3, 4));
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (boolean maximum : new boolean[] {false, true}) {
            for (boolean half : new boolean[] {false, true}) {
                for (int samples : new int[] {0, 2}) {
                    var op = new RoiAlign(maximum, 2, 3, samples, 0.9f, half);
                    cases.add(
                            OperatorContract.of(op)
                                    .inputs(
                                            "3 regions",
                                            f32(2, 2, 6, 5),
                                            samples == 0 ? rois.known() : rois,
                                            indices(new int[] {3}, 1, 0, 1))
                                    .oracle(in ->
                                            Grid.each(
                                                    DType.FLOAT32,
                                                    new int[] {3, 2, 2, 3},
                                                    o -> cell(in, o, op))));
                }
            }
        }
        return cases.stream().flatMap(s -> s);
    }

    private static double cell(List<Grid> in, int[] o, RoiAlign op) {
        double offset = op.halfPixel() ? 0.5 : 0;
        double[] start = new double[2];
        double[] bin = new double[2];
        int[] places = new int[2];
        for (int d = 0; d < 2; d++) {
            start[d] = in.get(1).at(o[0], 1 - d) * op.scale() - offset;
            double length = in.get(1).at(o[0], 3 - d) * op.scale() - offset - start[d];
            if (!op.halfPixel()) length = Math.max(length, 1);
            bin[d] = length / (d == 0 ? op.height() : op.width());
            places[d] = op.samples() > 0 ? op.samples() : (int) Math.ceil(bin[d]);
        }
        double sum = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < places[0]; i++) {
            for (int j = 0; j < places[1]; j++) {
                double y = start[0] + bin[0] * (o[2] + (i + 0.5) / places[0]);
                double x = start[1] + bin[1] * (o[3] + (j + 0.5) / places[1]);
                double[] parts = parts(in.get(0), (int) in.get(2).at(o[0]), o[1], y, x);
                for (double part : parts) {
                    sum += part;
                    most = Math.max(most, part);
                }
            }
        }
        return op.maximum() ? most : sum / Math.max(1, places[0] * places[1]);
    }

    /// The four elements around a place, each times its weight.
    private static double[] parts(Grid x, int n, int c, double row, double column) {
        int height = x.extent(2);
        int width = x.extent(3);
        if (row < -1 || row > height || column < -1 || column > width) return new double[4];
        double r = Math.clamp(row, 0, height - 1);
        double s = Math.clamp(column, 0, width - 1);
        int top = (int) r;
        int left = (int) s;
        int bottom = Math.min(top + 1, height - 1);
        int right = Math.min(left + 1, width - 1);
        double down = r - top;
        double along = s - left;
        return new double[] {
            (1 - down) * (1 - along) * x.at(n, c, top, left),
            (1 - down) * along * x.at(n, c, top, right),
            down * (1 - along) * x.at(n, c, bottom, left),
            down * along * x.at(n, c, bottom, right)
        };
    }

    private static Stream<OperatorCase> movedTaps() {
        var op = new DeformConv(List.of(new Window(2, 1, 1, 0), new Window(1, 2, 0, 1)), 2, 2);
        // [2, 4, 5, 6] with 2 x 2 taps: 3 x 5 places
        return OperatorContract.of(op)
                .inputs(
                        "mask and bias",
                        f32(2, 4, 5, 6),
                        f32(6, 2, 2, 2),
                        f32(2, 16, 3, 5),
                        f32(6),
                        f32(2, 8, 3, 5))
                .oracle(in -> Grid.each(DType.FLOAT32, new int[] {2, 6, 3, 5}, o -> moved(in, o)));
    }

    private static double moved(List<Grid> in, int[] o) {
        double sum = in.get(3).at(o[1]);
        for (int c = 0; c < 2; c++) {
            int channel = o[1] / 3 * 2 + c;
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 2; j++) {
                    int tap = channel / 2 * 4 + 2 * i + j;
                    double y = o[2] * 2 + i - 1 + in.get(2).at(o[0], 2 * tap, o[2], o[3]);
                    double x = o[3] + 2 * j + in.get(2).at(o[0], 2 * tap + 1, o[2], o[3]);
                    int top = (int) Math.floor(y);
                    int left = (int) Math.floor(x);
                    double value = 0;
                    for (int d = 0; d < 2; d++)
                        for (int e = 0; e < 2; e++)
                            value +=
                                    (1 - Math.abs(y - top - d))
                                            * (1 - Math.abs(x - left - e))
                                            * in.get(0).atOr(0, o[0], channel, top + d, left + e);
                    sum +=
                            value
                                    * in.get(4).at(o[0], tap, o[2], o[3])
                                    * in.get(1).at(o[1], c, i, j);
                }
            }
        }
        return sum;
    }

    private static Stream<OperatorCase> trees() {
        var none = List.<Double>of();
        var inner =
                List.of(
                        new TreeEnsemble.Inner(0, TreeEnsemble.Mode.AT_MOST, 0.5, none, true, 1, 4),
                        new TreeEnsemble.Inner(
                                1, TreeEnsemble.Mode.MEMBER, 0, List.of(2.0, 3.0), false, 5, 6),
                        new TreeEnsemble.Inner(2, TreeEnsemble.Mode.GREATER, -1, none, false, 3, 7),
                        new TreeEnsemble.Inner(
                                1, TreeEnsemble.Mode.NOT_EQUAL, 3, none, false, 6, 4));
        var leaves =
                List.of(
                        new TreeEnsemble.Leaf(0, 1.5),
                        new TreeEnsemble.Leaf(1, -2),
                        new TreeEnsemble.Leaf(1, 4),
                        new TreeEnsemble.Leaf(0, -8));
        var several =
                List.of(
                        votes(0, 1.5, 2, -3),
                        new TreeEnsemble.Leaf(List.of()),
                        votes(2, 4, 2, 0.5),
                        votes(0, -8, 1, 2));
        return Stream.of(leaves, several)
                .flatMap(ends ->
                        Stream.of(TreeEnsemble.Aggregate.values())
                                .map(how -> new TreeEnsemble(List.of(0, 2), inner, ends, 3, how)))
                .flatMap(RegionCases::trees);
    }

    private static TreeEnsemble.Leaf votes(int target, double weight, int other, double second) {
        return new TreeEnsemble.Leaf(
                List.of(
                        new TreeEnsemble.Vote(target, weight),
                        new TreeEnsemble.Vote(other, second)));
    }

    private static Stream<OperatorCase> trees(TreeEnsemble op) {
        float nan = Float.NaN;
        float[] rows = {0, 2, 0, 1, 3, -2, 0.5f, 7, 5, nan, 3, -1, 9, 9, 9, 0.2f, nan, 4};
        return OperatorContract.of(op)
                .inputs("6 rows", Given.of(Tensor.of(rows, 6, 3)).symbol(0, "N"))
                .oracle(in ->
                        Grid.each(DType.FLOAT32, new int[] {6, 3}, o -> voted(in.get(0), o, op)));
    }

    private static double voted(Grid x, int[] o, TreeEnsemble op) {
        var votes = new ArrayList<Double>();
        for (int root : op.roots()) {
            int at = root;
            while (at < op.inner().size()) {
                var node = op.inner().get(at);
                double value = x.at(o[0], node.feature());
                boolean yes =
                        switch (node.mode()) {
                            case AT_MOST -> value <= node.number();
                            case LESS -> value < node.number();
                            case AT_LEAST -> value >= node.number();
                            case GREATER -> value > node.number();
                            case EQUAL -> value == node.number();
                            case NOT_EQUAL -> value != node.number();
                            case MEMBER -> node.set().contains(value);
                        };
                if (Double.isNaN(value)) yes = node.missing();
                at = yes ? node.whenTrue() : node.whenFalse();
            }
            for (var vote : op.leaves().get(at - op.inner().size()).votes())
                if (vote.target() == o[1]) votes.add(vote.weight());
        }
        var numbers = votes.stream().mapToDouble(v -> v);
        return switch (op.aggregate()) {
            case SUM -> numbers.sum();
            case AVERAGE -> numbers.sum() / op.roots().size();
            case MIN -> numbers.min().orElse(0);
            case MAX -> numbers.max().orElse(0);
        };
    }

    private static Stream<OperatorCase> couplings() {
        return Stream.of(2, 3, 5)
                .flatMap(k ->
                        OperatorContract.of(new PairwiseCoupling(k))
                                .inputs(
                                        k + " classes",
                                        random(DType.FLOAT32, 0.05, 0.95, 6, k * (k - 1) / 2)
                                                .symbol(0, "N"))
                                .inputs("even", filled(0.5, 1, k * (k - 1) / 2))
                                .oracle(in -> coupled(in.get(0), k)));
    }

    /// As LIBSVM states it, with Qp computed anew at each turn.
    private static Grid coupled(Grid pairs, int k) {
        var y = Grid.zeros(DType.FLOAT32, pairs.extent(0), k);
        for (int n = 0; n < pairs.extent(0); n++) {
            var r = new double[k][k];
            int pair = 0;
            for (int i = 0; i < k; i++) {
                for (int j = i + 1; j < k; j++, pair++) {
                    r[i][j] = pairs.at(n, pair);
                    r[j][i] = 1 - r[i][j];
                }
            }
            var q = new double[k][k];
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++)
                    if (i != j) {
                        q[i][i] += r[j][i] * r[j][i];
                        q[i][j] = -r[j][i] * r[i][j];
                    }
            var p = new double[k];
            Arrays.fill(p, 1.0 / k);
            for (int turn = 0; turn < 100; turn++) {
                var qp = new double[k];
                double pqp = 0;
                for (int i = 0; i < k; i++) {
                    for (int j = 0; j < k; j++) qp[i] += q[i][j] * p[j];
                    pqp += p[i] * qp[i];
                }
                double error = 0;
                for (double value : qp) error = Math.max(error, Math.abs(value - pqp));
                if (error < 0.005 / k) break;
                for (int t = 0; t < k; t++) {
                    double delta = (pqp - qp[t]) / q[t][t];
                    p[t] += delta;
                    pqp = (pqp + delta * (delta * q[t][t] + 2 * qp[t])) / Math.pow(1 + delta, 2);
                    for (int j = 0; j < k; j++) {
                        qp[j] = (qp[j] + delta * q[t][j]) / (1 + delta);
                        p[j] /= 1 + delta;
                    }
                }
            }
            for (int c = 0; c < k; c++) y.set(p[c], n, c);
        }
        return y;
    }
}
