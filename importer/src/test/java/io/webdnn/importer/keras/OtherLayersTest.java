package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Local and convolutional recurrent layers, cells and cuDNN's, against loops.
final class OtherLayersTest {
    private static double at(Tensor x, int... index) {
        int place = 0;
        for (int d = 0; d < index.length; d++) place = place * x.shape()[d] + index[d];
        return x.getDouble(place);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void locallyConnectedSteps() {
        var x = SmallModel.random(1, 2, 7, 3);
        var kernel = SmallModel.random(2, 3, 6, 2); // 3 places of 2 taps, 2 steps apart
        var bias = SmallModel.random(3, 3, 2);
        var y =
                SmallModel.of(
                                "2.2.0",
                                "LocallyConnected1D",
                                "'filters': 2, 'kernel_size': [2], 'strides': [2], 'padding': 'valid'",
                                "7, 3",
                                kernel,
                                bias)
                        .run(x);
        assertEquals("[2, 3, 2]", Arrays.toString(y.shape()));
        for (int n = 0; n < 2; n++)
            for (int p = 0; p < 3; p++)
                for (int f = 0; f < 2; f++) {
                    double sum = at(bias, p, f);
                    for (int t = 0; t < 2; t++)
                        for (int c = 0; c < 3; c++)
                            sum += at(x, n, 2 * p + t, c) * at(kernel, p, t * 3 + c, f);
                    assertEquals(sum, at(y, n, p, f), 1e-5);
                }
    }

    @Test
    void locallyConnectedImages() {
        var last = SmallModel.random(1, 1, 4, 3, 2);
        var kernel = SmallModel.random(2, 6, 8, 3); // 3 × 2 places of 2 × 2 taps
        var bias = SmallModel.random(3, 3, 2, 3);
        var attributes =
                "'filters': 3, 'kernel_size': [2, 2], 'activation': 'relu', 'data_format': ";
        var y =
                SmallModel.of(
                                "2.2.0",
                                "LocallyConnected2D",
                                attributes + "'channels_last'",
                                "4, 3, 2",
                                kernel,
                                bias)
                        .run(last);
        assertEquals("[1, 3, 2, 3]", Arrays.toString(y.shape()));
        var first = SmallModel.random(4, 1, 2, 4, 3);
        var z =
                SmallModel.of(
                                "2.2.0",
                                "LocallyConnected2D",
                                attributes + "'channels_first', 'use_bias': false",
                                "2, 4, 3",
                                kernel)
                        .run(first);
        assertEquals("[1, 3, 3, 2]", Arrays.toString(z.shape()));
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 2; j++)
                for (int f = 0; f < 3; f++) {
                    double sum = at(bias, i, j, f);
                    double other = 0;
                    for (int a = 0; a < 2; a++)
                        for (int b = 0; b < 2; b++)
                            for (int c = 0; c < 2; c++) {
                                sum +=
                                        at(last, 0, i + a, j + b, c)
                                                * at(kernel, i * 2 + j, (a * 2 + b) * 2 + c, f);
                                other +=
                                        at(first, 0, c, i + a, j + b)
                                                * at(kernel, i * 2 + j, (c * 2 + a) * 2 + b, f);
                            }
                    assertEquals(Math.max(0, sum), at(y, 0, i, j, f), 1e-5);
                    assertEquals(Math.max(0, other), at(z, 0, f, i, j), 1e-5);
                }
    }

