package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.Configuration;
import io.webdnn.train.optimizer.Adam;
import io.webdnn.train.optimizer.LearningRateSchedule;
import io.webdnn.train.optimizer.Lion;
import io.webdnn.train.optimizer.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What training can be told: prices, limits, weights of examples, callbacks.
class TrainingOptionsTest {
    private static final Fit SILENT = Fit.batchSize(8).verbosity(Fit.Verbosity.SILENT);

    @TempDir Path directory = Path.of("");

    @BeforeEach
    void seed() {
        Configuration.seed(6);
    }

    private static float[] kernel(Sequential model) {
        var weight = model.weights().getFirst();
        return weight.toFile(weight.parameter().array()).floats();
    }

    private static Tensor numbers(float... values) {
        return Tensor.of(values, values.length, 1);
    }

    @Test
    void weightsAndResultsHaveAPrice() {
        var model =
                new Sequential(
                        new Dense(2)
                                .kernelRegularizer(new Regularizer(0.1, 0.01))
                                .biasRegularizer(Regularizer.l1(1))
                                .biasInitializer(WeightInitializer.constant(0.5))
                                .activityRegularizer(Regularizer.l2(0.001))
                                .inputShape(2));
        model.compile(new SGD(), "mse");
        var x = Tensor.of(new float[] {1, 2, -1, 0.5f}, 2, 2);
        var y = model.predict(x);
        double cost = 2 * 0.5;
        for (float w : kernel(model)) cost += 0.1 * Math.abs(w) + 0.01 * w * w;
        for (float r : y.floats()) cost += 0.001 * r * r;
        assertThat(model.evaluate(x, y)[0]).isCloseTo(cost, within(1e-6));
        assertThatThrownBy(() -> Regularizer.l1(-1))
                .hasMessage("Regularizer: l1: expected >= 0, got -1.0");
        assertThatThrownBy(() -> Regularizer.l2(-1))
                .hasMessage("Regularizer: l2: expected >= 0, got -1.0");
    }

    private static float[] constrained(Constraint constraint) {
        // kernel [in, out] = [[3, -1], [4, 2]]; a rate of 0 leaves it to the constraint
        var layer = new Dense(2).useBias(false).kernelConstraint(constraint).inputShape(2);
        var model = new Sequential(layer);
        var weight = model.weights().getFirst();
        weight.parameter().assign(weight.fromFile(Tensor.of(new float[] {3, -1, 4, 2}, 2, 2)));
        model.compile(new SGD(0), "mse");
        model.fit(Tensor.of(new float[2], 1, 2), Tensor.of(new float[2], 1, 2), SILENT);
        return kernel(model);
    }

