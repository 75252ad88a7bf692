package io.webdnn.verify.keras;

import static org.assertj.core.api.Assertions.assertThat;

import io.jhdf.HdfFile;
import io.webdnn.verify.JavaProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A file of Keras through the command line, with no module but those that a user's command has.
class KerasCommandTest {
    private static final String MODEL =
            """
            {"class_name": "Sequential", "config": [
              {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 3]}},
              {"class_name": "Dense", "config": {"name": "d", "units": 2}}]}
            """;

    @TempDir Path directory;

    @Test
    @Timeout(60)
    void aModelIsConvertedAndNothingElseIsSaid() throws Exception {
        try (var hdf = HdfFile.write(directory.resolve("model.h5"))) {
            hdf.putAttribute("model_config", MODEL);
            hdf.putAttribute("keras_version", "2.1.0");
            var layer = hdf.putGroup("model_weights").putGroup("d");
            layer.putDataset("kernel", new float[3][2]);
            layer.putDataset("bias", new float[2]);
            layer.putAttribute("weight_names", new String[] {"kernel", "bias"});
        }
        var run =
                JavaProcess.run(
                        directory,
                        "--sun-misc-unsafe-memory-access=allow",
                        "-m",
                        "io.webdnn.cli/io.webdnn.cli.Main",
                        "convert",
                        "model.h5",
                        "--backend",
                        "webassembly",
                        "--out",
                        "out");
        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output().lines().filter(line -> !line.contains("incubator modules")))
                .containsExactly("out: webassembly");
        assertThat(directory.resolve("out/graph_webassembly.json")).isNotEmptyFile();
    }
}
