package io.webdnn.verify.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.verify.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OperatorsPageTest {
    @Test
    void thePageIsWhatTheCommandMakes() throws IOException {
        var suite = TestData.directory().resolve("onnx-suite");
        var directories =
                Stream.of("node", "simple", "pytorch-operator", "pytorch-converted")
                        .map(suite::resolve)
                        .toList();
        assertThat(OperatorsPage.of(ConformanceCase.find(directories)))
                .as(
                        "made anew by: webdnn operators DIR/node DIR/simple DIR/pytorch-operator"
                                + " DIR/pytorch-converted")
                .isEqualTo(Files.readString(Path.of("../docs/operators.md")));
    }
}
