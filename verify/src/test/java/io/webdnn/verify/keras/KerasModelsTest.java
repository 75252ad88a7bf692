package io.webdnn.verify.keras;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.webdnn.compiler.Program;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.npy.Npy;
import io.webdnn.train.dataset.Mnist;
import io.webdnn.train.keras.Categorical;
import io.webdnn.train.keras.Fit;
import io.webdnn.train.keras.Model;
import io.webdnn.verify.TestData;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Models that Keras saved, against its own outputs.
final class KerasModelsTest {
    @Test
    void exerciseGivesTheReference() {
        var exercise = TestData.directory().resolve("exercise");
        // one channel: NCHW and NHWC are the same bytes
        var images =
                Npy.read(exercise.resolve("reference/input_first100_nchw_f32.npy"))
                        .reshape(100, 28, 28, 1);
        var expected = Npy.read(exercise.resolve("reference/keras_softmax_first100.npy"));
        var graph = KerasImporter.read(exercise.resolve("keras_model.h5")).graph();
        KerasOracle.assertGives(expected, graph, images, 1e-5);
    }

    @Test
    void exerciseReadsTheDigits() {
        var data = TestData.directory();
        var test = Mnist.test(data.resolve("mnist"));
        var graph = KerasImporter.read(data.resolve("exercise/keras_model.h5")).graph();
        var images =
                test.batch(IntStream.range(0, 10_000).toArray())
                        .getFirst()
                        .reshape(10_000, 28, 28, 1);
        var scores = Program.compile(graph).run(List.of(images)).getFirst();
        int right = 0;
        for (int i = 0; i < 10_000; i++) {
            var row = Arrays.copyOfRange(scores.floats(), 10 * i, 10 * i + 10);
            int best = 0;
            for (int digit = 1; digit < 10; digit++) if (row[digit] > row[best]) best = digit;
            if (best == test.label(i)) right++;
        }
        assertTrue(right >= 9_738 && right <= 9_740, right + " right");
    }

    /// A file that Keras 2 wrote goes on being trained.
    @Test
    void exerciseIsTrainedOn() {
        var data = TestData.directory();
        var model = Model.load(data.resolve("exercise/keras_model.h5"));
        var test = Mnist.test(data.resolve("mnist"));
        var digits = test.batch(IntStream.range(0, 1000).toArray());
        var x = digits.getFirst().reshape(1000, 28, 28, 1);
        var y = Categorical.toCategorical(digits.get(1), 10);
        double before = model.evaluate(x, y)[0];
        model.fit(x, y, Fit.batchSize(100).epochs(2).verbosity(Fit.Verbosity.SILENT));
        assertTrue(model.evaluate(x, y)[0] < before, "the loss sinks on what is trained on");
    }

    /// An archive of Keras 3.
    @Test
    void archiveGivesTheReference() {
        var data = TestData.directory();
        var folder = data.resolve("keras/mnist-cnn-keras3-saad");
        var images =
                Npy.read(data.resolve("exercise/reference/input_first100_nchw_f32.npy"))
                        .reshape(100, 28, 28, 1);
        var expected = Npy.read(folder.resolve("ref/model.keras/mnist_first100_out.npy"));
        var graph = KerasImporter.read(folder.resolve("model.keras")).graph();
        KerasOracle.assertGives(expected, graph, images, 1e-5);
    }

    @ParameterizedTest
    @CsvSource({"mlperf-resnet8-cifar10, model.h5", "mini-xception-emotion, model.hdf5"})
    void realModelGivesTheReference(String name, String file) {
        var folder = TestData.directory().resolve("keras").resolve(name);
        var reference = folder.resolve("ref").resolve(file);
        var input = Npy.read(reference.resolve("in_0.npy"));
        var expected = Npy.read(reference.resolve("out_0.npy"));
        var graph = KerasImporter.read(folder.resolve(file)).graph();
        KerasOracle.assertGives(expected, graph, input, 1e-4);
    }
}
