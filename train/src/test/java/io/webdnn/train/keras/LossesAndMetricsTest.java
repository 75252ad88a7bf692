package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.TrainingException;
import io.webdnn.train.optimizer.SGD;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Losses and metrics, against their formulas in plain loops.
class LossesAndMetricsTest {
    private static final float[] SAID = {0.7f, 0.2f, 0.1f, 0.3f, 0.3f, 0.4f, 0.05f, 0.9f, 0.05f};
    private static final float[] WANTED = {1, 0, 0, 0, 1, 0, 0, 1, 0};

    @TempDir Path directory = Path.of("");

    /// A network that says what it is given.
    private static Sequential mirror(Loss loss, Metric... metrics) {
        var model = new Sequential(new Activation("linear").inputShape(3));
        model.compile(new SGD(), loss, List.of(metrics));
        return model;
    }

    private static double loss(Loss loss) {
        return mirror(loss).evaluate(Tensor.of(SAID, 3, 3), Tensor.of(WANTED, 3, 3))[0];
    }

    /// What a loss is for a number that is said and one that is wanted.
    private interface Each {
        double of(double y, double t);
    }

    private static double mean(Each each) {
        double sum = 0;
        for (int i = 0; i < 9; i++) sum += each.of(SAID[i], WANTED[i]) / 9;
        return sum;
    }

    private static double entropy(double p, double t) {
        return -t * Math.log(p) - (1 - t) * Math.log(1 - p);
    }

    @Test
    void lossesAreThoseOfTheFormulas() {
        var expected = new LinkedHashMap<Loss, Double>();
        expected.put(Loss.named("mean_absolute_error"), mean((y, t) -> Math.abs(y - t)));
        expected.put(
                Loss.named("msle"), mean((y, t) -> Math.pow(Math.log(1 + y) - Math.log(1 + t), 2)));
        expected.put(
                Loss.named("squared_hinge"), mean((y, t) -> Math.pow(Math.max(0, 1 - y * t), 2)));
        expected.put(Loss.named("log_cosh"), mean((y, t) -> Math.log(Math.cosh(y - t))));
        expected.put(Loss.named("poisson"), mean((y, t) -> y - t * Math.log(y + 1e-7)));
        expected.put(
                Loss.huber(0.25),
                mean((y, t) -> {
                    double d = Math.abs(y - t);
                    return d <= 0.25 ? d * d / 2 : 0.25 * d - 0.25 * 0.25 / 2;
                }));
        expected.put(Loss.named("huber"), mean((y, t) -> (y - t) * (y - t) / 2));
        expected.put(
                Loss.named("binary_crossentropy").labelSmoothing(0.2),
                mean((y, t) -> entropy(y, 0.8 * t + 0.1)));
        expected.put(
                Loss.named("categorical_crossentropy").labelSmoothing(0.3),
                3 * mean((y, t) -> -(0.7 * t + 0.1) * Math.log(y)));
        expected.put(
                Loss.named("kl_divergence"),
                3 * mean((y, t) -> (t == 0 ? 1e-7 * Math.log(1e-7 / y) : -Math.log(y))));
        expected.put(
                Loss.named("binary_focal_crossentropy"),
                mean((y, t) -> Math.pow(t == 1 ? 1 - y : y, 2) * entropy(y, t)));
        expected.put(
                Loss.named("binary_focal_crossentropy").focal(3, 0.75),
                mean((y, t) ->
                        (t == 1 ? 0.75 : 0.25) * Math.pow(t == 1 ? 1 - y : y, 3) * entropy(y, t)));
        expected.put(
                Loss.named("categorical_focal_crossentropy"),
                3 * mean((y, t) -> -0.25 * t * Math.log(y) * (1 - y) * (1 - y)));
        expected.forEach((loss, value) ->
                assertThat(loss(loss))
                        .as(String.valueOf(loss.describe()))
                        .isCloseTo(value, within(2e-6)));
        double cosine = 0;
        for (int n = 0; n < 3; n++) {
            double norm = 0;
            double dot = 0;
            for (int k = 0; k < 3; k++) {
                norm += SAID[3 * n + k] * SAID[3 * n + k];
                dot += SAID[3 * n + k] * WANTED[3 * n + k];
            }
            cosine += dot / Math.sqrt(norm) / 3;
        }
        assertThat(loss(Loss.named("cosine_similarity"))).isCloseTo(-cosine, within(1e-6));
        var model = mirror(Loss.named("mse"), Metric.named("cosine_similarity"));
        assertThat(model.evaluate(Tensor.of(SAID, 3, 3), Tensor.of(WANTED, 3, 3))[1])
                .isCloseTo(cosine, within(1e-6));
    }

