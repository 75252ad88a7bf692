package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.TrainingException;
import io.webdnn.train.optimizer.Adam;
import io.webdnn.train.optimizer.SGD;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
