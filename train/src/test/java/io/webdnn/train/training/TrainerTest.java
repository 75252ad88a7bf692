package io.webdnn.train.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npz;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.Link;
import io.webdnn.train.dataset.SerialIterator;
import io.webdnn.train.dataset.TupleDataset;
import io.webdnn.train.link.Classifier;
import io.webdnn.train.link.Linear;
import io.webdnn.train.optimizer.SGD;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final List<String> COLUMNS =
            List.of("epoch", "main/loss", "validation/main/loss", "elapsed_time");

    @TempDir Path out;

    private final Classifier model = new Classifier(new Linear(2));

    private static TupleDataset points(int count) {
        var random = new RandomStream(3, count);
        float[] x = new float[2 * count];
        int[] t = new int[count];
        for (int i = 0; i < count; i++) {
            x[2 * i] = (float) random.nextGaussian();
            x[2 * i + 1] = (float) random.nextGaussian();
            t[i] = x[2 * i] > x[2 * i + 1] ? 1 : 0;
        }
        return new TupleDataset(Tensor.of(x, count, 2), Tensor.of(t, count));
    }

    private Trainer trainer(int epochs) {
        Configuration.seed(1);
        var sgd = new SGD(0.5);
        sgd.setup(model);
        return new Trainer(
                new StandardUpdater(new SerialIterator(points(50), 8), sgd), epochs, out);
    }

    private Evaluator evaluator() {
        return new Evaluator(new SerialIterator(points(20), 8, false, false), model);
    }

    @Test
    void anEpochHasAnEntryInTheLogAndARowInTheReport() throws IOException {
        var log = new LogReport();
        var printed = new StringWriter();
        trainer(2)
                .extend(evaluator())
                .extend(log)
                .extend(new PrintReport(COLUMNS, new PrintWriter(printed), false))
                .run();
        assertThat(log.log()).hasSize(2);
        var last = log.log().getLast();
        assertThat(last.keySet())
                .containsExactly(
                        "main/loss",
                        "main/accuracy",
                        "validation/main/loss",
                        "validation/main/accuracy",
                        "epoch",
                        "iteration",
                        "elapsed_time");
        assertThat(last).containsEntry("epoch", 2).containsEntry("iteration", 13);
        assertThat(Files.readString(out.resolve("log"))).isEqualTo(LogReport.json(log.log()));
        var lines = printed.toString().split("\n", -1);
        assertThat(lines[0])
                .isEqualTo("epoch       main/loss   validation/main/loss  elapsed_time");
        assertThat(lines[1]).startsWith("1           0.").hasSize(12 + 12 + 22 + 14);
        assertThat(lines[2]).startsWith("2           0.");
        assertThat(lines).hasSize(4);
    }

    @Test
    void theLogIsWrittenAsChainerWritesIt() {
        var entry = new java.util.LinkedHashMap<String, Number>();
        entry.put("main/loss", 0.2197025963333624);
        entry.put("main/accuracy", 1.0);
        entry.put("epoch", 1);
        entry.put("iteration", 469);
        entry.put("elapsed_time", 63.74211621284485);
        assertThat(LogReport.json(List.of(entry, entry)))
                .isEqualTo(
                        """
                        [
                            {
                                "main/loss": 0.2197025963333624,
                                "main/accuracy": 1.0,
                                "epoch": 1,
                                "iteration": 469,
                                "elapsed_time": 63.74211621284485
                            },
                            {
                                "main/loss": 0.2197025963333624,
                                "main/accuracy": 1.0,
                                "epoch": 1,
                                "iteration": 469,
                                "elapsed_time": 63.74211621284485
                            }
                        ]\
                        """);
    }

    @Test
    void validationIsTheMeanOfTheMeansOfTheBatches() {
        trainer(1).run();
        var means = evaluator().evaluate();
        double sum = 0;
        for (int[] batch : new int[][] {range(0, 8), range(8, 16), range(16, 20)}) {
            var examples = points(20).batch(batch);
            model.call(
                    new io.webdnn.train.Variable(examples.get(0)),
                    new io.webdnn.train.Variable(examples.get(1)));
            sum += model.loss().item();
        }
        assertThat(means.get("validation/main/loss")).isCloseTo(sum / 3, within(1e-6));
    }

    private static int[] range(int from, int to) {
        return java.util.stream.IntStream.range(from, to).toArray();
    }

    @Test
    void onATerminalTheReportClearsWhatIsBelow() {
        var printed = new StringWriter();
        trainer(1)
                .extend(new LogReport())
                .extend(new PrintReport(COLUMNS, new PrintWriter(printed), true))
                .run();
        assertThat(printed.toString()).contains("\n\033[J1           0.");
    }

    @Test
    void aReportNeedsALog() {
        var report = new PrintReport(COLUMNS, new PrintWriter(new StringWriter()), false);
        assertThatThrownBy(() -> trainer(1).extend(report).run())
                .hasMessage("PrintReport: trainer: expected an extension LogReport, got none");
    }

    @Test
    void theProgressBarIsRedrawnEveryHundredIterations() {
        var printed = new StringWriter();
        long[] now = {0};
        var bar = new ProgressBar(new PrintWriter(printed), () -> now[0] += 5_000_000_000L);
        trainer(40).extend(bar).run(); // 250 iterations of 8 out of 50
        assertThat(printed.toString())
                .isEqualTo(
                        """
                        \033[J     total [####################..............................] 40.00%
                        this epoch [..................................................]  0.00%
                               100 iter, 16 epoch / 40 epochs
                               inf iters/sec. Estimated time to finish: 0:00:00.
                        \033[4A\033[J     total [########################################..........] 80.00%
                        this epoch [..................................................]  0.00%
                               200 iter, 32 epoch / 40 epochs
                                20 iters/sec. Estimated time to finish: 0:00:02.
                        \033[4A\033[J\
                        """);
    }

    @Test
    void theGraphOfTheLossIsDrawnOnce() throws IOException {
        trainer(1).extend(new DumpGraph("main/loss")).run();
        assertThat(Files.readString(out.resolve("cg.dot")))
                .startsWith("digraph graphname{rankdir=TB;1 [label=\"LinearFunction\",")
                .endsWith("}")
                .doesNotContain("\n")
                .contains(
                        "2 [label=\"(8, 2),"
                                + " float32\",shape=\"octagon\",fillcolor=\"#E0E0E0\",style=\"filled\"];")
                .contains(
                        "1 [label=\"LinearFunction\",shape=\"record\",fillcolor=\"#6495ED\",style=\"filled\"];")
                .contains("label=\"W: (2, 2), float32\"", "label=\"b: (2), float32\"")
                .contains("label=\"(8), int32\"", "label=\"SoftmaxCrossEntropy\"")
                .contains("label=\"float32\"")
                .contains("2 -> 1;3 -> 1;4 -> 1;1 -> 5;");
    }

    @Test
    void aGraphOfNothingIsNamed() {
        assertThatThrownBy(() -> trainer(1).extend(new DumpGraph("main/lose")).run())
                .hasMessage(
                        "DumpGraph: root: expected one of [main/loss, main/accuracy], got main/lose");
    }

    @Test
    void theModelIsSavedAfterEachEpoch() {
        trainer(2).extend(new SnapshotObject(model, "model.npz")).run();
        var saved = Npz.read(out.resolve("model.npz"));
        assertThat(saved.keySet()).containsExactly("predictor/b", "predictor/W");
        var expected = Objects.requireNonNull(model.namedParams().get("predictor/W")).array();
        assertThat(saved.get("predictor/W")).isNotNull().matches(expected::contentEquals);
    }

    @Test
    void extensionsRunByPriorityThenInOrder() {
        var ran = new ArrayList<String>();
        trainer(1)
                .extend(_ -> ran.add("late"), Trigger.EACH_EPOCH, -100)
                .extend(_ -> ran.add("first reader"), Trigger.EACH_EPOCH, Extension.READER)
                .extend(_ -> ran.add("second reader"), Trigger.EACH_EPOCH, Extension.READER)
                .extend(_ -> ran.add("writer"), Trigger.EACH_EPOCH, Extension.WRITER)
                .extend(_ -> ran.add("editor"), Trigger.iterations(5), Extension.EDITOR)
                .run();
        assertThat(ran)
                .containsExactly("editor", "writer", "first reader", "second reader", "late");
    }

    @Test
    void wrongUseIsNamed() {
        assertThatThrownBy(() -> trainer(0)).hasMessage("Trainer: epochs: expected >= 1, got 0");
        var once = trainer(1);
        once.run();
        assertThatThrownBy(once::run).hasMessage("Trainer: a trainer runs only once");
        Link link = new Linear(2);
        assertThatThrownBy(() ->
                        new StandardUpdater(
                                new SerialIterator(points(8), 8), new SGD().setup(link)))
                .hasMessage(
                        "StandardUpdater: link: expected a Loss such as a Classifier, got Linear");
    }
}