    /// One axis, 5 places, 2 channels, 3 steps; 2 filters of 3 taps, `same`.
    @Test
    void convolutionalMemory() {
        var x = SmallModel.random(1, 1, 3, 5, 2);
        var kernel = SmallModel.random(2, 3, 2, 8);
        var recurrent = SmallModel.random(3, 3, 2, 8);
        var bias = SmallModel.random(4, 8);
        for (boolean backwards : new boolean[] {false, true}) {
            var y =
                    SmallModel.of(
                                    "3.3.0",
                                    "ConvLSTM1D",
                                    "'filters': 2, 'kernel_size': [3], 'padding': 'same', 'return_sequences': true, 'go_backwards': "
                                            + backwards,
                                    "3, 5, 2",
                                    kernel,
                                    recurrent,
                                    bias)
                            .run(x);
            assertEquals("[1, 3, 5, 2]", Arrays.toString(y.shape()));
            var h = new double[5][2];
            var c = new double[5][2];
            for (int step = 0; step < 3; step++) {
                int t = backwards ? 2 - step : step;
                var gates = new double[5][8];
                for (int p = 0; p < 5; p++)
                    for (int g = 0; g < 8; g++) {
                        gates[p][g] = at(bias, g);
                        for (int k = 0; k < 3; k++) {
                            int q = p + k - 1;
                            if (q < 0 || q > 4) continue;
                            for (int i = 0; i < 2; i++)
                                gates[p][g] +=
                                        at(x, 0, t, q, i) * at(kernel, k, i, g)
                                                + h[q][i] * at(recurrent, k, i, g);
                        }
                    }
                for (int p = 0; p < 5; p++)
                    for (int f = 0; f < 2; f++) {
                        c[p][f] =
                                sigmoid(gates[p][2 + f]) * c[p][f]
                                        + sigmoid(gates[p][f]) * Math.tanh(gates[p][4 + f]);
                        h[p][f] = sigmoid(gates[p][6 + f]) * Math.tanh(c[p][f]);
                        assertEquals(h[p][f], at(y, 0, step, p, f), 1e-5);
                    }
            }
        }
    }

    @Test
    void stackedCells() {
        var x = SmallModel.random(1, 2, 4, 3);
        var first =
                new Tensor[] {
                    SmallModel.random(2, 3, 2), SmallModel.random(3, 2, 2), SmallModel.random(4, 2)
                };
        var second = new Tensor[] {SmallModel.random(5, 2, 3), SmallModel.random(6, 3, 3)};
        var cells =
                "{'class_name': 'StackedRNNCells', 'config': {'name': 'c', 'cells': ["
                        + "{'class_name': 'SimpleRNNCell', 'config': {'name': 'a', 'units': 2, 'activation': 'tanh'}}, "
                        + "{'class_name': 'SimpleRNNCell', 'config': {'name': 'b', 'units': 3, 'activation': 'relu', 'use_bias': false}}]}}";
        var y =
                SmallModel.of(
                                "2.9.0",
                                "RNN",
                                "'return_sequences': false, 'cell': " + cells,
                                "4, 3",
                                first[0],
                                first[1],
                                first[2],
                                second[0],
                                second[1])
                        .run(x);
        for (int n = 0; n < 2; n++) {
            var a = new double[2];
            var b = new double[3];
            for (int t = 0; t < 4; t++) {
                var nextA = new double[2];
                for (int j = 0; j < 2; j++) {
                    double sum = at(first[2], j);
                    for (int i = 0; i < 3; i++) sum += at(x, n, t, i) * at(first[0], i, j);
                    for (int i = 0; i < 2; i++) sum += a[i] * at(first[1], i, j);
                    nextA[j] = Math.tanh(sum);
                }
                a = nextA;
                var nextB = new double[3];
                for (int j = 0; j < 3; j++) {
                    double sum = 0;
                    for (int i = 0; i < 2; i++) sum += a[i] * at(second[0], i, j);
                    for (int i = 0; i < 3; i++) sum += b[i] * at(second[1], i, j);
                    nextB[j] = Math.max(0, sum);
                }
                b = nextB;
            }
            for (int j = 0; j < 3; j++) assertEquals(b[j], at(y, n, j), 1e-5);
        }
    }