    private static void expect(float[] actual, double... expected) {
        for (int i = 0; i < expected.length; i++)
            assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-5));
    }

    @Test
    void weightsAreBroughtBackToLimits() {
        double r = Math.sqrt(5);
        expect(constrained(Constraint.nonNeg()), 3, 0, 4, 2);
        expect(constrained(Constraint.maxNorm(4)), 3 * 0.8, -1, 4 * 0.8, 2);
        expect(constrained(Constraint.unitNorm()), 0.6, -1 / r, 0.8, 2 / r);
        expect(
                constrained(Constraint.unitNorm(1)),
                3 / Math.sqrt(10),
                -1 / Math.sqrt(10),
                4 / Math.sqrt(20),
                2 / Math.sqrt(20));
        expect(
                constrained(Constraint.minMaxNorm(3, 4, 0.5)),
                3 * 0.9,
                -1 * (1.5 + r / 2) / r,
                4 * 0.9,
                2 * (1.5 + r / 2) / r);
        assertThatThrownBy(() -> Constraint.minMaxNorm(2, 1, 1))
                .hasMessage("MinMaxNorm: norms: expected 0 <= least <= most, got 2.0 and 1.0");
        assertThatThrownBy(() -> Constraint.minMaxNorm(1, 2, 2))
                .hasMessage("MinMaxNorm: rate: expected 0 <= rate <= 1, got 2.0");
    }

    @Test
    void initializersDrawWhatTheySay() {
        var random = new io.webdnn.tensor.random.RandomStream(1, 2);
        var square = WeightInitializer.orthogonal(2).initializer().draw(new int[] {3, 5}, random);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                double dot = 0;
                for (int k = 0; k < 5; k++)
                    dot += square.floats()[5 * i + k] * square.floats()[5 * j + k];
                assertThat(dot).isCloseTo(i == j ? 4 : 0, within(1e-5));
            }
        var wide = WeightInitializer.orthogonal(1).initializer().draw(new int[] {2, 3, 2}, random);
        for (int i = 0; i < 2; i++)
            for (int j = 0; j < 2; j++) {
                double dot = 0;
                for (int k = 0; k < 6; k++)
                    dot += wide.floats()[2 * k + i] * wide.floats()[2 * k + j];
                assertThat(dot).isCloseTo(i == j ? 1 : 0, within(1e-5));
            }
        assertThat(
                        WeightInitializer.identity(3)
                                .initializer()
                                .draw(new int[] {2, 2}, random)
                                .floats())
                .containsExactly(3, 0, 0, 3);
        // he_uniform of a 3 x 3 kernel with 2 channels: within the root of 6 / 18
        var he = WeightInitializer.of("", "", "he_uniform").initializer();
        float largest = 0;
        for (float w : he.draw(new int[] {3, 3, 2, 50}, random).floats())
            largest = Math.max(largest, Math.abs(w));
        assertThat((double) largest).isBetween(0.99 * Math.sqrt(6.0 / 18), Math.sqrt(6.0 / 18));
        var normal = WeightInitializer.truncatedNormal(1, 0.5).initializer();
        double sum = 0;
        for (float w : normal.draw(new int[] {1000}, random).floats()) {
            assertThat(w).isBetween(0f, 2f);
            sum += w;
        }
        assertThat(sum / 1000).isCloseTo(1, within(0.05));
        assertThatThrownBy(() ->
                        new Sequential(new Dense(2).kernelInitializer("identity").inputShape(3)))
                .hasMessage("Identity: weight: expected a square matrix, got [3, 2]");
        assertThatThrownBy(() -> WeightInitializer.varianceScaling(1, "fan", "normal"))
                .hasMessage("VarianceScaling: mode: expected fan_in, fan_out or fan_avg, got fan");
        assertThatThrownBy(() -> WeightInitializer.varianceScaling(1, "fan_in", "flat"))
                .hasMessage(
                        "VarianceScaling: distribution: expected uniform, normal, truncated_normal or untruncated_normal, got flat");
    }

    private static Sequential line() {
        var model = new Sequential(new Dense(1).kernelInitializer("zeros").inputShape(1));
        model.compile(new SGD(0.1), "mse");
        return model;
    }

    @Test
    void examplesCountAsTheirWeightsSay() {
        // the first loss, before the update: Σ w y² / examples with a weight
        var x = numbers(1, 1, 1, 1);
        var y = numbers(1, 2, 3, 4);
        var weights = Tensor.of(new float[] {1, 0, 2, 0.5f}, 4);
        var loss = line().fit(x, y, SILENT.sampleWeight(weights)).get("loss").getFirst();
        assertThat(loss).isCloseTo((1 + 2 * 9 + 0.5 * 16) / 3, within(1e-5));
        loss = line().fit(x, y, SILENT.classWeight(Map.of(2, 10.0, 4, 0.0))).get("loss").getFirst();
        assertThat(loss).isCloseTo((1 + 10 * 4 + 9) / 3.0, within(1e-5));
        var wrong = Tensor.of(new float[4], 4, 1);
        assertThatThrownBy(() -> line().fit(x, y, SILENT.sampleWeight(wrong)))
                .hasMessage("Sequential: sample weight: expected float32[N], got " + wrong);
    }

    @Test
    void lossesAndMetricsAreThoseOfTheFormulas() {
        var model = new Sequential(new Activation("linear").inputShape(7));
        model.compile(new SGD(), "categorical_hinge", List.of("top_k_categorical_accuracy"));
        float[] scores = {0.1f, 0.7f, 0.3f, 0.2f, 0.9f, 0.8f, 0.6f};
        float[] both = new float[14];
        System.arraycopy(scores, 0, both, 0, 7);
        System.arraycopy(scores, 0, both, 7, 7);
        var rows = Categorical.toCategorical(Tensor.of(new int[] {2, 3}, 2), 7);
        var got = model.evaluate(Tensor.of(both, 2, 7), rows);
        assertThat(got[0]).isCloseTo((0.9 - 0.3 + 1 + 0.9 - 0.2 + 1) / 2, within(1e-6));
        assertThat(got[1]).isEqualTo(0.5); // 0.3 is the fifth, 0.2 the sixth
    }

    /// Tells callbacks of epochs with these losses; returns in which one training was stopped.
    private static int stoppedAt(Callback callback, double... losses) {
        var model = line();
        model.goOn();
        callback.onTrainBegin(model);
        for (int epoch = 0; epoch < losses.length; epoch++) {
            callback.onEpochEnd(
                    epoch,
                    new LinkedHashMap<>(Map.of("loss", losses[epoch], "acc", -losses[epoch])));
            if (model.isStopped()) return epoch;
        }
        return -1;
    }

    @Test
    void earlyStoppingWaitsAsLongAsItIsTold() {
        assertThat(stoppedAt(new EarlyStopping("loss"), 3, 2, 2.5, 1)).isEqualTo(2);
        assertThat(stoppedAt(new EarlyStopping("loss").patience(1), 3, 2, 2.5, 1, 1, 1))
                .isEqualTo(5);
        assertThat(stoppedAt(new EarlyStopping("loss").minDelta(0.5), 3, 2, 1.8)).isEqualTo(2);
        assertThat(stoppedAt(new EarlyStopping("acc"), 3, 2, 1)).isEqualTo(-1);
        assertThat(stoppedAt(new EarlyStopping("loss").mode("max"), 1, 2, 1)).isEqualTo(2);
        assertThatThrownBy(() -> stoppedAt(new EarlyStopping("val_loss"), 1))
                .hasMessageMatching(
                        "EarlyStopping: monitor: expected one of \\[.*loss.*\\], got val_loss");
        assertThatThrownBy(() -> new EarlyStopping("loss").mode("best"))
                .hasMessage("EarlyStopping: mode: expected auto, min or max, got best");
        assertThatThrownBy(() -> new EarlyStopping("loss").patience(-1))
                .hasMessage("EarlyStopping: patience: expected >= 0, got -1");
    }

    @Test
    void earlyStoppingGivesTheBestWeightsBack() {
        var model = line();
        var stopping = new EarlyStopping("loss").restoreBestWeights(true).patience(1);
        stopping.onTrainBegin(model);
        double[] losses = {3, 1, 2, 2};
        for (int epoch = 0; epoch < 4; epoch++) {
            model.weights().getFirst().parameter().assign(Tensor.of(new float[] {epoch}, 1, 1));
            assertThat(model.isStopped()).isFalse();
            stopping.onEpochEnd(epoch, new LinkedHashMap<>(Map.of("loss", losses[epoch])));
        }
        assertThat(model.isStopped()).isTrue();
        assertThat(kernel(model)).containsExactly(1);
        assertThat(stoppedAt(new EarlyStopping("loss").startFromEpoch(2), 1, 2, 3, 4, 3))
                .isEqualTo(3);
        assertThat(stoppedAt(new EarlyStopping("loss").baseline(2), 3, 1)).isEqualTo(0);
        assertThatThrownBy(() -> new EarlyStopping("loss").startFromEpoch(-1))
                .hasMessage("EarlyStopping: start from epoch: expected >= 0, got -1");
    }

    @Test
    void largerAreasAreBetter() {
        var monitor = new Monitor("EarlyStopping", "val_auc", "auto");
        assertThat(monitor.improves(0.5, 0)).isTrue();
        assertThat(monitor.improves(0.6, 0)).isTrue();
        assertThat(monitor.improves(0.4, 0)).isFalse();
    }

    @Test
    void trainingEndsWhereTheLossIsNoNumber() {
        var model = line();
        var batches = new ArrayList<Integer>();
        var x = Tensor.of(new float[] {1, 1e30f, 1, 1, 1}, 5, 1);
        model.fit(
                x,
                x,
                Fit.batchSize(1)
                        .shuffle(false)
                        .epochs(3)
                        .verbosity(Fit.Verbosity.SILENT)
                        .callbacks(
                                new TerminateOnNaN(),
                                new Callback() {
                                    @Override
                                    public void onBatchEnd(int batch, Map<String, Double> logs) {
                                        batches.add(batch);
                                    }
                                }));
        assertThat(batches).containsExactly(0, 1);
    }

    /// A fit that is broken off in its third epoch, and begun again by another program.
    @Test
    void whatWasBrokenOffGoesOn() {
        var x = numbers(1, 2, 3, 4);
        var y = numbers(2, 4, 6, 8);
        var backup = directory.resolve("backup");
        var once = adaptive();
        once.fit(x, y, SILENT.shuffle(false).epochs(4));
        var broken = adaptive();
        assertThatThrownBy(() ->
                        broken.fit(
                                x,
                                y,
                                SILENT.shuffle(false)
                                        .epochs(4)
                                        .callbacks(
                                                new BackupAndRestore(backup),
                                                Callback.atEpochEnd((_, epoch) -> {
                                                    if (epoch == 1)
                                                        throw new IllegalStateException("off");
                                                }))))
                .hasMessage("off");
        assertThat(backup.toFile().list()).containsExactly("epoch_1.h5");
        var other = adaptive();
        var history =
                other.fit(
                        x,
                        y,
                        SILENT.shuffle(false).epochs(4).callbacks(new BackupAndRestore(backup)));
        assertThat(history.epochs()).containsExactly(2, 3);
        assertThat(kernel(other)).containsExactly(kernel(once));
        assertThat(backup.toFile().list()).isEmpty();
    }

    private static Sequential adaptive() {
        var model = new Sequential(new Dense(1).kernelInitializer("zeros").inputShape(1));
        model.compile(new Adam(0.1), "mse");
        return model;
    }

    @Test
    void schedulesAndDecayAreKept() {
        var file = directory.resolve("m.h5");
        for (var schedule :
                List.of(
                        new LearningRateSchedule.ExponentialDecay(0.5, 10, 0.9, true),
                        new LearningRateSchedule.InverseTimeDecay(0.5, 10, 0.9, false),
                        new LearningRateSchedule.PolynomialDecay(0.5, 10, 0.1, 2, true),
                        new LearningRateSchedule.PiecewiseConstantDecay(
                                List.of(3L, 5L), List.of(0.5, 0.25, 0.125)),
                        new LearningRateSchedule.CosineDecay(0.5, 10, 0.25),
                        new LearningRateSchedule.CosineDecayRestarts(0.5, 10, 2, 0.5, 0.25))) {
            var model = new Sequential(new Dense(1).inputShape(1));
            model.compile(new Adam().learningRate(schedule).weightDecay(0.01), "mse");
            model.fit(numbers(1), numbers(2), SILENT);
            model.save(file);
            var loaded = Model.load(file).optimizer();
            assertThat(loaded.learningRateSchedule()).isEqualTo(schedule);
            assertThat(loaded.weightDecay()).isEqualTo(0.01);
            assertThat(loaded.t()).isEqualTo(1);
        }
        var model = new Sequential(new Dense(1).inputShape(1));
        model.compile(new Lion(0.5, 0.8, 0.7), "mse");
        model.save(file);
        assertThat(Model.load(file).optimizer())
                .isInstanceOfSatisfying(
                        Lion.class, lion -> assertThat(lion.beta2()).isEqualTo(0.7));
    }

    @Test
    void theRateFollowsAScheduleOrAPlateau() {
        var model = line();
        var rates = new ArrayList<Double>();
        model.fit(
                numbers(1),
                numbers(1),
                SILENT.epochs(3)
                        .callbacks(
                                new LearningRateScheduler(epoch -> 1.0 / (epoch + 2)),
                                Callback.atEpochEnd((logs, epoch) ->
                                        rates.add(model.optimizer().learningRate()))));
        assertThat(rates).containsExactly(1.0 / 2, 1.0 / 3, 1.0 / 4);
        var plateau =
                new ReduceLROnPlateau("loss").patience(2).factor(0.5).minRate(0.2).cooldown(1);
        plateau.onTrainBegin(model);
        model.optimizer().learningRate(0.5);
        rates.clear();
        for (double loss : new double[] {3, 2, 2, 2, 2, 2, 2, 2, 2, 2}) {
            plateau.onEpochEnd(0, new LinkedHashMap<>(Map.of("loss", loss)));
            rates.add(model.optimizer().learningRate());
        }
        // as Keras 2.0 counts: reduced when it has waited twice before
        assertThat(rates).containsExactly(0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2);
        assertThatThrownBy(() -> new ReduceLROnPlateau("loss").factor(1))
                .hasMessage("ReduceLROnPlateau: factor: expected 0 < factor < 1, got 1.0");
        assertThatThrownBy(() -> new ReduceLROnPlateau("loss").patience(-1))
                .hasMessage("ReduceLROnPlateau: patience: expected >= 0, got -1");
        assertThatThrownBy(() ->
                        model.fit(
                                numbers(1),
                                numbers(1),
                                SILENT.callbacks(new LearningRateScheduler(_ -> -1))))
                .hasMessage("LearningRateScheduler: rate: expected >= 0, got -1.0");
    }

    @Test
    void checkpointsAndFiguresAreWritten() throws IOException {
        var model = line();
        var csv = directory.resolve("log.csv");
        model.fit(
                numbers(1, 2),
                numbers(1, 2),
                SILENT.epochs(2)
                        .callbacks(
                                new ModelCheckpoint(directory + "/m{epoch:02d}-{loss:.1f}.h5"),
                                new ModelCheckpoint(directory + "/w{epoch}.h5")
                                        .saveWeightsOnly(true)
                                        .period(2),
                                new CSVLogger(csv)));
        assertThat(directory.toFile().list())
                .containsExactlyInAnyOrder("m01-2.5.h5", "m02-0.3.h5", "w2.h5", "log.csv");
        assertThat(Files.readAllLines(csv).getFirst()).isEqualTo("epoch,loss");
        assertThat(Files.readAllLines(csv)).hasSize(3);
        var other = line();
        other.loadWeights(directory.resolve("w2.h5"));
        assertThat(other.predict(numbers(5)).floats())
                .containsExactly(model.predict(numbers(5)).floats());
        model.fit(numbers(1), numbers(1), SILENT.callbacks(new CSVLogger(csv, ";", true)));
        assertThat(Files.readAllLines(csv)).hasSize(4);
        assertThat(Files.readAllLines(csv).getLast()).startsWith("0;");
        var best = directory.resolve("best.h5");
        stoppedAt(new ModelCheckpoint(best.toString()).saveBestOnly("loss"), 3);
        assertThat(best).exists();
        Files.delete(best);
        var keeping = new ModelCheckpoint(best.toString()).saveBestOnly("loss");
        stoppedAt(keeping, 3);
        Files.delete(best);
        stoppedAt(keeping, 4);
        assertThat(best).doesNotExist();
        assertThatThrownBy(() -> stoppedAt(new ModelCheckpoint("{speed}.h5"), 1))
                .hasMessageMatching(
                        "ModelCheckpoint: file: expected epoch or one of \\[.*\\], got speed");
        assertThatThrownBy(() -> new ModelCheckpoint("x").period(0))
                .hasMessage("ModelCheckpoint: period: expected >= 1, got 0");
        assertThatThrownBy(() -> stoppedAt(new CSVLogger(directory), 1))
                .hasMessageStartingWith(directory + ": cannot be written");
    }
}