    @Test
    void logitsGoThroughWhatIsMissing() {
        double rows = 0;
        for (int n = 0; n < 3; n++) {
            double sum = 0;
            for (int k = 0; k < 3; k++) sum += Math.exp(SAID[3 * n + k]);
            for (int k = 0; k < 3; k++)
                rows -= WANTED[3 * n + k] * Math.log(Math.exp(SAID[3 * n + k]) / sum) / 3;
        }
        assertThat(loss(Loss.named("categorical_crossentropy").fromLogits(true)))
                .isCloseTo(rows, within(1e-6));
        var labels = Tensor.of(new int[] {0, 1, 1}, 3);
        var sparse = mirror(Loss.named("sparse_categorical_crossentropy").fromLogits(true));
        assertThat(sparse.evaluate(Tensor.of(SAID, 3, 3), labels)[0]).isCloseTo(rows, within(1e-6));
        assertThat(loss(Loss.named("binary_crossentropy").fromLogits(true)))
                .isCloseTo(mean((y, t) -> entropy(1 / (1 + Math.exp(-y)), t)), within(1e-6));
    }

    /// A class for each step of a sequence.
    @Test
    void sequencesOfLabels() {
        var model = new Sequential(new Activation("linear").inputShape(3, 3));
        model.compile(
                new SGD(),
                "sparse_categorical_crossentropy",
                List.of("accuracy", "sparse_top_k_categorical_accuracy"));
        var y = Tensor.of(SAID, 1, 3, 3);
        var got = model.evaluate(y, Tensor.of(new int[] {0, 1, 0}, 1, 3));
        assertThat(got[0])
                .isCloseTo(-(Math.log(0.7) + Math.log(0.3) + Math.log(0.05)) / 3, within(1e-6));
        assertThat(got[1]).isCloseTo(1 / 3.0, within(1e-6));
        assertThat(got[2]).isEqualTo(1);
    }

    /// Hidden steps cost nothing: the mean is over those that count, of the whole batch.
    @Test
    void hiddenStepsDoNotCount() {
        var model = new Sequential(new Masking(9).inputShape(2, 2), new Activation("linear"));
        model.compile(new SGD(), Loss.named("mae"), List.of(Metric.named("mse")));
        var x = Tensor.of(new float[] {1, 2, 9, 9, 3, 0, 5, 5}, 2, 2, 2);
        var y = Tensor.of(new float[] {0, 0, 7, 7, 0, 0, 0, 0}, 2, 2, 2);
        var got = model.evaluate(x, y);
        assertThat(got[0]).isCloseTo((1.5 + 1.5 + 5) / 3, within(1e-6));
        assertThat(got[1]).isCloseTo((2.5 + 4.5 + 25) / 3, within(1e-6));
        var counting = new Sequential(new Masking(9).inputShape(2, 2));
        counting.compile(new SGD(), Loss.named("mae"), List.of(Metric.precision(0.5)));
        refused(
                () -> counting.evaluate(x, y),
                "precision: output: expected one without a mask of steps, got one that hides some");
    }

