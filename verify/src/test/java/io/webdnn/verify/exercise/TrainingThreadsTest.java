package io.webdnn.verify.exercise;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.tensor.npy.Npz;
import io.webdnn.verify.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A training of the exercise's network ends with the same weights, however many threads share the
/// work. Each runs in a JVM of its own, since the number of threads is settled at the start.
class TrainingThreadsTest {
    /// Twenty updates, with Adam; prints the names of the threads that helped.
    private static final String PROGRAM =
            """
            import io.webdnn.train.Configuration;
            import io.webdnn.train.dataset.GeneratedDigits;
            import io.webdnn.train.dataset.SerialIterator;
            import io.webdnn.train.link.Classifier;
            import io.webdnn.train.optimizer.Adam;
            import io.webdnn.train.training.SnapshotObject;
            import io.webdnn.train.training.StandardUpdater;
            import io.webdnn.train.training.Trainer;
            import java.nio.file.Path;

            public class Training {
                public static void main(String[] arguments) {
                    Configuration.seed(5);
                    var model = new Classifier(new CNN());
                    var optimizer = new Adam().setup(model);
                    var digits = new SerialIterator(GeneratedDigits.draw(20 * 128, 5), 128);
                    new Trainer(new StandardUpdater(digits, optimizer), 1, Path.of(arguments[0]))
                            .extend(new SnapshotObject(model, "chainer_model.npz"))
                            .run();
                    Thread.getAllStackTraces().keySet().stream()
                            .map(Thread::getName)
                            .filter(name -> name.matches("webdnn-\\\\d+"))
                            .sorted()
                            .forEach(System.out::println);
                }
            }
            """;

    @TempDir Path directory;

    @Test
    @Timeout(180)
    void theNumberOfThreadsDoesNotChangeABitOfTheWeights() throws Exception {
        Files.writeString(directory.resolve("Training.java"), PROGRAM);
        Files.copy(Path.of("../answer/CNN.java"), directory.resolve("CNN.java"));
        var alone = weights(1);
        assertThat(alone)
                .containsOnlyKeys(
                        "predictor/conv1/W",
                        "predictor/conv1/b",
                        "predictor/conv2/W",
                        "predictor/conv2/b",
                        "predictor/l3/W",
                        "predictor/l3/b",
                        "predictor/l4/W",
                        "predictor/l4/b");
        assertThat(weights(2)).isEqualTo(alone);
        assertThat(weights(3)).isEqualTo(alone);
    }

    /// {@return the bits of each weight after a training}
    private Map<String, List<Integer>> weights(int threads)
            throws IOException, InterruptedException {
        var run =
                JavaProcess.run(
                        directory,
                        "-Dio.webdnn.threads=" + threads,
                        "--add-modules",
                        "io.webdnn.train",
                        "Training.java",
                        "out" + threads);
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output().lines().filter(line -> line.startsWith("webdnn-")))
                .hasSize(threads - 1);
        var bits = new TreeMap<String, List<Integer>>();
        Npz.read(directory.resolve("out" + threads).resolve("chainer_model.npz"))
                .forEach((name, tensor) -> {
                    var floats = tensor.floats();
                    var all = new Integer[floats.length];
                    Arrays.setAll(all, i -> Float.floatToRawIntBits(floats[i]));
                    bits.put(name, List.of(all));
                });
        return bits;
    }
}
