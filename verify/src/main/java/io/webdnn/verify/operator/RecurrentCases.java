package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.ABSENT;
import static io.webdnn.verify.operator.Given.f32;

import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.LSTM;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Tanh;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Recurrent operators.
final class RecurrentCases {
    private RecurrentCases() {}

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static List<DoubleUnaryOperator> usual(int directions) {
        var functions = new ArrayList<DoubleUnaryOperator>();
        for (int d = 0; d < directions; d++) {
            functions.add(RecurrentCases::sigmoid);
            functions.add(Math::tanh);
            functions.add(Math::tanh);
        }
        return functions;
    }

    static Stream<OperatorCase> cases() {
        List<Elementwise> odd = List.of(new HardSigmoid(0.2f, 0.5f), new Relu(), new Sigmoid());
        List<DoubleUnaryOperator> oddFunctions =
                List.of(
                        x -> Math.max(0, Math.min(1, 0.2f * x + 0.5f)),
                        x -> Math.max(0, x),
                        RecurrentCases::sigmoid);
        List<Elementwise> mixed =
                List.of(
                        new Sigmoid(),
                        new Tanh(),
                        new Relu(),
                        new HardSigmoid(0.2f, 0.5f),
                        new Relu(),
                        new Sigmoid());
        List<DoubleUnaryOperator> mixedFunctions =
                Stream.concat(
                                Stream.<DoubleUnaryOperator>of(
                                        RecurrentCases::sigmoid, Math::tanh, x -> Math.max(0, x)),
                                oddFunctions.stream())
                        .toList();
        return Stream.of(
                        lstm(LSTM.of(3, LSTM.Direction.FORWARD), usual(1)),
                        lstm(LSTM.of(3, LSTM.Direction.REVERSE), usual(1)),
                        lstm(LSTM.of(3, LSTM.Direction.BIDIRECTIONAL), usual(2)),
                        lstm(
                                new LSTM(3, LSTM.Direction.FORWARD, odd, 0.3f, true, true),
                                oddFunctions),
                        lstm(
                                new LSTM(3, LSTM.Direction.BIDIRECTIONAL, mixed, null, false, true),
                                mixedFunctions))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> lstm(LSTM op, List<DoubleUnaryOperator> functions) {
        int d = op.direction() == LSTM.Direction.BIDIRECTIONAL ? 2 : 1;
        int h = op.hidden();
        var lengths = Given.of(Tensor.of(new int[] {5, 2}, 2));
        var w = f32(d, 4 * h, 4);
        var r = f32(d, 4 * h, h);
        var b = f32(d, 8 * h);
        var p = f32(d, 3 * h);
        return OperatorContract.of(op)
                .inputs("no bias", x(op, false), w, r)
                .inputs("one step", x(op, 1), w, r, b)
                .inputs("bias", x(op, true), w, r, b)
                .inputs("lengths", x(op, false), w, r, b, lengths)
                .inputs("initial states", x(op, false), w, r, b, ABSENT, state(op, d), state(op, d))
                .inputs("everything", x(op, false), w, r, b, lengths, state(op, d), state(op, d), p)
                .oracles(in -> lstm(op, functions, in));
    }

    private static Given x(LSTM op, int steps) {
        return op.batchFirst() ? f32(2, steps, 4) : f32(steps, 2, 4);
    }

    private static Given x(LSTM op, boolean symbolic) {
        var x = x(op, 5);
        if (!symbolic) return x;
        return x.symbol(op.batchFirst() ? 0 : 1, "N").symbol(op.batchFirst() ? 1 : 0, "T");
    }

    private static Given state(LSTM op, int directions) {
        return op.batchFirst() ? f32(2, directions, op.hidden()) : f32(directions, 2, op.hidden());
    }

    private static @Nullable Grid optional(List<@Nullable Grid> in, int i) {
        return i < in.size() ? in.get(i) : null;
    }

    private static Grid given(List<@Nullable Grid> in, int i) {
        var grid = in.get(i);
        if (grid == null) throw new IllegalArgumentException("input " + i + " is absent");
        return grid;
    }

    private static List<Grid> lstm(LSTM op, List<DoubleUnaryOperator> f, List<@Nullable Grid> in) {
        var x = given(in, 0);
        boolean batchFirst = op.batchFirst();
        int steps = x.extent(batchFirst ? 1 : 0);
        int batch = x.extent(batchFirst ? 0 : 1);
        int directions = given(in, 1).extent(0);
        int h = op.hidden();
        var y =
                batchFirst
                        ? Grid.zeros(DType.FLOAT32, batch, steps, directions, h)
                        : Grid.zeros(DType.FLOAT32, steps, directions, batch, h);
        var lastH =
                batchFirst
                        ? Grid.zeros(DType.FLOAT32, batch, directions, h)
                        : Grid.zeros(DType.FLOAT32, directions, batch, h);
        var lastC = lastH.as(DType.FLOAT32);
        var lengths = optional(in, 4);
        for (int d = 0; d < directions; d++) {
            boolean backwards = op.direction() == LSTM.Direction.REVERSE || d == 1;
            for (int n = 0; n < batch; n++) {
                var cell = new Cell(op, f.subList(3 * d, 3 * d + 3), in, d, n);
                int length = lengths == null ? steps : (int) lengths.at(n);
                for (int s = 0; s < length; s++) {
                    int t = backwards ? length - 1 - s : s;
                    var input = new double[x.extent(2)];
                    for (int i = 0; i < input.length; i++)
                        input[i] = batchFirst ? x.at(n, t, i) : x.at(t, n, i);
                    cell.step(input);
                    for (int j = 0; j < h; j++) {
                        if (batchFirst) y.set(cell.hidden[j], n, t, d, j);
                        else y.set(cell.hidden[j], t, d, n, j);
                    }
                }
                for (int j = 0; j < h; j++) {
                    lastH.set(cell.hidden[j], batchFirst ? n : d, batchFirst ? d : n, j);
                    lastC.set(cell.cell[j], batchFirst ? n : d, batchFirst ? d : n, j);
                }
            }
        }
        return List.of(y, lastH, lastC);
    }

    /// The state of one sequence in one direction.
    private static final class Cell {
        private final LSTM op;
        private final List<DoubleUnaryOperator> f;
        private final List<@Nullable Grid> in;
        private final int d;
        private double[] hidden;
        private double[] cell;

        Cell(LSTM op, List<DoubleUnaryOperator> f, List<@Nullable Grid> in, int d, int n) {
            this.op = op;
            this.f = f;
            this.in = in;
            this.d = d;
            hidden = initial(optional(in, 5), n);
            cell = initial(optional(in, 6), n);
        }

        private double[] initial(@Nullable Grid state, int n) {
            var values = new double[op.hidden()];
            for (int j = 0; j < values.length; j++) {
                if (state != null)
                    values[j] = op.batchFirst() ? state.at(n, d, j) : state.at(d, n, j);
            }
            return values;
        }

        private double sum(int gate, int j, double[] x) {
            int row = gate * op.hidden() + j;
            double sum = 0;
            for (int i = 0; i < x.length; i++) sum += x[i] * given(in, 1).at(d, row, i);
            for (int k = 0; k < hidden.length; k++) sum += hidden[k] * given(in, 2).at(d, row, k);
            var bias = optional(in, 3);
            if (bias != null) sum += bias.at(d, row) + bias.at(d, 4 * op.hidden() + row);
            return sum;
        }

        private double peephole(int which, int j, double value) {
            var weights = optional(in, 7);
            return weights == null ? 0 : weights.at(d, which * op.hidden() + j) * value;
        }

        private double apply(int function, double x) {
            var clip = op.clip();
            double limited = clip == null ? x : Math.max(-clip, Math.min(clip, x));
            return f.get(function).applyAsDouble(limited);
        }

        void step(double[] x) {
            var newHidden = new double[hidden.length];
            var newCell = new double[cell.length];
            for (int j = 0; j < hidden.length; j++) {
                double i = apply(0, sum(0, j, x) + peephole(0, j, cell[j]));
                double forget =
                        op.inputForget() ? 1 - i : apply(0, sum(2, j, x) + peephole(2, j, cell[j]));
                newCell[j] = forget * cell[j] + i * apply(1, sum(3, j, x));
                double o = apply(0, sum(1, j, x) + peephole(1, j, newCell[j]));
                newHidden[j] = o * apply(2, newCell[j]);
            }
            hidden = newHidden;
            cell = newCell;
        }
    }
}
