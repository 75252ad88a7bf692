package io.webdnn.importer.chainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.npy.Npz;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainerImporterTest {
    @TempDir Path directory;

    @Test
    void aModelThatChainerWroteIsRead() {
        var data = System.getenv("WEBDNN_TEST_DATA");
        assumeTrue(data != null, "WEBDNN_TEST_DATA is not set");
        var model = ChainerImporter.read(Path.of(data, "exercise", "chainer_model.npz"));
        assertThat(model).extractingByKey("predictor/conv1/W").hasToString("float32[8, 1, 3, 3]");
        assertThat(model).extractingByKey("predictor/l3/W").hasToString("float32[32, 9216]");
        assertThat(model).hasSize(8);
    }

    @Test
    void whatIsNoModelIsRefused() {
        var file = directory.resolve("model.npz");
        assertThatThrownBy(() -> ChainerImporter.read(file))
                .isInstanceOf(FileException.class)
                .hasMessage(file + ": cannot be read: no such file");
        Npz.write(file, Map.of());
        assertThatThrownBy(() -> ChainerImporter.read(file))
                .hasMessage(file + ": contents: expected parameters of a model, got none");
        Npz.write(file, Map.of("l1/W", Tensor.zeros(DType.STRING, 2)));
        assertThatThrownBy(() -> ChainerImporter.read(file))
                .hasMessage(file + ": 'l1/W': expected numbers, got string[2]");
    }
}
