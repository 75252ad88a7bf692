package io.webdnn.verify;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Objects;

/// The data that other people made, which tests compare with.
public final class TestData {
    private TestData() {}

    /// {@return the directory that `WEBDNN_TEST_DATA` names; where it names none the test is
    /// skipped, and says so}
    public static Path directory() {
        var data = System.getenv("WEBDNN_TEST_DATA");
        assumeTrue(data != null, "WEBDNN_TEST_DATA is not set");
        return Path.of(Objects.requireNonNull(data));
    }
}