    /// Counts over all examples, in batches of which each has others.
    @Test
    void countsAreOfAllExamples() {
        int count = 97;
        float[] said = new float[count];
        float[] wanted = new float[count];
        for (int i = 0; i < count; i++) {
            said[i] = (i * 37 % 101) / 101f;
            wanted[i] = said[i] + (i * 53 % 89) / 89f > 1 ? 1 : 0;
        }
        var model = new Sequential(new Activation("linear").inputShape(1));
        var metrics = new ArrayList<Metric>();
        for (var name :
                List.of(
                        "precision",
                        "recall",
                        "true_positives",
                        "false_positives",
                        "false_negatives",
                        "true_negatives",
                        "root_mean_squared_error")) metrics.add(Metric.named(name));
        metrics.add(Metric.precision(0.8));
        metrics.add(Metric.recall(0.3));
        metrics.add(Metric.auc("ROC"));
        metrics.add(Metric.auc("PR"));
        model.compile(new SGD(), Loss.named("mse"), metrics);
        var got =
                model.evaluate(
                        new io.webdnn.train.dataset.TupleDataset(
                                Tensor.of(said, count, 1), Tensor.of(wanted, count, 1)),
                        10);
        double[] at = counts(said, wanted, 0.5);
        double squares = 0;
        for (int i = 0; i < count; i++) squares += Math.pow(said[i] - wanted[i], 2);
        double[] high = counts(said, wanted, 0.8);
        double[] low = counts(said, wanted, 0.3);
        double[] expected = {
            at[0] / (at[0] + at[1]),
            at[0] / (at[0] + at[2]),
            at[0],
            at[1],
            at[2],
            at[3],
            Math.sqrt(squares / count),
            high[0] / (high[0] + high[1]),
            low[0] / (low[0] + low[2])
        };
        for (int i = 0; i < expected.length; i++)
            assertThat(got[1 + i]).isCloseTo(expected[i], within(1e-6));
        // the area of ROC is the share of pairs that stand in the right order
        double right = 0;
        double pairs = 0;
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++)
                if (wanted[i] == 1 && wanted[j] == 0) {
                    pairs++;
                    right += said[i] > said[j] ? 1 : said[i] == said[j] ? 0.5 : 0;
                }
        assertThat(got[10]).isCloseTo(right / pairs, within(2e-3));
        // the area of precision is about the mean precision at each example that should be 1
        double precision = 0;
        for (int i = 0; i < count; i++)
            if (wanted[i] == 1) {
                double[] here = counts(said, wanted, said[i] - 1e-6);
                precision += here[0] / (here[0] + here[1]) / (at[0] + at[2]);
            }
        assertThat(got[11]).isCloseTo(precision, within(2e-2));
    }

    private static double[] counts(float[] said, float[] wanted, double threshold) {
        double[] counts = new double[4];
        for (int i = 0; i < said.length; i++)
            counts[said[i] > threshold ? wanted[i] == 1 ? 0 : 1 : wanted[i] == 1 ? 2 : 3]++;
        return counts;
    }

    /// Four points whose areas are known: the only wrong pair of four is 0.6 before 0.4.
    @Test
    void areasBelowCurves() {
        var model = new Sequential(new Activation("linear").inputShape(1));
        model.compile(new SGD(), Loss.named("mse"), List.of(Metric.auc("ROC"), Metric.auc("PR")));
        var got =
                model.evaluate(
                        Tensor.of(new float[] {0.2f, 0.6f, 0.4f, 0.8f}, 4, 1),
                        Tensor.of(new float[] {0, 0, 1, 1}, 4, 1));
        assertThat(got[1]).isCloseTo(0.75, within(1e-6));
        // recall 0 to ½ at precision 1; then one more of two, of 1 + x of 2 + x
        double second = 0.5 * (1 - Math.log(1.5));
        assertThat(got[2]).isCloseTo(0.5 + second, within(1e-5));
    }

    @Test
    void theLargestCount() {
        var model = mirror(Loss.named("categorical_crossentropy"), Metric.topK(1), Metric.topK(2));
        var got = model.evaluate(Tensor.of(SAID, 3, 3), Tensor.of(WANTED, 3, 3));
        assertThat(got[1]).isCloseTo(2 / 3.0, within(1e-6));
        assertThat(got[2]).isEqualTo(1); // 0.3 stands behind 0.4 alone
    }

    /// What a file holds is read back, in Keras's own form.
    @Test
    void settingsAreKept() {
        var model =
                mirror(
                        Loss.named("categorical_crossentropy").fromLogits(true).labelSmoothing(0.1),
                        Metric.named("accuracy"),
                        Metric.precision(0.7),
                        Metric.auc("PR"),
                        Metric.topK(2));
        var file = directory.resolve("m.h5");
        model.save(file);
        var loaded = Model.load(file);
        assertThat(loaded.metricsNames()).isEqualTo(model.metricsNames());
        var x = Tensor.of(SAID, 3, 3);
        var y = Tensor.of(WANTED, 3, 3);
        assertThat(loaded.evaluate(x, y)).containsExactly(model.evaluate(x, y));
        for (var loss :
                List.of(
                        Loss.huber(0.5),
                        Loss.named("binary_focal_crossentropy").focal(1, 0.5),
                        Loss.named("categorical_focal_crossentropy").focal(1, 0.5),
                        Loss.named("binary_crossentropy").labelSmoothing(0.5))) {
            var before = mirror(loss);
            before.save(file);
            assertThat(Model.load(file).evaluate(x, y)).containsExactly(before.evaluate(x, y));
        }
        assertThat(Loss.huber(0.5).describe())
                .isEqualTo(
                        Map.of(
                                "class_name",
                                "Huber",
                                "config",
                                Map.of("reduction", "auto", "name", "huber", "delta", 0.5)));
        assertThat(Loss.named("mse").describe()).isEqualTo("mean_squared_error");
    }

    @Test
    void whatDoesNotFitIsNamed() {
        refused(() -> Loss.huber(0), "huber: delta: expected > 0, got 0.0");
        refused(
                () -> Loss.named("mse").fromLogits(true),
                "mean_squared_error: from logits: expected a cross entropy, got true");
        refused(
                () -> Loss.named("binary_crossentropy").labelSmoothing(2),
                "binary_crossentropy: label smoothing: expected 0 <= s <= 1, got 2.0");
        refused(
                () -> Loss.named("sparse_categorical_crossentropy").labelSmoothing(0.1),
                "sparse_categorical_crossentropy: label smoothing: expected a cross entropy of"
                        + " targets, got 0.1");
        refused(
                () -> Loss.named("poisson").focal(1, 1),
                "poisson: focal: expected a focal loss, got 1.0");
        refused(
                () -> Loss.named("binary_focal_crossentropy").focal(-1, 0),
                "binary_focal_crossentropy: gamma: expected >= 0, got -1.0");
        refused(
                () -> Loss.named("binary_focal_crossentropy").focal(1, 2),
                "binary_focal_crossentropy: alpha: expected 0 <= alpha <= 1, got 2.0");
        refused(() -> Metric.topK(0), "top_k_categorical_accuracy: k: expected >= 1, got 0");
        refused(
                () -> Metric.precision(2),
                "precision: threshold: expected 0 <= threshold <= 1, got 2.0");
        refused(() -> Metric.auc("roc"), "auc: curve: expected ROC or PR, got roc");
    }

    private static void refused(Runnable call, String message) {
        assertThatThrownBy(call::run).isInstanceOf(TrainingException.class).hasMessage(message);
    }
}
