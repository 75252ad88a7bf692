package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.optimizer.Adam;
import io.webdnn.train.optimizer.SGD;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models that are more than layers in a row.
class FunctionalModelTest {
    private static final Fit SILENT = Fit.batchSize(8).verbosity(Fit.Verbosity.SILENT);

    @TempDir Path directory = Path.of("");

    @BeforeEach
    void seed() {
        Configuration.seed(4);
    }

    private static Tensor random(int stream, int... shape) {
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        var random = new RandomStream(9, stream);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) values[i] = random.nextFloat() - 0.5f;
        return Tensor.of(values, shape);
    }

    /// Two inputs through one layer, a model within, two outputs.
    private static Model twins() {
        var left = Input.named("left", 3);
        var right = Input.named("right", 3);
        var shared = new Dense(4).named("shared").activation("tanh");
        var inner =
                new Sequential(
                        new Dense(5).named("wide").activation("relu").inputShape(8),
                        new BatchNormalization().named("norm").momentum(0.5));
        inner.choose("inner");
        var both = new Concatenate().call(shared.call(left), shared.call(right));
        var a = new Dense(2).named("a").call(inner.call(both));
        var b = new Dense(3).named("b").activation("softmax").call(both);
        return new Model(List.of(left, right), List.of(a, b));
    }

    private static History train(Model model, int epochs) {
        int[] labels = new int[20];
        for (int i = 0; i < 20; i++) labels[i] = i % 3;
        return model.fit(
                List.of(random(1, 20, 3), random(2, 20, 3)),
                List.of(random(3, 20, 2), Categorical.toCategorical(Tensor.of(labels, 20), 3)),
                SILENT.epochs(epochs));
    }

    private static Model compiled() {
        var model = twins();
        model.compile(
                new Adam(0.01),
                List.of("mse", "categorical_crossentropy"),
                List.of(1.0, 0.5),
                List.of("mae"));
        return model;
    }

    @Test
    void sharedLayersHaveOneWeight() {
        var model = twins();
        assertThat(model.weights()).hasSize(12);
        var x = random(1, 6, 3);
        var same = model.predict(List.of(x, x)).get(1).floats();
        float[] kernel =
                model.weights().get(0).toFile(model.weights().get(0).parameter().array()).floats();
        float[] head = new float[24];
        for (var weight : model.weights())
            if (weight.layer().name().equals("b") && weight.name().equals("kernel"))
                head = weight.toFile(weight.parameter().array()).floats();
        for (int n = 0; n < 6; n++) {
            double[] logits = new double[3];
            for (int j = 0; j < 4; j++) {
                double sum = 0;
                for (int i = 0; i < 3; i++) sum += x.floats()[3 * n + i] * kernel[4 * i + j];
                for (int k = 0; k < 3; k++)
                    logits[k] += Math.tanh(sum) * (head[3 * j + k] + head[3 * (j + 4) + k]);
            }
            double all = Arrays.stream(logits).map(Math::exp).sum();
            for (int k = 0; k < 3; k++)
                assertThat((double) same[3 * n + k])
                        .isCloseTo(Math.exp(logits[k]) / all, within(1e-6));
        }
    }

    @Test
    void lossesAreWeightedAndNamed() {
        var model = compiled();
        assertThat(model.metricsNames())
                .containsExactly("loss", "a_loss", "b_loss", "a_mae", "b_mae");
        var x = List.of(random(1, 20, 3), random(2, 20, 3));
        var y = List.of(random(3, 20, 2), Categorical.toCategorical(Tensor.of(new int[20], 20), 3));
        var figures = model.evaluate(x, y);
        assertThat(figures[0]).isCloseTo(figures[1] + 0.5 * figures[2], within(1e-6));
        var losses = train(model, 10).get("loss");
        assertThat(losses.getLast()).isLessThan(losses.getFirst());
    }

    @Test
    void savedAndLoadedItGoesOnWhereItWas() {
        var whole = compiled();
        train(whole, 2);
        Configuration.seed(4);
        var half = compiled();
        train(half, 1);
        var file = directory.resolve("half.h5");
        half.save(file);
        var loaded = Model.load(file);
        train(loaded, 1);
        var x = List.of(random(5, 4, 3), random(6, 4, 3));
        for (int i = 0; i < 2; i++)
            assertThat(loaded.predict(x).get(i).floats())
                    .containsExactly(whole.predict(x).get(i).floats());
        loaded.save(directory.resolve("loaded.h5"));
        assertThat(loaded.optimizer().t()).isEqualTo(6);
        assertThat(text(loaded)).isEqualTo(text(whole));
    }

    private static String text(Model model) {
        var text = new StringWriter();
        model.summary(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void averagesOfNormalizationMoveAndAreUsed() {
        var norm = new BatchNormalization().momentum(0.75).inputShape(2);
        var normalized = new Sequential(norm);
        var model = new Sequential(norm, new Dense(2));
        model.compile(new SGD(0), "mse");
        var x = Tensor.of(new float[] {1, 10, 3, 30}, 2, 2);
        model.fit(x, x, SILENT);
        float[] mean = norm.weights().get(2).parameter().array().floats();
        float[] variance = norm.weights().get(3).parameter().array().floats();
        assertThat(mean).containsExactly(0.25f * 2, 0.25f * 20);
        assertThat(variance).containsExactly(0.75f + 0.25f * 1, 0.75f + 0.25f * 100);
        var said = normalized.predict(x).floats();
        for (int i = 0; i < 4; i++) {
            int c = i % 2;
            assertThat((double) said[i])
                    .isCloseTo(
                            (x.floats()[i] - mean[c]) / Math.sqrt(variance[c] + 1e-3),
                            within(1e-5));
        }
        norm.trainable(false);
        model.compile(new SGD(0), "mse");
        model.fit(x, x, SILENT);
        assertThat(norm.weights().get(2).parameter().array().floats()).containsExactly(mean);
    }

    private static void refused(Runnable call, String message) {
        assertThatThrownBy(call::run).isInstanceOf(TrainingException.class).hasMessage(message);
    }

    @Test
    void statesThatDoNotFit() {
        var steps = Input.shape(4, 2);
        var state = Input.shape(3);
        refused(
                () -> new LSTM(3).call(steps, state),
                "LSTM: inputs: expected a sequence, or one and its states: 2, got 2");
        refused(() -> new GRU(2).call(steps, state), "GRU: initial state: expected [2], got [3]");
        refused(
                () -> new Sequential(new GRU(2).returnState(true).inputShape(4, 2)),
                "Sequential: GRU 'gru_1': outputs: expected one, got 2");
        refused(
                () -> new Bidirectional(new GRU(2).returnState(true)),
                "Bidirectional: layer: expected one that gives no states, got GRU");
        refused(
                () -> new TimeDistributed(new GRU(2).returnState(true)),
                "TimeDistributed: layer: expected one that gives no states, got GRU");
        refused(() -> new GRU(2).dropout(1), "GRU: dropout: expected 0 <= rate < 1, got 1.0");
        refused(
                () -> new GRU(2).recurrentDropout(-0.1),
                "GRU: recurrent dropout: expected 0 <= rate < 1, got -0.1");
    }

    @Test
    void settingsOfLaterLayersThatDoNotFit() {
        var steps = Input.shape(4, 3);
        refused(
                () -> new GroupNormalization(2).call(steps),
                "GroupNormalization: groups: expected a divisor of 3 channels, got 2");
        refused(
                () -> new GroupNormalization(0),
                "GroupNormalization: groups: expected >= 1, or -1, got 0");
        refused(
                () -> new GroupNormalization(3).epsilon(0),
                "GroupNormalization: epsilon: expected > 0, got 0.0");
        refused(() -> new Softmax(0), "Softmax: axis: expected an axis of an example, got 0");
        refused(
                () -> new Softmax(3).call(steps),
                "Softmax: axis: expected 1 ... 2, or from the end, got 3");
        refused(() -> new ReLU().maxValue(-1), "ReLU: max value: expected >= 0, got -1.0");
        refused(
                () -> new ReLU().negativeSlope(-1),
                "ReLU: negative slope: expected >= 0, got -1.0");
        refused(() -> new ThresholdedReLU(-1), "ThresholdedReLU: theta: expected >= 0, got -1.0");
        refused(() -> new Rescaling(Double.NaN, 0), "Rescaling: scale: expected a number, got NaN");
        refused(
                () -> new Rescaling(1, Double.POSITIVE_INFINITY),
                "Rescaling: offset: expected a number, got Infinity");
        refused(
                () -> new ActivityRegularization(-1, 0),
                "Regularizer: l1: expected >= 0, got -1.0");
    }

    @Test
    void sequencesThatDoNotFitEachOther() {
        var words = Input.shape(4, 2);
        var others = Input.shape(5, 3);
        refused(
                () -> new Attention().call(words),
                "Attention: inputs: expected queries, values and perhaps keys, got 1");
        refused(
                () -> new Attention().call(words, others),
                "Attention: keys: expected [steps, 2], as queries have, got [5, 3]");
        refused(
                () -> new AdditiveAttention().call(words, others, words),
                "AdditiveAttention: keys: expected 5 steps, as values have, got [4, 2]");
        refused(
                () -> new MultiHeadAttention(2, 2).call(words, Input.shape(3)),
                "MultiHeadAttention: input: expected [steps, channels], got [3]");
        refused(
                () -> new MultiHeadAttention(0, 2),
                "MultiHeadAttention: heads: expected >= 1, got 0");
        refused(
                () -> new MultiHeadAttention(1, 2).dropout(1),
                "MultiHeadAttention: dropout: expected 0 <= rate < 1, got 1.0");
        var heads = new MultiHeadAttention(1, 2);
        heads.call(words, others);
        refused(
                () -> heads.call(words, words),
                "MultiHeadAttention: key: expected [steps, 3], got [4, 2]");
        var local = new LocallyConnected1D(1, 2);
        local.call(words);
        refused(
                () -> local.call(others),
                "LocallyConnected1D: input: expected the shape before, got [5, 3]");
    }

    /// Numbers that are left out are 0 at all steps, the others are larger.
    @Test
    void dropoutOfSequencesIsTheSameAtAllSteps() {
        var layer = new SimpleRNN(2).dropout(0.5).returnSequences(true).activation("linear");
        var model = new Sequential(layer.useBias(false).inputShape(3, 4));
        layer.weights().get(1).parameter().assign(Tensor.zeros(DType.FLOAT32, 2, 2));
        var kernel = new float[8];
        for (int c = 0; c < 4; c++) kernel[2 * c] = (float) Math.pow(10, c);
        layer.weights().get(0).parameter().assign(Tensor.of(kernel, 4, 2));
        var ones = new float[12];
        Arrays.fill(ones, 1);
        var x = Tensor.of(ones, 1, 3, 4);
        assertThat(model.predict(x).floats()).containsExactly(1111, 0, 1111, 0, 1111, 0);
        var seen = new TreeSet<Float>();
        Configuration.seed(3);
        for (int i = 0; i < 20; i++) {
            float[] y;
            try (var _ = Configuration.training(true)) {
                y = model.call(new Variable(x)).array().floats();
            }
            assertThat(y[2]).isEqualTo(y[0]);
            assertThat(y[4]).isEqualTo(y[0]);
            assertThat(String.valueOf((int) y[0])).matches("[02]+");
            seen.add(y[0]);
        }
        assertThat(seen.size()).isGreaterThan(4);
    }

    @Test
    void whatDoesNotFitIsNamed() {
        var a = Input.named("a", 2);
        var b = Input.named("b", 3);
        refused(() -> new Add().call(a, b), "Add: input: expected [2], got [3]");
        refused(() -> new Add().call(a), "Add: inputs: expected two or more, got 1");
        refused(() -> new Subtract().call(a, a, a), "Subtract: inputs: expected two, got 3");
        refused(() -> new Dense(1).call(a, b), "Dense: inputs: expected one, got 2");
        var image = Input.shape(2, 2, 3);
        refused(
                () -> new Concatenate(1).call(image, Input.shape(2, 3, 3)),
                "Concatenate: input: expected [2, 2, 3] but for axis 1, got [2, 3, 3]");
        refused(
                () -> new Concatenate(4).call(image, image),
                "Concatenate: axis: expected one of [2, 2, 3] behind the batch, got 4");
        refused(
                () -> new Concatenate(0),
                "Concatenate: axis: expected another than the batch, got 0");
        refused(
                () -> new Concatenate().call(image),
                "Concatenate: inputs: expected two or more, got 1");
        var y = new Dense(1).call(a);
        refused(
                () -> new Model(b, y),
                "Model: inputs: expected all that outputs depend on, got one without output 0 of"
                        + " InputLayer 'a' [2]");
        refused(
                () -> new Model(y, y),
                "Model: inputs: expected outputs of Input, got output 0 of Dense [1]");
        refused(
                () -> new Model(List.of(), List.of(y)),
                "Model: inputs: expected one or more, got 0");
        refused(
                () -> new Model(List.of(a), List.of()),
                "Model: outputs: expected one or more, got 0");
        var model = new Model(a, y);
        refused(() -> model.call(b), "Model: inputs: expected [2], got [3]");
        refused(
                () -> model.predict(List.of(random(1, 1, 2), random(1, 1, 2))),
                "Model: predict: x: expected 1 arrays, got 2");
        refused(
                () -> model.compile(new SGD(), List.of("mse", "mse"), List.of(1.0), List.of()),
                "Model: losses: expected 1, as there are outputs, got 2");
        refused(
                () -> model.compile(new SGD(), List.of("mse"), List.of(), List.of()),
                "Model: loss weights: expected 1, as there are outputs, got 0");
        var twins = compiled();
        refused(
                () ->
                        twins.fit(
                                List.of(random(1, 4, 3), random(1, 4, 3)),
                                List.of(random(1, 4, 2), random(1, 4, 3)),
                                SILENT.classWeight(java.util.Map.of(1, 2.0))),
                "Model: fit: class weight: expected a model with one output, got 2");
        refused(
                () -> twins.fit(random(1, 4, 3), random(1, 4, 2), SILENT),
                "Model: examples: expected 2 inputs and 2 outputs, perhaps a weight, got 2 arrays");
    }
}
