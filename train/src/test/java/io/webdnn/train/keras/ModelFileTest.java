package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Configuration;
import io.webdnn.train.optimizer.Adam;
import io.webdnn.train.optimizer.MomentumSGD;
import io.webdnn.train.optimizer.RMSprop;
import io.webdnn.train.optimizer.SGD;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files that models are saved to.
class ModelFileTest {
    private static final Fit FIT = Fit.batchSize(4).verbosity(Fit.Verbosity.SILENT);

    @TempDir Path directory;
    private Path file;

    @BeforeEach
    void set() {
        Configuration.seed(1);
        file = directory.resolve("model.h5");
    }

    private static Sequential network() {
        return new Sequential(
                new Conv2D(2, 2).named("c").inputShape(3, 4, 2),
                new Flatten(),
                new Dense(3).named("d"));
    }

    private static Tensor numbers(int... shape) {
        var tensor = Tensor.zeros(io.webdnn.tensor.DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.floats()[i] = i % 7 - 3;
        return tensor;
    }

    @Test
    void weightsComeBack() {
        var model = network();
        model.save(file);
        Configuration.seed(2);
        var other = network();
        var x = numbers(5, 3, 4, 2);
        assertThat(other.predict(x).floats()).isNotEqualTo(model.predict(x).floats());
        other.loadWeights(file);
        assertThat(other.predict(x).floats()).containsExactly(model.predict(x).floats());
        assertThat(directory).isDirectoryContaining("glob:**/model.h5");
        assertThat(directory.toFile().list()).containsExactly("model.h5");
    }

    @Test
    void theFileIsLaidOutAsKerasDoes() {
        var model = network();
        model.compile(new RMSprop(), "mean_squared_error", List.of("mae"));
        model.fit(numbers(4, 3, 4, 2), numbers(4, 3), FIT);
        model.save(file);
        try (var hdf = new HdfFile(file)) {
            assertThat(hdf.getAttribute("keras_version").getData()).isEqualTo("2.0.6");
            assertThat(hdf.getAttribute("backend").getData()).isEqualTo("tensorflow");
            assertThat((String) hdf.getAttribute("model_config").getData())
                    .startsWith(
                            "{\"class_name\":\"Sequential\",\"config\":[{\"class_name\":\"Conv2D\",\"config\":{\"name\":\"c\",\"trainable\":true,\"batch_input_shape\":[null,3,4,2],\"dtype\":\"float32\",\"filters\":2,\"kernel_size\":[2,2],\"strides\":[1,1],\"padding\":\"valid\",\"data_format\":\"channels_last\",\"dilation_rate\":[1,1],\"activation\":\"linear\",\"use_bias\":true,\"kernel_initializer\":{\"class_name\":\"VarianceScaling\",\"config\":{\"scale\":1.0,\"mode\":\"fan_avg\",\"distribution\":\"uniform\",\"seed\":null}},\"bias_initializer\":{\"class_name\":\"Zeros\",\"config\":{}},")
                    .contains(
                            "{\"class_name\":\"Flatten\",\"config\":{\"name\":\"flatten_1\",\"trainable\":true}}");
            assertThat((String) hdf.getAttribute("training_config").getData())
                    .isEqualTo(
                            "{\"optimizer_config\":{\"class_name\":\"RMSprop\",\"config\":{\"lr\":0.001,\"rho\":0.9,\"decay\":0.0,\"epsilon\":1.0E-8}},\"loss\":\"mean_squared_error\",\"metrics\":[\"mae\"],\"sample_weight_mode\":null,\"loss_weights\":null}");
            var weights = hdf.getByPath("model_weights");
            assertThat((String[]) weights.getAttribute("layer_names").getData())
                    .containsExactly("c", "flatten_1", "d");
            assertThat(
                            (String[])
                                    hdf.getByPath("model_weights/c")
                                            .getAttribute("weight_names")
                                            .getData())
                    .containsExactly("c/kernel:0", "c/bias:0");
            assertThat(
                            hdf.getByPath("model_weights/flatten_1")
                                    .getAttribute("weight_names")
                                    .getDimensions())
                    .containsExactly(0);
            // [kH, kW, in, out]
            var kernel = hdf.getDatasetByPath("model_weights/c/c/kernel:0");
            assertThat(kernel.getDimensions()).containsExactly(2, 2, 2, 2);
            float[] stored = (float[]) kernel.getDataFlat();
            float[] own =
                    model.layers().getFirst().weights().getFirst().parameter().array().floats();
            for (int o = 0; o < 2; o++)
                for (int i = 0; i < 2; i++)
                    for (int k = 0; k < 4; k++)
                        assertThat(stored[(k * 2 + i) * 2 + o]).isEqualTo(own[(o * 2 + i) * 4 + k]);
            assertThat(hdf.getDatasetByPath("model_weights/d/d/kernel:0").getDimensions())
                    .containsExactly(12, 3);
            assertThat(
                            (String[])
                                    hdf.getByPath("optimizer_weights")
                                            .getAttribute("weight_names")
                                            .getData())
                    .containsExactly("Variable:0", "Variable_1:0", "Variable_2:0", "Variable_3:0");
            assertThat(hdf.getDatasetByPath("optimizer_weights/Variable_2:0").getDimensions())
                    .containsExactly(12, 3);
        }
    }

    @Test
    void optimizersThatCountUpdatesSaySo() {
        for (var optimizer : List.of(new Adam(), new SGD(), new MomentumSGD())) {
            var model = network();
            model.compile(optimizer, "mse");
            model.fit(numbers(8, 3, 4, 2), numbers(8, 3), FIT);
            model.save(file);
            try (var hdf = new HdfFile(file)) {
                var names =
                        (String[])
                                hdf.getByPath("optimizer_weights")
                                        .getAttribute("weight_names")
                                        .getData();
                int perWeight = optimizer instanceof Adam ? 2 : 1;
                assertThat(names).hasSize(1 + 4 * perWeight).startsWith("iterations:0");
                assertThat(hdf.getDatasetByPath("optimizer_weights/iterations:0").getData())
                        .isEqualTo(2L);
            }
        }
    }

    @Test
    void aSavedModelReplacesTheOneBefore() throws IOException {
        Files.writeString(file, "something else");
        network().save(file);
        network().loadWeights(file);
    }

    @Test
    void whatCannotBeWrittenIsSaid() throws IOException {
        Files.writeString(file, "");
        assertThatThrownBy(() -> network().save(file.resolve("below")))
                .hasMessageStartingWith(file.resolve("below") + ": cannot be written: ");
        var deep = new Sequential(new Dense(1).inputShape(1));
        for (int i = 0; i < 200; i++) deep.add(new Dense(1));
        assertThatThrownBy(() -> deep.save(directory.resolve("deep.h5")))
                .hasMessageMatching(
                        ".*deep.h5: attribute 'model_config': expected at most 64512 bytes, as HDF5"
                                + " has it, got \\d+ bytes");
        assertThat(directory.resolve("deep.h5")).doesNotExist();
    }

    /// Writes a file with these arrays for the layers `c` and `d`.
    private void write(Map<String, Map<String, Object>> layers) {
        try (var hdf = HdfFile.write(file)) {
            var group = hdf.putGroup("model_weights");
            group.putAttribute("layer_names", layers.keySet().toArray(String[]::new));
            layers.forEach((name, arrays) -> {
                var layer = group.putGroup(name);
                layer.putAttribute(
                        "weight_names", new ArrayList<>(arrays.keySet()).toArray(String[]::new));
                arrays.forEach(layer::putDataset);
            });
        }
    }

    private void refused(String message) {
        var model = network();
        var before = model.predict(numbers(1, 3, 4, 2)).floats();
        assertThatThrownBy(() -> model.loadWeights(file)).hasMessage(file + ": " + message);
        assertThat(model.predict(numbers(1, 3, 4, 2)).floats()).containsExactly(before);
    }

    @Test
    void weightsThatDoNotFitAreNamedAndNothingChanges() throws IOException {
        refused("cannot be read: no such file");
        Files.writeString(file, "no model");
        assertThatThrownBy(() -> network().loadWeights(file))
                .hasMessageStartingWith(file + ": no HDF5 file, or a broken one: ");
        var conv = Map.<String, Object>of("k", new float[2][2][2][2]);
        write(Map.of("c", conv));
        refused("layers with weights: expected 2, got 1");
        write(Map.of("c", conv, "d", conv));
        refused("Conv2D 'c': expected 2 weights, got 1");
        write(
                new java.util.TreeMap<>(
                        Map.of(
                                "c",
                                new java.util.TreeMap<>(
                                        Map.of("a", new float[2][2][2][2], "b", new float[2])),
                                "d",
                                new java.util.TreeMap<>(
                                        Map.of("a", new float[3][12], "b", new float[3])))));
        refused("Dense 'd': kernel: expected [12, 3], got [3, 12]");
        write(
                new java.util.TreeMap<>(
                        Map.of(
                                "c",
                                new java.util.TreeMap<>(
                                        Map.of("a", new int[2][2][2][2], "b", new float[2])),
                                "d",
                                conv)));
        refused("array 'a': expected float32 or float64, got int32");
        try (var hdf = HdfFile.write(file)) {
            hdf.putGroup("model_weights").putAttribute("layer_names", new String[] {"c"});
        }
        refused("layer 'c': expected a group, got none");
    }
}
