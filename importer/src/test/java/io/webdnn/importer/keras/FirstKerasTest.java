package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Files of Keras 1: its layers, names of attributes and orders of weights, against plain loops.
final class FirstKerasTest {
    private static final String VERSION = "1.2.2";
    private static final double TOLERANCE = 2e-5;

    private static Tensor random(int seed, int... shape) {
        return SmallModel.random(seed, shape);
    }

    private static double at(Tensor x, int... place) {
        int index = 0;
        for (int d = 0; d < place.length; d++) index = index * x.shape()[d] + place[d];
        return x.getDouble(index);
    }

    private static void assertGives(Tensor actual, int[] shape, IntToDoubleFunction expected) {
        assertEquals(Arrays.toString(shape), Arrays.toString(actual.shape()));
        var values = new double[actual.size()];
        var given = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = expected.applyAsDouble(i);
            given[i] = actual.getDouble(i);
        }
        assertArrayEquals(values, given, TOLERANCE);
    }

    private static int[] shape(int... extents) {
        return extents;
    }

    @Test
    void kernelsOfChannelsFirst() {
        var x = random(1, 1, 2, 5, 4);
        var kernel = random(2, 3, 2, 3, 2); // filters, channels, rows, columns
        var y =
                SmallModel.of(
                                VERSION,
                                "Convolution2D",
                                "'nb_filter': 3, 'nb_row': 3, 'nb_col': 2, 'subsample': [1, 1],"
                                        + " 'border_mode': 'valid', 'dim_ordering': 'th', 'bias':"
                                        + " false, 'activation': 'linear'",
                                "2, 5, 4",
                                kernel)
                        .run(x);
        assertGives(
                y,
                shape(1, 3, 3, 3),
                i -> {
                    double sum = 0;
                    for (int a = 0; a < 3; a++)
                        for (int b = 0; b < 2; b++)
                            for (int c = 0; c < 2; c++)
                                sum +=
                                        at(x, 0, c, i / 3 % 3 + a, i % 3 + b)
                                                * at(kernel, i / 9, c, a, b);
                    return sum;
                });
    }

    @Test
    void kernelsOfThreeAxesOfChannelsFirst() {
        var x = random(1, 1, 2, 2, 3, 2);
        var kernel = random(2, 2, 2, 2, 1, 2);
        var y =
                SmallModel.of(
                                VERSION,
                                "Convolution3D",
                                "'nb_filter': 2, 'kernel_dim1': 2, 'kernel_dim2': 1, 'kernel_dim3':"
                                        + " 2, 'dim_ordering': 'th', 'bias': false",
                                "2, 2, 3, 2",
                                kernel)
                        .run(x);
        assertGives(
                y,
                shape(1, 2, 1, 3, 1),
                i -> {
                    double sum = 0;
                    for (int c = 0; c < 2; c++)
                        for (int a = 0; a < 2; a++)
                            for (int b = 0; b < 2; b++)
                                sum += at(x, 0, c, a, i % 3, b) * at(kernel, i / 3, c, a, 0, b);
                    return sum;
                });
    }

    /// Before Keras 1.1 the filters stood first.
    @Test
    void kernelsOfOneAxis() {
        var x = random(1, 1, 5, 2);
        var kernel = random(2, 3, 1, 2, 4); // length, 1, channels, filters
        var older = new float[kernel.size()];
        for (int k = 0; k < 3; k++)
            for (int c = 0; c < 2; c++)
                for (int f = 0; f < 4; f++)
                    older[(f * 2 + c) * 3 + k] = (float) at(kernel, k, 0, c, f);
        for (var stored : List.of(kernel, Tensor.of(older, 4, 2, 3, 1))) {
            var y =
                    SmallModel.of(
                                    VERSION,
                                    "Convolution1D",
                                    "'nb_filter': 4, 'filter_length': 3, 'subsample_length': 1,"
                                            + " 'border_mode': 'valid', 'bias': false",
                                    "5, 2",
                                    stored)
                            .run(x);
            assertGives(
                    y,
                    shape(1, 3, 4),
                    i -> {
                        double sum = 0;
                        for (int k = 0; k < 3; k++)
                            for (int c = 0; c < 2; c++)
                                sum += at(x, 0, i / 4 + k, c) * at(kernel, k, 0, c, i % 4);
                        return sum;
                    });
        }
    }

    private static SmallModel deconvolution(String outputShape, Tensor kernel) {
        return SmallModel.of(
                VERSION,
                "Deconvolution2D",
                "'nb_filter': 3, 'nb_row': 3, 'nb_col': 3, 'subsample': [2, 2], 'border_mode':"
                        + " 'valid', 'dim_ordering': 'tf', 'bias': false, 'output_shape': "
                        + outputShape,
                "2, 2, 2",
                kernel);
    }

    @Test
    void transposedConvolutions() {
        var x = random(1, 1, 2, 2, 2);
        var kernel = random(2, 3, 3, 2, 3); // rows, columns, channels, filters
        var y = deconvolution("[null, 6, 5, 3]", kernel).run(x);
        assertGives(
                y,
                shape(1, 6, 5, 3),
                i -> {
                    double sum = 0;
                    for (int r = 0; r < 2; r++)
                        for (int s = 0; s < 2; s++) {
                            int a = i / 15 - 2 * r;
                            int b = i / 3 % 5 - 2 * s;
                            if (a < 0 || a > 2 || b < 0 || b > 2) continue;
                            for (int c = 0; c < 2; c++)
                                sum += at(x, 0, r, s, c) * at(kernel, a, b, c, i % 3);
                        }
                    return sum;
                });
        assertEquals(
                "Conv2DTranspose 'd': output_shape: expected 5 … 6 on axis 1, got [null, 7, 5, 3]",
                message(deconvolution("[null, 7, 5, 3]", kernel)));
    }

    private static String message(SmallModel model) {
        var thrown = assertThrows(GraphException.class, () -> model.importer().graph());
        return String.valueOf(thrown.getMessage()).replaceFirst(" \\([^()]*\\.h5\\)", "");
    }

    private static double hard(double x) {
        return Math.min(Math.max(0.2 * x + 0.5, 0), 1);
    }

    /// {@return for each gate a matrix of the input, one of the state, and a bias}
    private static List<Tensor> gates(int count) {
        var weights = new ArrayList<Tensor>();
        for (int g = 0; g < count; g++) {
            weights.add(random(10 + 3 * g, 3, 2));
            weights.add(random(11 + 3 * g, 2, 2));
            weights.add(random(12 + 3 * g, 2));
        }
        return weights;
    }

    /// {@return what goes into a gate}
    private static double into(
            List<Tensor> weights, int gate, Tensor x, int step, double[] state, int unit) {
        double sum = at(weights.get(3 * gate + 2), unit);
        for (int c = 0; c < 3; c++) sum += at(x, 0, step, c) * at(weights.get(3 * gate), c, unit);
        for (int u = 0; u < 2; u++) sum += state[u] * at(weights.get(3 * gate + 1), u, unit);
        return sum;
    }

    private static final String RECURRENT =
            "'output_dim': 2, 'inner_activation': 'hard_sigmoid', 'activation': 'tanh', 'init':"
                    + " 'glorot_uniform', 'inner_init': 'orthogonal', 'forget_bias_init': 'one',"
                    + " 'dropout_W': 0.0, 'dropout_U': 0.0, 'consume_less': 'cpu', 'unroll': false,"
                    + " 'return_sequences': false, 'stateful': false, 'go_backwards': false,"
                    + " 'input_dim': 3, 'input_length': 4";

    @Test
    void matricesForEachGate() {
        var x = random(1, 1, 4, 3);
        var lstm = gates(4); // i, c, f, o
        double[] h = {0, 0};
        double[] c = {0, 0};
        for (int t = 0; t < 4; t++) {
            double[] next = {0, 0};
            for (int u = 0; u < 2; u++) {
                double i = hard(into(lstm, 0, x, t, h, u));
                double f = hard(into(lstm, 2, x, t, h, u));
                c[u] = f * c[u] + i * Math.tanh(into(lstm, 1, x, t, h, u));
                next[u] = hard(into(lstm, 3, x, t, h, u)) * Math.tanh(c[u]);
            }
            h = next;
        }
        double[] memory = h;
        var y =
                SmallModel.of(VERSION, "LSTM", RECURRENT, "4, 3", lstm.toArray(Tensor[]::new))
                        .run(x);
        assertGives(y, shape(1, 2), i -> memory[i]);

        var gru = gates(3); // z, r, h
        h = new double[] {0, 0};
        for (int t = 0; t < 4; t++) {
            double[] reset = {0, 0};
            for (int u = 0; u < 2; u++) reset[u] = hard(into(gru, 1, x, t, h, u)) * h[u];
            double[] next = {0, 0};
            for (int u = 0; u < 2; u++) {
                double z = hard(into(gru, 0, x, t, h, u));
                next[u] = z * h[u] + (1 - z) * Math.tanh(into(gru, 2, x, t, reset, u));
            }
            h = next;
        }
        double[] state = h;
        y = SmallModel.of(VERSION, "GRU", RECURRENT, "4, 3", gru.toArray(Tensor[]::new)).run(x);
        assertGives(y, shape(1, 2), i -> state[i]);
    }

    @Test
    void theMemoryOfImages() {
        // one step, one pixel: every gate is a number times the input
        var x = Tensor.of(new float[] {0.7f}, 1, 1, 1, 1, 1);
        var weights = new ArrayList<Tensor>();
        for (int g = 0; g < 4; g++) {
            weights.add(random(20 + 3 * g, 1, 1, 1, 1));
            weights.add(random(21 + 3 * g, 1, 1, 1, 1));
            weights.add(random(22 + 3 * g, 1));
        }
        double[] into = new double[4];
        for (int g = 0; g < 4; g++)
            into[g] = 0.7f * weights.get(3 * g).getDouble(0) + weights.get(3 * g + 2).getDouble(0);
        double c = hard(into[0]) * Math.tanh(into[1]);
        var y =
                SmallModel.of(
                                VERSION,
                                "ConvLSTM2D",
                                "'nb_filter': 1, 'nb_row': 1, 'nb_col': 1, 'border_mode': 'valid',"
                                        + " 'dim_ordering': 'th', 'inner_activation':"
                                        + " 'hard_sigmoid', 'forget_bias_init': 'one', 'subsample':"
                                        + " [1, 1]",
                                "1, 1, 1, 1",
                                weights.toArray(Tensor[]::new))
                        .run(x);
        assertGives(y, shape(1, 1, 1, 1), _ -> hard(into[3]) * Math.tanh(c));
    }

    @Test
    void highways() {
        var x = random(1, 2, 3);
        var kernel = random(2, 3, 3);
        var bias = random(3, 3);
        var carry = random(4, 3, 3);
        var carryBias = random(5, 3);
        for (var weights :
                List.of(
                        List.of(kernel, bias, carry, carryBias),
                        List.of(kernel, carry, bias, carryBias))) {
            var y =
                    SmallModel.of(
                                    VERSION,
                                    "Highway",
                                    "'transform_bias': -2, 'activation': 'relu', 'bias': true,"
                                            + " 'init': 'glorot_uniform', 'input_dim': 3",
                                    "3",
                                    weights.toArray(Tensor[]::new))
                            .run(x);
            assertGives(
                    y,
                    shape(2, 3),
                    i -> {
                        double own = at(bias, i % 3);
                        double gate = at(carryBias, i % 3);
                        for (int k = 0; k < 3; k++) {
                            own += at(x, i / 3, k) * at(kernel, k, i % 3);
                            gate += at(x, i / 3, k) * at(carry, k, i % 3);
                        }
                        double t = 1 / (1 + Math.exp(-gate));
                        return t * Math.max(own, 0) + (1 - t) * x.getDouble(i);
                    });
        }
    }

    @Test
    void denseLayers() {
        var x = random(1, 2, 3);
        var kernel = random(2, 4, 3, 2);
        var bias = random(3, 4, 2);
        var y =
                SmallModel.of(
                                VERSION,
                                "MaxoutDense",
                                "'output_dim': 2, 'nb_feature': 4, 'bias': true",
                                "3",
                                kernel,
                                bias)
                        .run(x);
        assertGives(
                y,
                shape(2, 2),
                i -> {
                    double most = -99;
                    for (int k = 0; k < 4; k++) {
                        double sum = at(bias, k, i % 2);
                        for (int c = 0; c < 3; c++)
                            sum += at(x, i / 2, c) * at(kernel, k, c, i % 2);
                        most = Math.max(most, sum);
                    }
                    return most;
                });
        var steps = random(4, 2, 4, 3);
        var one = random(5, 3, 2);
        y =
                SmallModel.of(
                                VERSION,
                                "TimeDistributedDense",
                                "'output_dim': 2, 'bias': false, 'input_length': 4",
                                "4, 3",
                                one)
                        .run(steps);
        assertGives(
                y,
                shape(2, 4, 2),
                i -> {
                    double sum = 0;
                    for (int c = 0; c < 3; c++)
                        sum += steps.getDouble(i / 2 * 3 + c) * at(one, c, i % 2);
                    return sum;
                });
    }

    @Test
    void activations() {
        var x = Tensor.of(new float[] {-3, -0.5f, 0.25f, 2, 0, 4}, 2, 3);
        var alpha = random(1, 3);
        var beta = random(2, 3);
        assertGives(
                SmallModel.of(VERSION, "ParametricSoftplus", "'alpha_init': 0.2", "3", alpha, beta)
                        .run(x),
                shape(2, 3),
                i -> at(alpha, i % 3) * Math.log1p(Math.exp(at(beta, i % 3) * x.getDouble(i))));
        var low = Tensor.of(new float[] {-1, -1, 0}, 3);
        var below = Tensor.of(new float[] {0.1f, 0.2f, 0.3f}, 3);
        var distance = Tensor.of(new float[] {2, -2, 1}, 3);
        var above = Tensor.of(new float[] {0.5f, 0.25f, 2}, 3);
        assertGives(
                SmallModel.of(
                                VERSION,
                                "SReLU",
                                "'t_left_init': 'zero', 'a_left_init': 'glorot_uniform'",
                                "3",
                                low,
                                below,
                                distance,
                                above)
                        .run(x),
                shape(2, 3),
                i -> {
                    double left = at(low, i % 3);
                    double right = left + Math.abs(at(distance, i % 3));
                    double v = x.getDouble(i);
                    if (v < left) return left + at(below, i % 3) * (v - left);
                    return v > right ? right + at(above, i % 3) * (v - right) : v;
                });
    }

    private static SmallModel merge(String attributes) {
        return SmallModel.functional(
                VERSION,
                "Merge",
                attributes
                        + ", 'mode_type': 'raw', 'output_shape': null, 'output_shape_type': 'raw',"
                        + " 'output_mask': null, 'output_mask_type': 'raw', 'arguments': {}",
                List.of("3", "3"),
                "[[['x0', 0, 0], ['x1', 0, 0]]]");
    }

    @Test
    void merging() {
        var a = random(1, 2, 3);
        var b = random(2, 2, 3);
        IntToDoubleFunction x = a::getDouble;
        IntToDoubleFunction y = b::getDouble;
        assertGives(
                merge("'mode': 'sum', 'concat_axis': -1, 'dot_axes': -1").run(a, b),
                shape(2, 3),
                i -> x.applyAsDouble(i) + y.applyAsDouble(i));
        assertGives(
                merge("'mode': 'ave'").run(a, b),
                shape(2, 3),
                i -> (x.applyAsDouble(i) + y.applyAsDouble(i)) / 2);
        assertGives(
                merge("'mode': 'mul'").run(a, b),
                shape(2, 3),
                i -> x.applyAsDouble(i) * y.applyAsDouble(i));
        assertGives(
                merge("'mode': 'max'").run(a, b),
                shape(2, 3),
                i -> Math.max(x.applyAsDouble(i), y.applyAsDouble(i)));
        assertGives(
                merge("'mode': 'concat', 'concat_axis': 1").run(a, b),
                shape(2, 6),
                i -> i % 6 < 3 ? at(a, i / 6, i % 6) : at(b, i / 6, i % 6 - 3));
        assertGives(
                merge("'mode': 'dot', 'dot_axes': [1, 1]").run(a, b),
                shape(2, 1),
                i -> product(a, b, i));
        assertGives(
                merge("'mode': 'cos', 'dot_axes': 1").run(a, b),
                shape(2, 1, 1),
                i -> product(a, b, i) / Math.sqrt(product(a, a, i) * product(b, b, i)));
        var code =
                SmallModel.functional(
                        VERSION,
                        "Merge",
                        "'mode': 'abc', 'mode_type': 'lambda'",
                        List.of("3", "3"),
                        "[[['x0', 0, 0], ['x1', 0, 0]]]");
        assertEquals(
                "Merge 'd': mode: expected one of Keras's modes, got Python code", message(code));
    }

    private static double product(Tensor a, Tensor b, int row) {
        double sum = 0;
        for (int c = 0; c < 3; c++) sum += at(a, row, c) * at(b, row, c);
        return sum;
    }

    private static String dense(String name, String more) {
        return "{'class_name': 'Dense', 'config': {'name': '%s', 'output_dim': 2, 'bias': false%s}}"
                .formatted(name, more);
    }

    /// A Sequential may begin with several others; the file holds the weights of all layers side by
    /// side.
    @Test
    void sequentialsThatMerge() {
        var a = random(1, 2, 3);
        var b = random(2, 2, 3);
        var left = random(3, 3, 2);
        var right = random(4, 3, 2);
        var last = random(5, 2, 2);
        var input = ", 'batch_input_shape': [null, 3], 'input_dim': 3";
        var model =
                "{'class_name': 'Sequential', 'config': [{'class_name': 'Merge', 'config': {'name':"
                        + " 'merge_1', 'mode': 'sum', 'mode_type': 'raw', 'layers': ["
                        + "{'class_name': 'Sequential', 'config': ["
                        + dense("left", input)
                        + "]}, "
                        + dense("right", input)
                        + "]}}, {'class_name': 'Sequential', 'config': ["
                        + dense("last", ", 'activation': 'relu'")
                        + "]}]}";
        var y =
                SmallModel.written(
                                VERSION,
                                model,
                                Map.of(
                                        "left", List.of(left),
                                        "right", List.of(right),
                                        "last", List.of(last)))
                        .run(a, b);
        assertGives(
                y,
                shape(2, 2),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 2; k++) {
                        double inner = 0;
                        for (int c = 0; c < 3; c++)
                            inner +=
                                    at(a, i / 2, c) * at(left, c, k)
                                            + at(b, i / 2, c) * at(right, c, k);
                        sum += inner * at(last, k, i % 2);
                    }
                    return Math.max(0, sum);
                });
    }

    /// Theano convolves where the others correlate.
    @Test
    void kernelsOfTheano() {
        var x = random(1, 1, 5, 2);
        var kernel = random(2, 3, 2, 4);
        var attributes = "'filters': 4, 'kernel_size': [3], 'use_bias': false";
        var y = SmallModel.of("2.0.6", "Conv1D", attributes, "5, 2", kernel).on("theano").run(x);
        assertGives(
                y,
                shape(1, 3, 4),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 3; k++)
                        for (int c = 0; c < 2; c++)
                            sum += at(x, 0, i / 4 + k, c) * at(kernel, 2 - k, c, i % 4);
                    return sum;
                });
    }

    @Test
    void longerSequences() {
        var x = random(1, 1, 2, 3);
        assertGives(
                SmallModel.of(VERSION, "UpSampling1D", "'length': 2", "2, 3").run(x),
                shape(1, 4, 3),
                i -> x.getDouble(i / 6 * 3 + i % 3));
    }

    @Test
    void statisticsOfTheBatchAreRefused() {
        assertEquals(
                "BatchNormalization 'd': mode: expected 0, got 2",
                message(
                        SmallModel.of(
                                VERSION,
                                "BatchNormalization",
                                "'mode': 2, 'axis': -1, 'epsilon': 1e-05, 'momentum': 0.9",
                                "3",
                                random(1, 3),
                                random(2, 3),
                                random(3, 3),
                                random(4, 3))));
    }
}
