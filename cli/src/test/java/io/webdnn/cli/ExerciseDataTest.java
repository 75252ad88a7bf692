package io.webdnn.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.file.FileException;
import io.webdnn.train.dataset.Download;
import io.webdnn.train.dataset.DownloadException;
import io.webdnn.train.dataset.GeneratedDigits;
import io.webdnn.train.dataset.Mnist;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExerciseDataTest {
    private final StringWriter said = new StringWriter();

    @TempDir Path directory;

    @Test
    void mnistIsTakenWhereItCanBeHad() {
        var split = new Mnist.Split(GeneratedDigits.draw(3, 1), GeneratedDigits.draw(2, 2));
        var data =
                ExerciseData.choose(
                        null, null, 0, _ -> split, Download.Progress.NONE, new PrintWriter(said));
        assertThat(data.train()).isSameAs(split.train());
        assertThat(data.test()).isSameAs(split.test());
        assertThat(data.description()).isEqualTo("MNIST");
        assertThat(said.toString()).isEmpty();
    }

    @Test
    void withoutMnistTheProjectDrawsDigitsAndSaysSo() {
        ExerciseData.Source none =
                _ -> {
                    throw new DownloadException("it could not be downloaded");
                };
        var data =
                ExerciseData.choose(
                        null, null, 4, none, Download.Progress.NONE, new PrintWriter(said));
        assertThat(data.train().size()).isEqualTo(180_000);
        assertThat(data.test().size()).isEqualTo(10_000);
        assertThat(data.description()).isEqualTo("digits drawn by WebDNN");
        assertThat(said.toString().lines())
                .containsExactly(
                        "it could not be downloaded",
                        "Training on digits that WebDNN draws itself instead.");
    }

    @Test
    void testImagesThatAreAskedForAreNotReplaced() {
        ExerciseData.Source none =
                _ -> {
                    throw new DownloadException("it could not be downloaded");
                };
        assertThatThrownBy(() ->
                        ExerciseData.choose(
                                null,
                                directory,
                                4,
                                none,
                                Download.Progress.NONE,
                                new PrintWriter(said)))
                .isInstanceOf(FileException.class)
                .hasMessageContaining("expected t10k-images-idx3-ubyte");
    }
}