    /// cuDNN multiplies by `W[unit][input]`, which lies row after row in the memory of the gate's
    /// part of the kernel, and by `U[unit][unit]`, that part transposed; both products have a bias.
    @Test
    void memoryOfCuDnn() {
        int units = 2;
        int inputs = 3;
        var x = SmallModel.random(1, 1, 4, inputs);
        var kernel = SmallModel.random(2, inputs, 4 * units);
        var recurrent = SmallModel.random(3, units, 4 * units);
        var bias = SmallModel.random(4, 8 * units);
        var y =
                SmallModel.of("2.2.0", "CuDNNLSTM", "'units': 2", "4, 3", kernel, recurrent, bias)
                        .run(x);
        var w = new double[4][units * inputs];
        for (int g = 0; g < 4; g++)
            for (int i = 0; i < inputs; i++)
                for (int u = 0; u < units; u++) w[g][i * units + u] = at(kernel, i, g * units + u);
        var h = new double[units];
        var c = new double[units];
        for (int t = 0; t < 4; t++) {
            var sums = new double[4][units];
            for (int g = 0; g < 4; g++)
                for (int u = 0; u < units; u++) {
                    sums[g][u] = at(bias, g * units + u) + at(bias, (4 + g) * units + u);
                    for (int i = 0; i < inputs; i++)
                        sums[g][u] += w[g][u * inputs + i] * at(x, 0, t, i);
                    for (int k = 0; k < units; k++)
                        sums[g][u] += h[k] * at(recurrent, u, g * units + k);
                }
            for (int u = 0; u < units; u++) {
                c[u] = sigmoid(sums[1][u]) * c[u] + sigmoid(sums[0][u]) * Math.tanh(sums[2][u]);
                h[u] = sigmoid(sums[3][u]) * Math.tanh(c[u]);
            }
        }
        assertArrayEquals(h, new double[] {y.getDouble(0), y.getDouble(1)}, 1e-5);
    }

    @Test
    void gatedUnitOfCuDnn() {
        int units = 2;
        var x = SmallModel.random(1, 1, 3, units);
        var kernel = SmallModel.random(2, units, 3 * units);
        var recurrent = SmallModel.random(3, units, 3 * units);
        var bias = SmallModel.random(4, 6 * units);
        var y =
                SmallModel.of("2.2.0", "CuDNNGRU", "'units': 2", "3, 2", kernel, recurrent, bias)
                        .run(x);
        var h = new double[units];
        for (int t = 0; t < 3; t++) {
            var input = new double[3][units];
            var state = new double[3][units];
            for (int g = 0; g < 3; g++)
                for (int u = 0; u < units; u++) {
                    input[g][u] = at(bias, g * units + u);
                    state[g][u] = at(bias, (3 + g) * units + u);
                    for (int i = 0; i < units; i++) {
                        input[g][u] += at(kernel, u, g * units + i) * at(x, 0, t, i);
                        state[g][u] += at(recurrent, u, g * units + i) * h[i];
                    }
                }
            var next = new double[units];
            for (int u = 0; u < units; u++) {
                double z = sigmoid(input[0][u] + state[0][u]);
                double r = sigmoid(input[1][u] + state[1][u]);
                next[u] = z * h[u] + (1 - z) * Math.tanh(input[2][u] + r * state[2][u]);
            }
            h = next;
        }
        assertArrayEquals(h, new double[] {y.getDouble(0), y.getDouble(1)}, 1e-5);
    }

    /// The number of steps stays open; the state that is given by name is the first.
    @Test
    void openNumberOfStepsAndInitialState() {
        var weights =
                new Tensor[] {
                    SmallModel.random(2, 3, 2), SmallModel.random(3, 2, 2), SmallModel.random(4, 2)
                };
        var model =
                SmallModel.functional(
                        "2.9.0",
                        "SimpleRNN",
                        "'units': 2, 'go_backwards': true",
                        List.of("null, 3", "2"),
                        "[[['x0', 0, 0, {'initial_state': [['x1', 0, 0]]}]]]",
                        weights);
        assertEquals(
                "[x0: float32[N, x0.1, 3], x1: float32[N, 2]]",
                model.importer().graph().inputs().toString());
        for (int steps : new int[] {1, 4}) {
            var x = SmallModel.random(1, 1, steps, 3);
            var start = SmallModel.random(5, 1, 2);
            var h = new double[] {start.getDouble(0), start.getDouble(1)};
            for (int t = steps - 1; t >= 0; t--) {
                var next = new double[2];
                for (int j = 0; j < 2; j++) {
                    double sum = at(weights[2], j);
                    for (int i = 0; i < 3; i++) sum += at(x, 0, t, i) * at(weights[0], i, j);
                    for (int i = 0; i < 2; i++) sum += h[i] * at(weights[1], i, j);
                    next[j] = Math.tanh(sum);
                }
                h = next;
            }
            var y = model.run(x, start);
            assertArrayEquals(h, new double[] {y.getDouble(0), y.getDouble(1)}, 1e-5);
        }
    }

