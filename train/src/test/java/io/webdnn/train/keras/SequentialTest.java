package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.optimizer.RMSprop;
import io.webdnn.train.optimizer.SGD;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialTest {
    private static final Fit SILENT = Fit.batchSize(16).verbosity(Fit.Verbosity.SILENT);

    @BeforeEach
    void seed() {
        Configuration.seed(3);
    }

    private static Sequential exercise() {
        return new Sequential(
                new Conv2D(8, 3).activation("relu").inputShape(28, 28, 1),
                new Conv2D(16, 3).activation("relu"),
                new MaxPooling2D(2),
                new Dropout(0.25),
                new Flatten(),
                new Dense(32).activation("relu"),
                new Dropout(0.5),
                new Dense(10).activation("softmax"));
    }

    private static Tensor random(int stream, int... shape) {
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        var random = new RandomStream(7, stream);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) values[i] = random.nextFloat() - 0.5f;
        return Tensor.of(values, shape);
    }

    @Test
    void summaryIsKerass() {
        var text = new StringWriter();
        exercise().summary(new PrintWriter(text));
        assertThat(text.toString().replace("\r", ""))
                .isEqualTo(
                        """
                        _________________________________________________________________
                        Layer (type)                 Output Shape              Param #  \s
                        =================================================================
                        conv2d_1 (Conv2D)            (None, 26, 26, 8)         80       \s
                        _________________________________________________________________
                        conv2d_2 (Conv2D)            (None, 24, 24, 16)        1168     \s
                        _________________________________________________________________
                        max_pooling2d_1 (MaxPooling2 (None, 12, 12, 16)        0        \s
                        _________________________________________________________________
                        dropout_1 (Dropout)          (None, 12, 12, 16)        0        \s
                        _________________________________________________________________
                        flatten_1 (Flatten)          (None, 2304)              0        \s
                        _________________________________________________________________
                        dense_1 (Dense)              (None, 32)                73760    \s
                        _________________________________________________________________
                        dropout_2 (Dropout)          (None, 32)                0        \s
                        _________________________________________________________________
                        dense_2 (Dense)              (None, 10)                330      \s
                        =================================================================
                        Total params: 75,338
                        Trainable params: 75,338
                        Non-trainable params: 0
                        _________________________________________________________________
                        """);
    }

    /// The network in plain loops in double, channels last throughout.
    @Test
    void predictionsAreThoseOfTheFormulas() {
        var model =
                new Sequential(
                        new Conv2D(3, 2, 3)
                                .strides(2, 1)
                                .padding("same")
                                .activation("tanh")
                                .biasInitializer("random_normal")
                                .inputShape(5, 4, 2),
                        new MaxPooling2D(2).strides(1),
                        new Flatten(),
                        new Dense(4).biasInitializer("random_normal"),
                        new Activation("softmax"));
        var x = random(1, 3, 5, 4, 2);
        var said = model.predict(x);
        assertThat(said.shape()).containsExactly(3, 4);
        for (int n = 0; n < 3; n++) {
            var expected = softmax(dense(model, pooled(convolved(model, x, n))));
            for (int k = 0; k < 4; k++)
                assertThat((double) said.floats()[n * 4 + k]).isCloseTo(expected[k], within(1e-6));
        }
    }

    private static double[][][] convolved(Sequential model, Tensor x, int n) {
        var weights = model.layers().getFirst().weights();
        float[] kernel = weights.get(0).toFile(weights.get(0).parameter().array()).floats();
        float[] bias = weights.get(1).parameter().array().floats();
        var y = new double[3][4][3];
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 4; j++)
                for (int f = 0; f < 3; f++) {
                    double sum = bias[f];
                    for (int di = 0; di < 2; di++)
                        for (int dj = 0; dj < 3; dj++)
                            for (int c = 0; c < 2; c++) {
                                // 5 rows in steps of 2: one row of zeros, below; 4 columns: one on
                                // each side
                                int row = 2 * i + di;
                                int column = j + dj - 1;
                                if (row > 4 || column < 0 || column > 3) continue;
                                sum +=
                                        (double) x.floats()[((n * 5 + row) * 4 + column) * 2 + c]
                                                * kernel[((di * 3 + dj) * 2 + c) * 3 + f];
                            }
                    y[i][j][f] = Math.tanh(sum);
                }
        return y;
    }

    private static double[] pooled(double[][][] x) {
        var y = new double[2 * 3 * 3];
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 3; j++)
                for (int c = 0; c < 3; c++)
                    y[(i * 3 + j) * 3 + c] =
                            Math.max(
                                    Math.max(x[i][j][c], x[i][j + 1][c]),
                                    Math.max(x[i + 1][j][c], x[i + 1][j + 1][c]));
        return y;
    }

    private static double[] dense(Sequential model, double[] x) {
        var weights = model.layers().get(3).weights();
        float[] kernel = weights.get(0).toFile(weights.get(0).parameter().array()).floats();
        float[] bias = weights.get(1).parameter().array().floats();
        var y = new double[4];
        for (int k = 0; k < 4; k++) {
            y[k] = bias[k];
            for (int i = 0; i < x.length; i++) y[k] += x[i] * kernel[i * 4 + k];
        }
        return y;
    }

    private static double[] softmax(double[] z) {
        double sum = Arrays.stream(z).map(Math::exp).sum();
        return Arrays.stream(z).map(v -> Math.exp(v) / sum).toArray();
    }

    @Test
    void fitLearnsAndTellsHow() {
        // which of three numbers is the largest
        var x = random(2, 200, 3);
        var y = Tensor.zeros(io.webdnn.tensor.DType.FLOAT32, 200, 3);
        for (int i = 0; i < 200; i++) {
            int best = 0;
            for (int k = 1; k < 3; k++)
                if (x.floats()[3 * i + k] > x.floats()[3 * i + best]) best = k;
            y.floats()[3 * i + best] = 1;
        }
        var model =
                new Sequential(
                        new Dense(16).activation("relu").inputShape(3),
                        new Dense(3).activation("softmax"));
        model.compile(
                new RMSprop(0.01, 0.9, 1e-8), "categorical_crossentropy", List.of("accuracy"));
        var history = model.fit(x, y, SILENT.epochs(20).validationSplit(0.25));
        assertThat(history.history().keySet())
                .containsExactly("loss", "accuracy", "val_loss", "val_accuracy");
        assertThat(history.epochs()).hasSize(20).startsWith(0, 1);
        assertThat(history.get("loss").getLast()).isLessThan(history.get("loss").getFirst() / 2);
        assertThat(history.get("val_accuracy").getLast()).isGreaterThan(0.9);
        // the last quarter was only measured
        var last = model.evaluate(rows(x, 150, 200), rows(y, 150, 200));
        assertThat(last[0]).isCloseTo(history.get("val_loss").getLast(), within(1e-6));
        assertThat(last[1]).isCloseTo(history.get("val_accuracy").getLast(), within(1e-6));
        assertThat(model.metricsNames()).containsExactly("loss", "accuracy");
    }

    private static Tensor rows(Tensor of, int from, int to) {
        int row = of.size() / of.shape()[0];
        return Tensor.of(Arrays.copyOfRange(of.floats(), from * row, to * row), to - from, row);
    }

    /// Three updates of a linear network, by hand: batches of 2, 2 and 1 example.
    @Test
    void anEpochSeesEachExampleOnce() {
        var model =
                new Sequential(new Dense(1).useBias(false).kernelInitializer("ones").inputShape(1));
        model.compile(new SGD(0.1), "mse");
        var x = Tensor.of(new float[] {1, 2, 3, 4, 5}, 5, 1);
        var y = Tensor.of(new float[] {2, 4, 6, 8, 10}, 5, 1);
        var fit = Fit.batchSize(2).verbosity(Fit.Verbosity.SILENT).shuffle(false);
        double w = 1;
        double loss = 0;
        for (int[] batch : new int[][] {{1, 2}, {3, 4}, {5}}) {
            double gradient = 0;
            for (int k : batch) {
                loss += (w - 2) * k * (w - 2) * k / 5;
                gradient += 2 * (w - 2) * k * k / batch.length;
            }
            w -= 0.1 * gradient;
        }
        var history = model.fit(x, y, fit);
        assertThat(history.get("loss").getFirst()).isCloseTo(loss, within(1e-5 * loss));
        var said = model.predict(Tensor.of(new float[] {1}, 1, 1)).floats()[0];
        assertThat((double) said).isCloseTo(w, within(1e-5));
    }

    @Test
    void theSeedDecidesEverything() {
        var x = random(4, 40, 6);
        var y = random(5, 40, 2);
        float[][] said = new float[2][];
        for (int run = 0; run < 2; run++) {
            Configuration.seed(11);
            var model =
                    new Sequential(
                            new Dense(5).activation("relu").inputShape(6),
                            new Dropout(0.5),
                            new Dense(2));
            model.compile(new RMSprop(), "mse");
            model.fit(x, y, SILENT.epochs(2));
            said[run] = model.predict(x).floats();
        }
        assertThat(said[0]).containsExactly(said[1]);
    }

    @Test
    void whatIsNotTrainableStays() {
        var fixed = new Dense(4).trainable(false).inputShape(3);
        var model = new Sequential(fixed, new Dense(2));
        model.compile(new SGD(0.1), "mse");
        var before = fixed.weights().getFirst().parameter().array();
        var free = model.layers().get(1).weights().getFirst().parameter().array();
        model.fit(random(1, 20, 3), random(2, 20, 2), SILENT);
        assertThat(fixed.weights().getFirst().parameter().array().floats())
                .containsExactly(before.floats());
        assertThat(model.layers().get(1).weights().getFirst().parameter().array().floats())
                .isNotEqualTo(free.floats());
    }

    @Test
    void callbacksAreToldAndMayStop() {
        var told = new ArrayList<String>();
        var model = new Sequential(new Dense(1).inputShape(1));
        model.compile(new SGD(0.01), "mse");
        model.fit(
                random(1, 40, 1),
                random(2, 40, 1),
                SILENT.epochs(5)
                        .callbacks(
                                new Callback() {
                                    @Override
                                    public void onTrainBegin(Model begun) {
                                        told.add("begin " + (begun == model));
                                    }

                                    @Override
                                    public void onEpochBegin(int epoch) {
                                        told.add("epoch " + epoch);
                                    }

                                    @Override
                                    public void onBatchEnd(int batch, Map<String, Double> logs) {
                                        told.add("batch " + batch + " " + logs.keySet());
                                    }

                                    @Override
                                    public void onEpochEnd(int epoch, Map<String, Double> logs) {
                                        if (epoch == 1) model.stopTraining();
                                    }

                                    @Override
                                    public void onTrainEnd() {
                                        told.add("end");
                                    }
                                }));
        assertThat(told)
                .containsExactly(
                        "begin true",
                        "epoch 0",
                        "batch 0 [loss]",
                        "batch 1 [loss]",
                        "batch 2 [loss]",
                        "epoch 1",
                        "batch 0 [loss]",
                        "batch 1 [loss]",
                        "batch 2 [loss]",
                        "end");
    }

    @Test
    void aLineForEachEpochWhereThereIsNoTerminal() {
        var text = new StringWriter();
        var model = new Sequential(new Dense(1).inputShape(1));
        model.compile(new SGD(0.01), "mse", List.of("mae"));
        model.fit(
                random(1, 40, 1),
                random(2, 40, 1),
                Fit.batchSize(16)
                        .epochs(2)
                        .validationSplit(0.5)
                        .verbosity(Fit.Verbosity.LINE)
                        .printTo(new PrintWriter(text)));
        var figure = "\\d\\.\\d{4}(e-\\d\\d)?";
        var line =
                " - \\d+s \\d+[mu]?s/step - loss: F - mae: F - val_loss: F - val_mae: F"
                        .replace("F", figure);
        assertThat(text.toString().lines().toList())
                .satisfiesExactly(
                        first ->
                                assertThat(first)
                                        .isEqualTo("Train on 20 samples, validate on 20 samples"),
                        epoch -> assertThat(epoch).isEqualTo("Epoch 1/2"),
                        figures -> assertThat(figures).matches(line),
                        epoch -> assertThat(epoch).isEqualTo("Epoch 2/2"),
                        figures -> assertThat(figures).matches(line));
    }

    @Test
    void theBarIsKerass() {
        var text = new StringWriter();
        long[] now = {0};
        var log = new ProgressLog(new PrintWriter(text), true, 100, 30, 3, () -> now[0]);
        log.onEpochBegin(1);
        for (int batch = 0; batch < 4; batch++) {
            now[0] += 2_000_000_000L;
            log.onBatchEnd(batch, Map.of("loss", 0.5));
        }
        log.onEpochEnd(1, Map.of("loss", 0.25));
        assertThat(text.toString().replace("\r\n", "\n").replace("\r", "\n").lines().toList())
                .containsExactly(
                        "Epoch 2/3",
                        "",
                        " 30/100 [========>.....................] - ETA: 4s - loss: 0.5000",
                        " 60/100 [=================>............] - ETA: 2s - loss: 0.5000",
                        " 90/100 [==========================>...] - ETA: 0s - loss: 0.5000",
                        "100/100 [==============================] - 8s 2s/step - loss: 0.5000",
                        "100/100 [==============================] - 8s 2s/step - loss: 0.2500");
    }

    private static void refused(Runnable call, String message) {
        assertThatThrownBy(call::run).hasMessage(message);
    }

    @Test
    void layersThatDoNotFitAreNamed() {
        refused(
                () -> new Sequential(new Dense(1)),
                "Dense: input shape: expected one, for the first layer, got none");
        refused(
                () -> new Sequential(new Conv2D(1, 3).inputShape(28, 28)),
                "Conv2D 'conv2d_1': input: expected [height, width, channels], got [28, 28]");
        refused(
                () -> new Sequential(new Conv2D(1, 3, 5).dilationRate(2).inputShape(6, 8, 1)),
                "Conv2D 'conv2d_1': input: expected at least 5 x 9, got [6, 8, 1]");
        refused(
                () -> new Sequential(new MaxPooling2D(3).named("p").inputShape(2, 9, 1)),
                "MaxPooling2D 'p': input: expected at least 3 x 3, got [2, 9, 1]");
        var shared = new Conv2D(2, 1).named("c").inputShape(4, 4, 2);
        new Sequential(shared);
        refused(
                () -> new Sequential(new Conv2D(3, 1).inputShape(4, 4, 1), shared),
                "Conv2D 'c': input: expected 2 channels, got [4, 4, 3]");
        var dense = new Dense(2).named("d").inputShape(4);
        new Sequential(dense);
        refused(
                () -> new Sequential(new Dense(3).inputShape(4), dense),
                "Dense 'd': input: expected [..., 4], got [3]");
        refused(
                () -> dense.activation("relu"),
                "Dense 'd': activation: expected before the layer is part of a model");
        refused(
                () ->
                        new Sequential(
                                new Dense(1).named("a").inputShape(1), new Dense(1).named("a")),
                "Sequential: name: expected a name that is not taken, got 'a'");
        refused(
                () -> new Sequential().predict(random(1, 1)),
                "Sequential: layers: expected one or more, got 0");
    }

    @Test
    void argumentsOfLayersAreChecked() {
        refused(() -> new Conv2D(0, 3), "Conv2D: filters: expected >= 1, got 0");
        refused(() -> new Conv2D(1, 0), "Conv2D: kernel size: expected >= 1, got 0");
        refused(() -> new Conv2D(1, 3).strides(0), "Conv2D: strides: expected >= 1, got 0");
        refused(
                () -> new Conv2D(1, 3).dilationRate(0),
                "Conv2D: dilation rate: expected >= 1, got 0");
        refused(
                () -> new Conv2D(1, 3).padding("full"),
                "Conv2D: padding: expected valid or same, got full");
        refused(() -> new MaxPooling2D(0), "MaxPooling2D: pool size: expected >= 1, got 0");
        refused(() -> new Dense(0), "Dense: units: expected >= 1, got 0");
        refused(() -> new Dropout(1), "Dropout: rate: expected 0 <= rate < 1, got 1.0");
        refused(
                () -> new Dense(1).named("d").activation("magic"),
                "Dense 'd': activation: expected one of linear, relu, sigmoid, tanh, softmax, elu,"
                        + " selu, softplus, softsign, hard_sigmoid, exponential, gelu, silu, swish, mish, relu6, leaky_relu, log_softmax, got magic");
        refused(
                () -> new Dense(1).kernelInitializer("magic"),
                "Dense: kernel initializer: expected one of [glorot_uniform, glorot_normal,"
                        + " he_uniform, he_normal, lecun_uniform, lecun_normal, random_uniform,"
                        + " random_normal, truncated_normal, orthogonal, identity, zeros, ones],"
                        + " got magic");
        refused(
                () -> new Dense(1).inputShape(0),
                "Dense: input shape: expected extents >= 1, without the batch, got [0]");
    }

    @Test
    void argumentsOfTrainingAreChecked() {
        var model = new Sequential(new Dense(3).activation("softmax").inputShape(2));
        refused(
                () -> model.fit(random(1, 4, 2), random(1, 4, 3), SILENT),
                "Sequential: not compiled: call compile first");
        assertThatThrownBy(() -> model.compile(new SGD(), "nothing"))
                .hasMessageStartingWith("Sequential: loss: expected one of mean_squared_error, ")
                .hasMessageEndingWith(", got nothing");
        assertThatThrownBy(() -> model.compile(new SGD(), "mse", List.of("speed")))
                .hasMessageStartingWith("Sequential: metrics: expected accuracy, ")
                .hasMessageEndingWith(", got speed");
        model.compile(new SGD(), "categorical_crossentropy");
        refused(() -> model.add(new Dense(1)), "Sequential: add: expected before compile");
        refused(
                () -> model.fit(random(1, 4, 2), random(1, 5, 3), SILENT),
                "fit: y: expected 4 examples, as x has, got [5, 3]");
        refused(
                () -> SILENT.validationData(random(1, 4, 2), random(1, 5, 3)),
                "fit: validation data: y: expected 4 examples, as x has, got [5, 3]");
        refused(
                () -> model.fit(random(1, 4, 3), random(1, 4, 3), SILENT),
                "Sequential: x: expected float32[N, 2], got float32[4, 3]");
        refused(
                () -> model.fit(random(1, 4, 2), random(1, 4, 2), SILENT),
                "Sequential: y: expected float32[N, 3], got float32[4, 2]");
        refused(
                () -> model.fit(random(1, 4, 2), Tensor.of(new int[4], 4), SILENT),
                "Sequential: y: expected float32[N, 3] (Categorical.toCategorical makes such rows"
                        + " of class numbers), got int32[4]");
        refused(
                () -> model.predict(random(1, 4, 3)),
                "Sequential: predict: x: expected float32[N, 2], got " + random(1, 4, 3));
        refused(
                () -> model.fit(random(1, 0, 2), random(1, 0, 3), SILENT),
                "Sequential: fit: x: expected one or more examples, got 0");
        refused(() -> Fit.batchSize(0), "fit: batch size: expected >= 1, got 0");
        refused(() -> SILENT.epochs(0), "fit: epochs: expected >= 1, got 0");
        refused(() -> SILENT.initialEpoch(-1), "fit: initial epoch: expected >= 0, got -1");
        refused(
                () -> SILENT.validationSplit(1),
                "fit: validation split: expected 0 <= share < 1, got 1.0");
        refused(() -> new History().get("loss"), "History: name: expected one of [], got loss");
    }

    @Test
    void labelsAreChecked() {
        refused(
                () -> Categorical.toCategorical(Tensor.of(new int[] {0, 3}, 2), 3),
                "toCategorical: labels: expected 0 ... 2, got 3 at position 1");
        var floats = random(1, 2);
        refused(
                () -> Categorical.toCategorical(floats, 3),
                "toCategorical: labels: expected int32[N], got " + floats);
        var model = new Sequential(new Dense(3).activation("softmax").inputShape(2));
        model.compile(new SGD(), "sparse_categorical_crossentropy");
        refused(
                () ->
                        model.fit(
                                random(1, 2, 2),
                                Tensor.of(new int[] {1, -1}, 2),
                                SILENT.shuffle(false)),
                "sparse_categorical_crossentropy: y: expected labels 0 ... 2, got -1 at position 1"
                        + " of a batch");
        refused(
                () -> model.fit(random(1, 2, 2), random(1, 2, 3), SILENT),
                "Sequential: y: expected int32[N], got float32[2, 3]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "categorical_crossentropy",
                "sparse_categorical_crossentropy",
                "binary_crossentropy",
                "mean_squared_error"
            })
    void theLossIsThatOfTheFormula(String loss) {
        var model =
                new Sequential(
                        new Dense(3)
                                .activation(
                                        loss.equals("binary_crossentropy") ? "sigmoid" : "softmax")
                                .inputShape(2));
        var sparse = loss.startsWith("sparse");
        model.compile(new SGD(), loss, List.of("acc"));
        int[] labels = {2, 0, 1, 1, 2};
        var x = random(1, 5, 2);
        var rows = Categorical.toCategorical(Tensor.of(labels, 5), 3);
        var p = model.predict(x).floats();
        double expected = 0;
        double right = 0;
        for (int n = 0; n < 5; n++) {
            int best = 0;
            for (int k = 0; k < 3; k++) {
                double q = p[3 * n + k];
                double t = rows.floats()[3 * n + k];
                expected +=
                        switch (loss) {
                            case "mean_squared_error" -> (q - t) * (q - t) / 15;
                            case "binary_crossentropy" ->
                                    -(t * Math.log(q) + (1 - t) * Math.log(1 - q)) / 15;
                            default -> -t * Math.log(q) / 5;
                        };
                if (q > p[3 * n + best]) best = k;
                if (loss.startsWith("binary") && (q > 0.5) == (t == 1)) right += 1 / 15.0;
            }
            if (!loss.startsWith("binary") && best == labels[n]) right += 1 / 5.0;
        }
        var got = model.evaluate(x, sparse ? Tensor.of(labels, 5) : rows);
        assertThat(got[0]).isCloseTo(expected, within(1e-6));
        assertThat(got[1]).isCloseTo(right, within(1e-6));
    }
}
