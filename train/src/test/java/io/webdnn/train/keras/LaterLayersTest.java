package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.TrainingException;
import io.webdnn.train.optimizer.SGD;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Layers of later versions of Keras, recurrent ones over cells, and states that stay.
class LaterLayersTest {
    private static final Fit SILENT = Fit.batchSize(2).verbosity(Fit.Verbosity.SILENT);

    @BeforeEach
    void seed() {
        Configuration.seed(4);
    }

    private static Tensor random(int stream, int... shape) {
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        var random = new RandomStream(13, stream);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) values[i] = random.nextFloat() - 0.5f;
        return Tensor.of(values, shape);
    }

    private static float[] kernel(Model model) {
        var weight = model.weights().getFirst();
        return weight.toFile(weight.parameter().array()).floats();
    }

    private static void expect(Tensor actual, double... expected) {
        assertThat(actual.size()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++)
            assertThat((double) actual.floats()[i]).isCloseTo(expected[i], within(1e-5));
    }

    @Test
    void sumsAreWrittenWithLetters() {
        var layer =
                new EinsumDense("abc,cbd->adb", 2, 3)
                        .biasAxes("d")
                        .activation("relu")
                        .inputShape(3, 4);
        var model = new Sequential(layer);
        layer.weights().get(1).parameter().assign(Tensor.of(new float[] {0.5f, -0.25f}, 2, 1));
        var x = random(1, 2, 3, 4);
        float[] k = kernel(model);
        assertThat(layer.weights().getFirst().fileShape()).containsExactly(4, 3, 2);
        var expected = new double[12];
        for (int n = 0; n < 2; n++)
            for (int d = 0; d < 2; d++)
                for (int b = 0; b < 3; b++) {
                    double sum = d == 0 ? 0.5 : -0.25;
                    for (int c = 0; c < 4; c++)
                        sum += x.floats()[(n * 3 + b) * 4 + c] * k[(c * 3 + b) * 2 + d];
                    expected[(n * 2 + d) * 3 + b] = Math.max(0, sum);
                }
        expect(model.predict(x), expected);
        refused(
                () -> new EinsumDense("ab,bc", 2),
                "EinsumDense: equation: expected input,kernel->output with the batch first, such as"
                        + " abc,cd->abd, got ab,bc");
        refused(
                () -> new EinsumDense("ab,bc->ac", 2, 3),
                "EinsumDense: output shape: expected 1 extents, got [2, 3]");
        refused(
                () -> new EinsumDense("ab,bc->ac", 2).biasAxes("b"),
                "EinsumDense: bias axes: expected letters of c, got b");
        refused(
                () -> new Sequential(new EinsumDense("ab,bc->ac", 2).inputShape(3, 4)),
                "EinsumDense 'einsum_dense_1': input: expected axes as in ab, got [3, 4]");
        refused(
                () -> new Sequential(new EinsumDense("abc,cd->abd", 4, 2).inputShape(3, 4)),
                "EinsumDense 'einsum_dense_1': output shape: expected b = 3, got [4, 2]");
    }

    @Test
    void numbersAreDividedByTheirRootMeanSquare() {
        var layer = new RMSNormalization().epsilon(0.5).inputShape(2);
        var model = new Sequential(layer);
        layer.weights().getFirst().parameter().assign(Tensor.of(new float[] {2, -1}, 2));
        double root = Math.sqrt((9 + 16) / 2.0 + 0.5);
        expect(model.predict(Tensor.of(new float[] {3, 4}, 1, 2)), 2 * 3 / root, -4 / root);
        refused(
                () -> new RMSNormalization().epsilon(0),
                "RMSNormalization: epsilon: expected > 0, got 0.0");
    }

    @Test
    void axesOfNormalization() {
        var model = new Sequential(new LayerNormalization().axis(1).epsilon(0.25).inputShape(2, 2));
        // over the rows of each column: (1, 5) and (4, 4)
        double root = Math.sqrt(4 + 0.25);
        expect(
                model.predict(Tensor.of(new float[] {1, 4, 5, 4}, 1, 2, 2)),
                -2 / root,
                0,
                2 / root,
                0);
        assertThat(model.weights().getFirst().fileShape()).containsExactly(2);
        refused(
                () -> new Sequential(new LayerNormalization().axis(3).inputShape(2, 2)),
                "LayerNormalization 'layer_normalization_1': axis: expected axes 1 ... 2, or from"
                        + " the end, once each, got [3]");
        refused(
                () -> new LayerNormalization().axis(),
                "LayerNormalization: axis: expected one or more, got 0");
    }

    /// One update of a linear layer by hand: the kernel is divided by its estimated norm, and the
    /// step goes from there.
    @Test
    void kernelsAreDividedByTheirNorm() {
        var dense = new Dense(2).useBias(false);
        var layer = new SpectralNormalization(dense).powerIterations(2).inputShape(2);
        var model = new Sequential(layer);
        double[] w = {3, 1, -2, 4};
        var kernel = layer.weights().get(0);
        kernel.parameter().assign(kernel.fromFile(Tensor.of(new float[] {3, 1, -2, 4}, 2, 2)));
        layer.weights().get(1).parameter().assign(Tensor.of(new float[] {0.6f, 0.8f}, 1, 2));
        double[] u = {0.6, 0.8};
        double[] v = u;
        for (int i = 0; i < 2; i++) {
            v = unit(u[0] * w[0] + u[1] * w[1], u[0] * w[2] + u[1] * w[3]);
            u = unit(v[0] * w[0] + v[1] * w[2], v[0] * w[1] + v[1] * w[3]);
        }
        double sigma = (v[0] * w[0] + v[1] * w[2]) * u[0] + (v[0] * w[1] + v[1] * w[3]) * u[1];
        // the loss is the mean of (y - t)² over both results
        double[] x = {1, 2};
        double[] t = {0.5, -0.5};
        var expected = new double[4];
        for (int o = 0; o < 2; o++) {
            double y = (x[0] * w[o] + x[1] * w[2 + o]) / sigma;
            for (int i = 0; i < 2; i++)
                expected[2 * i + o] = w[2 * i + o] / sigma - 0.1 * (y - t[o]) * x[i];
        }
        model.compile(new SGD(0.1), "mse");
        model.fit(
                Tensor.of(new float[] {1, 2}, 1, 2),
                Tensor.of(new float[] {0.5f, -0.5f}, 1, 2),
                SILENT);
        expect(kernel.toFile(kernel.parameter().array()), expected);
        expect(layer.weights().get(1).parameter().array(), u);
        refused(
                () -> new SpectralNormalization(new LSTM(2)),
                "SpectralNormalization: layer: expected one with a single kernel, got LSTM");
        refused(
                () -> new SpectralNormalization(new SeparableConv2D(2, 2)),
                "SpectralNormalization: layer: expected one with a single kernel, got"
                        + " SeparableConv2D");
        refused(
                () -> new SpectralNormalization(new Dense(1)).powerIterations(0),
                "SpectralNormalization: power iterations: expected >= 1, got 0");
    }

    private static double[] unit(double a, double b) {
        double norm = Math.sqrt(a * a + b * b);
        return new double[] {a / norm, b / norm};
    }

    @Test
    void aKernelOfZerosStays() {
        var layer =
                new SpectralNormalization(new Dense(2).kernelInitializer("zeros").useBias(false))
                        .inputShape(2);
        var model = new Sequential(layer);
        var before = layer.weights().get(1).parameter().array();
        model.compile(new SGD(0), "mse");
        model.fit(random(1, 2, 2), random(2, 2, 2), SILENT);
        expect(layer.weights().get(0).parameter().array(), 0, 0, 0, 0);
        expect(layer.weights().get(1).parameter().array(), before.floats()[0], before.floats()[1]);
    }

    /// Two steps of one row of three numbers with a window of two, in plain loops.
    @Test
    void memoryOfConvolutions() {
        var layer = new ConvLSTM1D(1, 2).recurrentActivation("sigmoid").inputShape(2, 3, 1);
        var model = new Sequential(layer);
        float[] k = kernel(model);
        var recurrent = layer.weights().get(1);
        float[] r = recurrent.toFile(recurrent.parameter().array()).floats();
        float[] b = layer.weights().get(2).parameter().array().floats();
        assertThat(b).containsExactly(0, 1, 0, 0);
        var x = random(3, 1, 2, 3, 1);
        double[] h = {0, 0};
        double[] c = {0, 0};
        for (int t = 0; t < 2; t++) {
            double[] next = new double[2];
            for (int d = 0; d < 2; d++) {
                double[] s = new double[4];
                for (int g = 0; g < 4; g++) {
                    s[g] = b[g];
                    for (int tap = 0; tap < 2; tap++) {
                        s[g] += x.floats()[3 * t + d + tap] * k[4 * tap + g];
                        // the state keeps its extent: a zero at its end
                        if (d + tap < 2) s[g] += h[d + tap] * r[4 * tap + g];
                    }
                }
                c[d] = sigmoid(s[1]) * c[d] + sigmoid(s[0]) * Math.tanh(s[2]);
                next[d] = sigmoid(s[3]) * Math.tanh(c[d]);
            }
            h = next;
        }
        expect(model.predict(x), h);
        refused(
                () -> new Sequential(new ConvLSTM2D(1, 2).inputShape(3, 4, 1)),
                "ConvLSTM2D 'conv_lstm2d_1': input: expected [steps, height, width, channels], got"
                        + " [3, 4, 1]");
        refused(() -> new ConvLSTM1D(0, 1), "ConvLSTM1D: filters: expected >= 1, got 0");
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void inputsOfKnownMeanAndVariance() {
        var x = Tensor.of(new float[] {1, 10, 3, 30, 5, 20}, 3, 2);
        assertThat(Normalization.means(x)).containsExactly(3, 20);
        assertThat(Normalization.variances(x)).containsExactly(8 / 3.0, 200 / 3.0);
        var layer = new Normalization(Normalization.means(x), Normalization.variances(x));
        double a = 2 / Math.sqrt(8 / 3.0);
        double b = 10 / Math.sqrt(200 / 3.0);
        expect(new Sequential(layer.inputShape(2)).predict(x), -a, -b, 0, b, a, 0);
        refused(
                () -> new Normalization(new double[] {1}, new double[] {1, 2}),
                "Normalization: variance: expected 1 numbers, as means, got 2");
        refused(
                () -> new Normalization(new double[] {1}, new double[] {-1}),
                "Normalization: variance: expected >= 0, got -1.0");
        refused(
                () -> new Sequential(new Normalization(new double[2], new double[2]).inputShape(3)),
                "Normalization 'normalization_1': input: expected 2 channels, got [3]");
        var none = Tensor.zeros(DType.FLOAT32, 0, 2);
        refused(
                () -> Normalization.means(none),
                "Normalization: x: expected one or more examples, float32[N, ..., C], got " + none);
    }

    @Test
    void theMiddleOfImages() {
        var x = Tensor.zeros(DType.FLOAT32, 1, 4, 3, 1);
        for (int i = 0; i < 12; i++) x.floats()[i] = i;
        var model = new Sequential(new CenterCrop(2, 2).inputShape(4, 3, 1));
        expect(model.predict(x), 3, 4, 6, 7);
        refused(
                () -> new Sequential(new CenterCrop(2, 4).inputShape(4, 3, 1)),
                "CenterCrop 'center_crop_1': input: expected at least 2 x 4, got [4, 3, 1]");
    }

    private static double activated(String name, double x) {
        return new Sequential(new Activation(name).inputShape(1))
                .predict(Tensor.of(new float[] {(float) x}, 1, 1))
                .floats()[0];
    }

    @Test
    void activationsOfLaterVersions() {
        for (double x : new double[] {-3, -0.5, 0, 0.75, 7}) {
            double silu = x / (1 + Math.exp(-x));
            assertThat(activated("silu", x)).isCloseTo(silu, within(1e-5));
            assertThat(activated("swish", x)).isCloseTo(silu, within(1e-5));
            assertThat(activated("mish", x))
                    .isCloseTo(x * Math.tanh(Math.log1p(Math.exp(x))), within(1e-5));
            assertThat(activated("relu6", x)).isCloseTo(Math.clamp(x, 0, 6), within(1e-5));
            assertThat(activated("leaky_relu", x)).isCloseTo(x < 0 ? 0.2 * x : x, within(1e-5));
        }
        // the distribution function of the normal distribution at 1
        assertThat(activated("gelu", 1)).isCloseTo(0.8413447, within(1e-5));
        expect(
                new Sequential(new Activation("log_softmax").inputShape(2))
                        .predict(Tensor.of(new float[] {0, 1}, 1, 2)),
                -Math.log(1 + Math.E),
                1 - Math.log(1 + Math.E));
    }

    private static void copy(Model from, Model to) {
        for (int i = 0; i < from.weights().size(); i++)
            to.weights().get(i).parameter().assign(from.weights().get(i).parameter().array());
    }

    @Test
    void cellsOverStepsAreLayers() {
        var layers =
                new Sequential(
                        new GRU(3).returnSequences(true).goBackwards(true).inputShape(4, 2),
                        new LSTM(2));
        var cells =
                new Sequential(
                        new RNN(new GRUCell(3), new LSTMCell(2))
                                .goBackwards(true)
                                .inputShape(4, 2));
        copy(layers, cells);
        var x = random(5, 3, 4, 2);
        assertThat(cells.predict(x).floats()).containsExactly(layers.predict(x).floats());
        var sequence = Input.shape(4, 2);
        var ends = new RNN(new LSTMCell(3)).returnState(true).callAll(List.of(sequence));
        var model = new Model(List.of(sequence), ends);
        var said = model.predict(List.of(x));
        assertThat(said).hasSize(3);
        assertThat(said.get(0).floats()).containsExactly(said.get(1).floats());
    }

    /// Steps of a cell by hand are those of the layer.
    @Test
    void aCellGoesOneStep() {
        var layer = new Sequential(new GRU(3).resetAfter(true).inputShape(2, 2));
        var x = Input.shape(2);
        var y = Input.shape(2);
        var zero = Input.shape(3);
        var cell = new GRUCell(3).resetAfter(true);
        var first = cell.callAll(List.of(x, zero));
        var second = cell.callAll(List.of(y, first.get(1)));
        var model = new Model(List.of(x, y, zero), List.of(second.getFirst()));
        copy(layer, model);
        var given = random(6, 1, 2, 2);
        var a = Tensor.of(Arrays.copyOfRange(given.floats(), 0, 2), 1, 2);
        var b = Tensor.of(Arrays.copyOfRange(given.floats(), 2, 4), 1, 2);
        var none = Tensor.of(new float[3], 1, 3);
        assertThat(model.predict(List.of(a, b, none)).getFirst().floats())
                .containsExactly(layer.predict(given).floats());
        var stack = new StackedRNNCells(new GRUCell(3).resetAfter(true), new SimpleRNNCell(1));
        var out = stack.callAll(List.of(x, zero, Input.shape(1)));
        assertThat(out.stream().map(it -> it.shape()[0])).containsExactly(1, 3, 1);
    }

    @Test
    void cellsThatDoNotFit() {
        refused(
                () -> new RNN(new StackedRNNCells()),
                "StackedRNNCells: cells: expected one or more, got 0");
        refused(
                () -> new RNN(new LSTM(2)),
                "RNN: cell: expected a cell, which goes one step, got LSTM");
        refused(
                () -> new RNN(new LSTMCell(2), new GRUCell(1)).returnState(true),
                "RNN: return state: expected false for a stack of cells, got true");
        refused(
                () -> new LSTMCell(2).call(Input.shape(3), Input.shape(2)),
                "LSTMCell: inputs: expected a step and its states: 2, got 2");
        refused(
                () -> new GRUCell(2).call(Input.shape(3), Input.shape(3)),
                "GRUCell: initial state: expected [2], got [3]");
        var cell = new GRUCell(2);
        cell.call(Input.shape(3), Input.shape(2));
        refused(
                () -> cell.call(Input.shape(4), Input.shape(2)),
                "GRUCell: input: expected [3], got [4]");
        refused(
                () -> new RNN(cell),
                "RNN: cell: expected one that is not yet part of a model, got GRUCell");
    }

    /// A sequence in two halves, the states staying between them, is the whole sequence.
    @Test
    void statesStayFromBatchToBatch() {
        for (int kind = 0; kind < 3; kind++) {
            var whole = sequential(kind, false, 6);
            var halves = sequential(kind, true, 3);
            copy(whole, halves);
            var x = random(7, 2, 6, 2);
            var first = Tensor.of(new float[12], 2, 3, 2);
            var second = Tensor.of(new float[12], 2, 3, 2);
            for (int n = 0; n < 2; n++) {
                System.arraycopy(x.floats(), 12 * n, first.floats(), 6 * n, 6);
                System.arraycopy(x.floats(), 12 * n + 6, second.floats(), 6 * n, 6);
            }
            var fresh = halves.predict(first);
            assertThat(halves.predict(second).floats()).containsExactly(whole.predict(x).floats());
            halves.resetStates();
            assertThat(halves.predict(first).floats()).containsExactly(fresh.floats());
            // measuring and training go on from the states, too
            halves.compile(new SGD(0), "mse");
            var target = random(8, 2, 3);
            assertThat(halves.evaluate(second, target)[0])
                    .isCloseTo(error(whole.predict(x), target), within(1e-6));
            halves.resetStates();
            halves.predict(first);
            assertThat(halves.fit(second, target, SILENT.shuffle(false)).get("loss").getFirst())
                    .isCloseTo(error(whole.predict(x), target), within(1e-6));
        }
    }

    private static double error(Tensor y, Tensor t) {
        double sum = 0;
        for (int i = 0; i < y.size(); i++)
            sum += Math.pow(y.floats()[i] - t.floats()[i], 2) / y.size();
        return sum;
    }

    private static Sequential sequential(int kind, boolean stateful, int steps) {
        return switch (kind) {
            case 0 ->
                    new Sequential(
                            new GRU(4)
                                    .stateful(stateful)
                                    .returnSequences(true)
                                    .batchInputShape(2, steps, 2),
                            new LSTM(3).stateful(stateful));
            case 1 ->
                    new Sequential(
                            new RNN(new GRUCell(2), new LSTMCell(3))
                                    .stateful(stateful)
                                    .batchInputShape(2, steps, 2));
            default ->
                    new Sequential(
                            new SimpleRNN(3).stateful(stateful).batchInputShape(2, steps, 2));
        };
    }

    @Test
    void statesNeedBatchesOfOneSize() {
        refused(
                () -> new Sequential(new LSTM(2).stateful(true).inputShape(3, 2)),
                "LSTM 'lstm_1': stateful: expected a model with a batch size (batchInputShape), got"
                        + " none");
        var steps = Input.shape(3, 2);
        refused(
                () -> new Model(steps, new GRU(2).stateful(true).call(steps)),
                "GRU 'gru_1': stateful: expected a model with a batch size (batchInputShape), got"
                        + " none");
        var batch = Input.batchShape(2, 3, 2);
        var state = Input.batchShape(2, 2);
        var told =
                new Model(
                        List.of(batch, state),
                        List.of(new GRU(2).stateful(true).call(batch, state)));
        refused(
                () -> told.predict(List.of(random(1, 2, 3, 2), random(2, 2, 2))),
                "GRU 'gru_1': inputs: expected a sequence alone, where it is stateful, got 2");
        var model = sequential(2, true, 3);
        refused(
                () -> model.predict(random(1, 3, 3, 2)),
                "Sequential: predict: x: expected a multiple of 2 examples, got 3");
        model.compile(new SGD(), "mse");
        refused(
                () ->
                        model.fit(
                                random(1, 4, 3, 2),
                                random(2, 4, 3),
                                Fit.batchSize(4).verbosity(Fit.Verbosity.SILENT)),
                "Sequential: fit: batch size: expected 2, got 4");
        refused(
                () -> new Dense(1).batchInputShape(0, 2),
                "Dense: batch size: expected >= 1, got 0");
    }

    @Test
    void hiddenKeysAreNotSeen() {
        var words = Input.shape(3, 2);
        var kept = new Masking().call(words);
        var model = new Model(words, new Attention().call(kept, kept));
        var x = Tensor.of(new float[] {1, 2, 0, 0, 3, -1}, 1, 3, 2);
        // of queries and keys the first and the third count
        double[] a = shares(1 + 4, 3 - 2);
        double[] b = shares(3 - 2, 9 + 1);
        expect(
                model.predict(x),
                a[0] + 3 * a[1],
                2 * a[0] - a[1],
                0,
                0,
                b[0] + 3 * b[1],
                2 * b[0] - b[1]);
        var causal = new Model(words, new Attention().causal(true).call(words, words));
        double[] c = shares(3 - 2, 0, 9 + 1);
        expect(causal.predict(x), 1, 2, 0.5, 1, c[0] + 3 * c[2], 2 * c[0] - c[2]);
    }

    private static double[] shares(double... scores) {
        double sum = Arrays.stream(scores).map(Math::exp).sum();
        return Arrays.stream(scores).map(score -> Math.exp(score) / sum).toArray();
    }

    /// A head that sees one key gives what it would of that key alone.
    @Test
    void headsSeeWhatAMaskLetsThem() {
        var query = Input.shape(2, 3);
        var value = Input.shape(2, 4);
        var seen = Input.shape(2, 2);
        var heads = new MultiHeadAttention(2, 2);
        var y = heads.call(query, value, value, seen);
        var model = new Model(List.of(query, value, seen), List.of(y));
        var alone = Input.shape(1, 4);
        var single = new Model(List.of(query, alone), List.of(heads.call(query, alone)));
        var q = random(1, 1, 2, 3);
        var v = random(2, 1, 2, 4);
        var crossed = Tensor.of(new float[] {0, 1, 1, 0}, 1, 2, 2);
        var got = model.predict(List.of(q, v, crossed)).getFirst().floats();
        for (int key = 0; key < 2; key++) {
            var one = Tensor.of(Arrays.copyOfRange(v.floats(), 4 * key, 4 * key + 4), 1, 1, 4);
            var expected = single.predict(List.of(q, one)).getFirst().floats();
            int row = 1 - key;
            for (int i = 0; i < 3; i++)
                assertThat((double) got[3 * row + i])
                        .isCloseTo(expected[3 * row + i], within(1e-5));
        }
        refused(
                () -> new MultiHeadAttention(1, 1).call(query, value, value, value),
                "MultiHeadAttention: mask: expected [2, 2], got [2, 4]");
    }

    private static void refused(Runnable call, String message) {
        assertThatThrownBy(call::run).isInstanceOf(TrainingException.class).hasMessage(message);
    }
}
