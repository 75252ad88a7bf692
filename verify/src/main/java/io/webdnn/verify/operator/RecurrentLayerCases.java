package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.ABSENT;
import static io.webdnn.verify.operator.Given.f32;

import io.webdnn.graph.op.HardSigmoid;
import io.webdnn.graph.op.Recurrent;
import io.webdnn.graph.op.Recurrent.Cell;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Tanh;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The recurrent layers of Keras, against loops over examples and steps.
final class RecurrentLayerCases {
    private static final int HIDDEN = 3;
    private static final int STEPS = 5;

    private RecurrentLayerCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(Cell.values())
                .flatMap(cell -> Stream.of(false, true).flatMap(r -> of(cell, r)));
    }

    private static Stream<OperatorCase> of(Cell cell, boolean reversed) {
        var gate = reversed ? new HardSigmoid(0.2f, 0.5f) : new Sigmoid();
        var op = new Recurrent(cell, HIDDEN, gate, new Tanh(), reversed);
        int width = cell.gates() * HIDDEN;
        var g = f32(2, STEPS, width);
        var r = f32(HIDDEN, width);
        var b = f32(width);
        var mask =
                Given.of(
                        Tensor.of(
                                new boolean[] {
                                    false, true, true, false, true, true, true, false, false, false
                                },
                                2,
                                STEPS));
        var state = f32(2, HIDDEN);
        var contract =
                OperatorContract.of(op)
                        .inputs("no bias", g, r)
                        .inputs("one step", f32(2, 1, width), r, b)
                        .inputs("symbols", g.symbol(0, "N").symbol(1, "T"), r, b)
                        .inputs("mask", g, r, b, mask);
        contract =
                cell == Cell.LSTM
                        ? contract.inputs("everything", g, r, b, mask, state, state)
                                .inputs("states", g, r, b, ABSENT, state, state)
                                .inputs("factor", g, r, b, mask, state, state, state)
                        : contract.inputs("everything", g, r, b, mask, state)
                                .inputs("states", g, r, b, ABSENT, state)
                                .inputs("factor", g, r, b, mask, state, ABSENT, state);
        return contract.oracles(in -> expected(op, in));
    }

    private static double gate(Recurrent op, double x) {
        return op.gate() instanceof Sigmoid
                ? 1 / (1 + Math.exp(-x))
                : Math.max(0, Math.min(1, 0.2f * x + 0.5f));
    }

    private static @Nullable Grid optional(List<@Nullable Grid> in, int i) {
        return i < in.size() ? in.get(i) : null;
    }

    private static Grid given(List<@Nullable Grid> in, int i) {
        var grid = in.get(i);
        if (grid == null) throw new IllegalArgumentException("input " + i + " is absent");
        return grid;
    }

    private static List<Grid> expected(Recurrent op, List<@Nullable Grid> in) {
        var g = given(in, 0);
        int batch = g.extent(0);
        int steps = g.extent(1);
        var y = Grid.zeros(DType.FLOAT32, batch, steps, HIDDEN);
        var last = Grid.zeros(DType.FLOAT32, batch, HIDDEN);
        var states = new ArrayList<Grid>();
        for (int s = 0; s < op.cell().states(); s++)
            states.add(Grid.zeros(DType.FLOAT32, batch, HIDDEN));
        for (int n = 0; n < batch; n++) {
            var state = new double[op.cell().states()][HIDDEN];
            for (int s = 0; s < state.length; s++) {
                var initial = optional(in, 4 + s);
                for (int j = 0; initial != null && j < HIDDEN; j++) state[s][j] = initial.at(n, j);
            }
            var shown = new double[HIDDEN];
            for (int step = 0; step < steps; step++) {
                int t = op.reversed() ? steps - 1 - step : step;
                var mask = optional(in, 3);
                if (mask == null || mask.at(n, t) != 0) {
                    state = stepped(op, in, n, t, state);
                    shown = state[0];
                }
                for (int j = 0; j < HIDDEN; j++) y.set(shown[j], n, step, j);
            }
            for (int j = 0; j < HIDDEN; j++) {
                last.set(shown[j], n, j);
                for (int s = 0; s < state.length; s++) states.get(s).set(state[s][j], n, j);
            }
        }
        var results = new ArrayList<>(List.of(y, last));
        results.addAll(states);
        return results;
    }

    /// {@return what the state gives to a unit's gate}
    private static double fromState(
            List<@Nullable Grid> in, int n, double[] h, int gate, int unit) {
        int column = gate * HIDDEN + unit;
        var bias = optional(in, 2);
        double sum = bias == null ? 0 : bias.at(column);
        var factor = optional(in, 6);
        for (int k = 0; k < HIDDEN; k++)
            sum += h[k] * (factor == null ? 1 : factor.at(n, k)) * given(in, 1).at(k, column);
        return sum;
    }

    private static double[][] stepped(
            Recurrent op, List<@Nullable Grid> in, int n, int t, double[][] state) {
        var g = given(in, 0);
        double[] h = state[0];
        var next = new double[state.length][HIDDEN];
        var reset = new double[HIDDEN];
        for (int j = 0; j < HIDDEN; j++) {
            if (op.cell() == Cell.GRU)
                reset[j] = h[j] * gate(op, g.at(n, t, HIDDEN + j) + fromState(in, n, h, 1, j));
        }
        for (int j = 0; j < HIDDEN; j++) {
            double first = g.at(n, t, j) + fromState(in, n, h, 0, j);
            switch (op.cell()) {
                case SIMPLE -> next[0][j] = Math.tanh(first);
                case GRU, GRU_RESET_AFTER -> {
                    double z = gate(op, first);
                    double input = g.at(n, t, 2 * HIDDEN + j);
                    double r = gate(op, g.at(n, t, HIDDEN + j) + fromState(in, n, h, 1, j));
                    double candidate =
                            op.cell() == Cell.GRU
                                    ? input + fromState(in, n, reset, 2, j)
                                    : input + r * fromState(in, n, h, 2, j);
                    next[0][j] = z * h[j] + (1 - z) * Math.tanh(candidate);
                }
                case LSTM -> {
                    double f = gate(op, g.at(n, t, HIDDEN + j) + fromState(in, n, h, 1, j));
                    double c = Math.tanh(g.at(n, t, 2 * HIDDEN + j) + fromState(in, n, h, 2, j));
                    double o = gate(op, g.at(n, t, 3 * HIDDEN + j) + fromState(in, n, h, 3, j));
                    next[1][j] = f * state[1][j] + gate(op, first) * c;
                    next[0][j] = o * Math.tanh(next[1][j]);
                }
            }
        }
        return next;
    }
}
