package io.webdnn.verify.exercise;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.compiler.Program;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.dataset.GeneratedDigits;
import io.webdnn.train.dataset.LabelledImages;
import io.webdnn.train.keras.Conv2D;
import io.webdnn.train.keras.Dense;
import io.webdnn.train.keras.Dropout;
import io.webdnn.train.keras.Flatten;
import io.webdnn.train.keras.MaxPooling2D;
import io.webdnn.train.keras.Sequential;
import io.webdnn.verify.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The exercise's second way, with few digits: the program, its model in other hands, the command.
class KerasExerciseTest {
    private static final LabelledImages TRAIN = GeneratedDigits.draw(1024, 1);
    private static final LabelledImages TEST = GeneratedDigits.draw(100, 2);

    @TempDir Path directory;

    /// Writes digits as MNIST's files are.
    private Path data() throws IOException {
        var data = Files.createDirectory(directory.resolve("data"));
        write(data.resolve("train"), TRAIN);
        write(data.resolve("t10k"), TEST);
        return data;
    }

    private static void write(Path prefix, LabelledImages digits) throws IOException {
        var images = ByteBuffer.allocate(16 + digits.size() * 784);
        images.putInt(0x803).putInt(digits.size()).putInt(28).putInt(28);
        var labels = ByteBuffer.allocate(8 + digits.size()).putInt(0x801).putInt(digits.size());
        for (int i = 0; i < digits.size(); i++) {
            labels.put((byte) digits.label(i));
            for (int k = 0; k < 784; k++) images.put((byte) digits.pixel(i, k / 28, k % 28));
        }
        Files.write(Path.of(prefix + "-images-idx3-ubyte"), images.array());
        Files.write(Path.of(prefix + "-labels-idx1-ubyte"), labels.array());
    }

    private JavaProcess program(String... arguments) throws Exception {
        var command =
                Stream.concat(
                        Stream.of(
                                "--sun-misc-unsafe-memory-access=allow",
                                "--add-modules",
                                "io.webdnn.train",
                                Path.of("../answer/TrainMnistKeras.java")
                                        .toAbsolutePath()
                                        .toString()),
                        Stream.of(arguments));
        return JavaProcess.run(directory, command.toArray(String[]::new));
    }

    private JavaProcess command(String... arguments) throws Exception {
        var command =
                Stream.concat(
                        Stream.of(
                                "--sun-misc-unsafe-memory-access=allow",
                                "-m",
                                "io.webdnn.cli/io.webdnn.cli.Main"),
                        Stream.of(arguments));
        return JavaProcess.run(directory, command.toArray(String[]::new));
    }

    private static double figure(String output, String name) {
        return output.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow(() -> new AssertionError(output));
    }

    @Test
    @Timeout(240)
    void theProgramsModelIsConvertedAndSaysTheSame() throws Exception {
        var run = program("--data", data().toString(), "-o", "out/keras_model.h5");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output())
                .contains("Total params: 75,338", "Train on 1024 samples, validate on 100 samples")
                .contains("Epoch 2/2", "the trained model is saved to")
                .doesNotContain("SLF4J");
        assertThat(figure(run.output(), "Test loss: ")).isBetween(0.0, 2.3);
        double accuracy = figure(run.output(), "Test accuracy: ");

        var model = directory.resolve("out/keras_model.h5");
        var converted =
                command(
                        "convert",
                        model.toString(),
                        "--input-shape",
                        "(1,28,28,1)",
                        "--backend",
                        "webgl");
        assertThat(converted.exitCode()).as(converted.output()).isZero();
        assertThat(directory.resolve("out/webdnn_graph_descriptor/graph_webgl_4096.json"))
                .isNotEmptyFile();