    private static SmallModel words(String attributes, String dtype) {
        return words("StringLookup", attributes, dtype, 3);
    }

    private static SmallModel words(String kind, String attributes, String dtype, int count) {
        return SmallModel.written(
                "2.9.0",
                "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': [{'class_name':"
                        + " 'InputLayer', 'config': {'name': 'x', 'dtype': '"
                        + dtype
                        + "', 'batch_input_shape': [null, "
                        + count
                        + "]}}, {'class_name': '"
                        + kind
                        + "', 'config': {'name': 'd', "
                        + attributes
                        + "}}]}}",
                Map.of());
    }

    @Test
    void placesOfWords() {
        var x =
                Tensor.of(
                        DType.STRING, new String[] {"cat", "owl", "", "dog", "cat", "[UNK]"}, 2, 3);
        assertEquals(
                "[1, 0, 0, 2, 1, 0]",
                Arrays.toString(words("'vocabulary': ['cat', 'dog']", "string").run(x).ints()));
        // a list may begin with the mask and with what stands for unknown words
        for (var list : List.of("['cat', 'dog']", "['', '[UNK]', 'cat', 'dog']"))
            assertEquals(
                    "[2, 1, 0, 3, 2, 1]",
                    Arrays.toString(
                            words("'mask_token': '', 'vocabulary': " + list, "string")
                                    .run(x)
                                    .ints()));
        var counts = words("'vocabulary': ['cat', 'dog'], 'output_mode': 'count'", "string").run(x);
        assertEquals("[2.0, 1.0, 0.0, 1.0, 1.0, 1.0]", Arrays.toString(counts.floats()));
        for (var wrong :
                Map.of(
                                words("'vocabulary': ['a']", "float32"),
                                "input: expected strings, got float32[N, 3]",
                                words("'vocabulary': null", "string"),
                                "vocabulary: expected a list of strings (adapted ones are in no"
                                        + " file), got null",
                                words("'vocabulary': ['a'], 'invert': true", "string"),
                                "invert: expected false, got true")
                        .entrySet()) {
            var e = assertThrows(GraphException.class, () -> wrong.getKey().importer().graph());
            assertEquals(
                    "StringLookup 'd': " + wrong.getValue(),
                    String.valueOf(e.getMessage()).replaceFirst(" \\([^()]*\\.h5\\)", ""));
        }
    }

    @Test
    void namesOfTheFirstKeras() {
        var x = SmallModel.random(1, 1, 5, 4, 2);
        var kernel = SmallModel.random(2, 3, 2, 2, 3);
        var bias = SmallModel.random(3, 3);
        var y =
                SmallModel.of(
                                "1.2.2",
                                "Convolution2D",
                                "'nb_filter': 3, 'nb_row': 3, 'nb_col': 2, 'subsample': [2, 1],"
                                        + " 'border_mode': 'valid', 'dim_ordering': 'tf', 'bias':"
                                        + " true, 'activation': 'relu', 'init': 'glorot_uniform'",
                                "5, 4, 2",
                                kernel,
                                bias)
                        .run(x);
        assertEquals("[1, 2, 3, 3]", Arrays.toString(y.shape()));
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                for (int f = 0; f < 3; f++) {
                    double sum = at(bias, f);
                    for (int a = 0; a < 3; a++)
                        for (int b = 0; b < 2; b++)
                            for (int c = 0; c < 2; c++)
                                sum += at(x, 0, 2 * i + a, j + b, c) * at(kernel, a, b, c, f);
                    assertEquals(Math.max(0, sum), at(y, 0, i, j, f), 1e-5);
                }
        var pooled =
                SmallModel.of(
                                "1.2.2",
                                "MaxPooling1D",
                                "'pool_length': 2, 'stride': 1, 'border_mode': 'valid'",
                                "3, 1")
                        .run(Tensor.of(new float[] {1, 3, 2}, 1, 3, 1));
        assertEquals("[3.0, 3.0]", Arrays.toString(pooled.floats()));
    }
}
