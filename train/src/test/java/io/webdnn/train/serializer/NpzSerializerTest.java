package io.webdnn.train.serializer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.npy.Npz;
import io.webdnn.train.Chain;
import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.link.Classifier;
import io.webdnn.train.link.Convolution2D;
import io.webdnn.train.link.Linear;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzSerializerTest {
    private static final class Network extends Chain {
        private final Convolution2D conv1 = link("conv1", new Convolution2D(8, 3));
        private final Convolution2D conv2 = link("conv2", new Convolution2D(16, 3));
        private final Linear l3 = link("l3", new Linear(32));
        private final Linear l4 = link("l4", new Linear(10));

        @Override
        public Variable call(Variable x) {
            return l4.call(F.relu(l3.call(F.relu(conv2.call(F.relu(conv1.call(x)))))));
        }
    }

    @TempDir Path directory;

    private final Classifier model = new Classifier(new Network());

    private Map<String, Tensor> saved() {
        Configuration.seed(2);
        var other = new Classifier(new Network());
        other.predictor().call(new Variable(new float[64], 1, 1, 8, 8));
        NpzSerializer.save(directory.resolve("model.npz"), other);
        return new LinkedHashMap<>(Npz.read(directory.resolve("model.npz")));
    }

    private Path write(Map<String, Tensor> tensors) {
        var file = directory.resolve("changed.npz");
        Npz.write(file, tensors);
        return file;
    }

    @Test
    void whatIsSavedIsLoaded() {
        var tensors = saved();
        assertThat(tensors.keySet())
                .containsExactly(
                        "predictor/l4/b",
                        "predictor/l4/W",
                        "predictor/l3/b",
                        "predictor/l3/W",
                        "predictor/conv2/b",
                        "predictor/conv2/W",
                        "predictor/conv1/b",
                        "predictor/conv1/W");
        NpzSerializer.load(directory.resolve("model.npz"), model);
        model.namedParams()
                .forEach((path, parameter) ->
                        assertThat(tensors.get(path))
                                .isNotNull()
                                .matches(parameter.array()::contentEquals, path));
    }

    private void expectFailure(Path file, String complaint) {
        assertThatThrownBy(() -> NpzSerializer.load(file, model))
                .isInstanceOf(FileException.class)
                .hasMessage(file + ": " + complaint);
        assertThat(model.params()).noneMatch(p -> p.isInitialized());
    }

    @Test
    void missingAndUnknownArraysAreNamed() {
        var tensors = saved();
        tensors.remove("predictor/l3/b");
        expectFailure(write(tensors), "expected [predictor/l3/b], which it does not hold");
        tensors.put("predictor/l5/b", Tensor.of(new float[1], 1));
        expectFailure(
                write(tensors),
                "expected [predictor/l3/b], which it does not hold; got [predictor/l5/b], which the"
                        + " link does not have");
    }

    @Test
    void anotherShapeIsNamed() {
        var tensors = saved();
        tensors.put("predictor/conv1/W", Tensor.of(new float[200], 8, 1, 5, 5));
        expectFailure(
                write(tensors),
                "predictor/conv1/W: expected float32[8, ?, 3, 3], got float32[8, 1, 5, 5]");
        tensors.put("predictor/conv1/W", Tensor.of(new double[72], 8, 1, 3, 3));
        expectFailure(
                write(tensors),
                "predictor/conv1/W: expected float32[8, ?, 3, 3], got float64[8, 1, 3, 3]");
    }

    @Test
    void onceCalledTheShapeMustBeTheSame() {
        saved();
        model.predictor().call(new Variable(new float[100], 1, 1, 10, 10));
        var file = directory.resolve("model.npz");
        assertThatThrownBy(() -> NpzSerializer.load(file, model))
                .hasMessage(
                        file
                                + ": predictor/l3/W: expected float32[32, 576], got float32[32,"
                                + " 256]");
    }

    @Test
    void aParameterWithoutContentsCannotBeSaved() {
        assertThatThrownBy(() -> NpzSerializer.save(directory.resolve("x.npz"), model))
                .hasMessage("Parameter 'b': its shape is not known before the link's first call");
        assertThat(directory.resolve("x.npz")).doesNotExist();
    }

    @Test
    void chainersOwnFileIsLoadedAndGivesChainersNumbers() {
        var data = System.getenv("WEBDNN_TEST_DATA");
        Assumptions.assumeTrue(data != null, "skipped for want of WEBDNN_TEST_DATA");
        var exercise = Path.of(data, "exercise");
        NpzSerializer.load(exercise.resolve("chainer_model.npz"), model);
        var reference = exercise.resolve("reference");
        var images =
                io.webdnn.tensor.npy.Npy.read(reference.resolve("input_first100_nchw_f32.npy"));
        var expected =
                io.webdnn.tensor.npy.Npy.read(reference.resolve("chainer_logits_f64_first100.npy"));
        float[] actual = model.predictor().call(new Variable(images)).array().floats();
        for (int i = 0; i < actual.length; i++)
            assertThat((double) actual[i])
                    .isCloseTo(expected.getDouble(i), org.assertj.core.api.Assertions.within(1e-4));
    }
}