        // read back by both, as many digits are right as the program said
        var network = network();
        network.loadWeights(model);
        float[] own = network.predict(TEST.images()).floats();
        var graph = KerasImporter.read(model).graph();
        var imported = Tensor.zeros(io.webdnn.tensor.DType.FLOAT32, 100, 10);
        Program.compile(graph).run(new Tensor[] {TEST.images()}, new Tensor[] {imported});
        int right = 0;
        for (int i = 0; i < 100; i++) {
            int best = 0;
            for (int k = 0; k < 10; k++) {
                assertThat(imported.floats()[10 * i + k]).isCloseTo(own[10 * i + k], within(1e-5f));
                if (own[10 * i + k] > own[10 * i + best]) best = k;
            }
            if (best == TEST.label(i)) right++;
        }
        assertThat(right / 100.0).isCloseTo(accuracy, within(1e-6));
    }

    private static Sequential network() {
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

    @Test
    @Timeout(60)
    void theProgramSaysWhatIsWrong() throws Exception {
        var wrong = program("--batch", "3");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.output()).contains("--batch: expected -o, --data or --seed");
        var none = program("--data", "nowhere");
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.output())
                .contains("nowhere: no such directory; expected one with the MNIST files");
    }

    @Test
    @Timeout(240)
    void theCommandMakesThePage() throws Exception {
        var out = directory.resolve("site");
        var run =
                command(
                        "exercise",
                        "--framework",
                        "keras",
                        "--data",
                        data().toString(),
                        "--epochs",
                        "1",
                        "--out",
                        out.toString(),
                        "--no-serve");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains("Epoch 1/1", "The page is in " + out);
        assertThat(figure(run.output(), "Test accuracy: ")).isBetween(0.2, 1.0);
        for (var file :
                List.of(
                        "keras_model.h5",
                        "index.html",
                        "script.js",
                        "webdnn.js",
                        "webdnn_graph_descriptor/graph_webgpu.json",
                        "webdnn_graph_descriptor/graph_webgl_4096.json",
                        "webdnn_graph_descriptor/graph_webassembly.json")) {
            assertThat(out.resolve(file)).isNotEmptyFile();
        }
    }

    /// h5py, which is what Keras reads with, finds what Keras writes.
    @Test
    @Timeout(60)
    void h5pyReadsTheFile() throws Exception {
        var python = Path.of("/usr/bin/python3");
        assumeTrue(
                Files.isExecutable(python) && output(python, "-c", "import h5py").isEmpty(),
                "h5py is missing: install Debian's python3-h5py");
        var file = directory.resolve("model.h5");
        network().save(file);
        var script =
                """
                import h5py, json, sys
                f = h5py.File(sys.argv[1], 'r')
                layers = json.loads(f.attrs['model_config'].decode('utf-8'))['config']
                print([l['class_name'] for l in layers])
                g = f['model_weights']
                for n in g.attrs['layer_names']:
                    layer = g[n.decode('utf8')]
                    for w in layer.attrs['weight_names']:
                        a = layer[w.decode('utf8')]
                        print(w.decode('utf8'), a.shape, a.dtype.str, bool(abs(a[:]).sum() > 0))
                """;
        assertThat(output(python, "-c", script, file.toString()))
                .isEqualTo(
                        """
                        ['Conv2D', 'Conv2D', 'MaxPooling2D', 'Dropout', 'Flatten', 'Dense', 'Dropout', 'Dense']
                        conv2d_1/kernel:0 (3, 3, 1, 8) <f4 True
                        conv2d_1/bias:0 (8,) <f4 False
                        conv2d_2/kernel:0 (3, 3, 8, 16) <f4 True
                        conv2d_2/bias:0 (16,) <f4 False
                        dense_1/kernel:0 (2304, 32) <f4 True
                        dense_1/bias:0 (32,) <f4 False
                        dense_2/kernel:0 (32, 10) <f4 True
                        dense_2/bias:0 (10,) <f4 False
                        """);
    }

    private static String output(Path program, String... arguments) throws InterruptedException {
        var command = Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList();
        try {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
