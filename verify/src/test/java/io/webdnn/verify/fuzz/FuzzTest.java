package io.webdnn.verify.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.cli.Main;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxExporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npz;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.keras.Conv2D;
import io.webdnn.train.keras.Dense;
import io.webdnn.train.keras.Flatten;
import io.webdnn.train.keras.Sequential;
import io.webdnn.train.optimizer.RMSprop;
import io.webdnn.verify.TestData;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Broken files end in a model or in the importers' own exceptions.
class FuzzTest {
    @TempDir Path directory;

    private static void assertHarmless(List<Path> files, int count)
            throws IOException, InterruptedException {
        try (var fuzz = new Fuzz(1)) {
            var summary = fuzz.run(files, 0, count);
            assertThat(summary.failures()).as("seed 1").isEmpty();
            assertThat(summary.models()).as(summary.line()).isBetween(1, count - 1);
        }
    }

    private Path onnx() throws IOException {
        var g = Graph.builder();
        var x = g.input("x", TensorType.of(DType.FLOAT32, 1, 3, 10, 10));
        var w = g.constant("w", Tensor.zeros(DType.FLOAT32, 4, 3, 3, 3));
        var h =
                g.apply(
                        new io.webdnn.graph.op.Flatten(1),
                        g.apply(new Relu(), g.apply(Conv.of2d(1, 0), x, w)));
        var y =
                g.apply(
                        new Gemm(false, true),
                        h,
                        g.constant("v", Tensor.zeros(DType.FLOAT32, 5, 256)));
        var file = directory.resolve("model.onnx");
        return Files.write(
                file, OnnxExporter.bytes(g.build(Map.of("y", g.apply(new Softmax(1), y)))));
    }

    @Test
    void brokenModelsOfOursAreHarmless() throws Exception {
        assertHarmless(List.of(onnx()), 2000);
    }

    @Test
    void brokenArraysAreHarmless() throws Exception {
        var file = directory.resolve("parameters.npz");
        Npz.write(
                file,
                Map.of(
                        "a/W", Tensor.zeros(DType.FLOAT32, 3, 4),
                        "b", Tensor.of(new long[] {1, 2, 3}, 3)));
        assertHarmless(List.of(file), 500);
    }

    @Test
    void brokenModelsOfKerasAreHarmless() throws Exception {
        var model =
                new Sequential(
                        new Conv2D(4, 3).activation("relu").inputShape(8, 8, 1),
                        new Flatten(),
                        new Dense(3).activation("softmax"));
        model.compile(new RMSprop(), "categorical_crossentropy", List.of());
        var file = directory.resolve("model.h5");
        model.save(file);
        assertHarmless(List.of(file), 300);
    }

    /// A few of the mutants that `webdnn fuzz` makes of the ONNX suite.
    @Test
    void brokenModelsOfTheSuiteAreHarmless() throws Exception {
        var suite = TestData.directory().resolve("onnx-suite/node");
        assertHarmless(FuzzCommand.files(List.of(suite), 1 << 16), 2000);
    }

    @Test
    void aMutantIsTheSameFromTheSameSeed() throws IOException {
        var whole = Files.readAllBytes(onnx());
        var one = new Mutator(new RandomStream(7, 3)).mutate(whole);
        assertThat(new Mutator(new RandomStream(7, 3)).mutate(whole)).isEqualTo(one);
        assertThat(new Mutator(new RandomStream(7, 4)).mutate(whole)).isNotEqualTo(one);
    }

    @Test
    void theCommandCountsHowTheyEnded() throws IOException {
        var out = new StringWriter();
        int exitCode =
                Main.run(
                        new PrintWriter(out, true),
                        new PrintWriter(out, true),
                        "fuzz",
                        onnx().toString(),
                        "--count",
                        "50");
        assertThat(out.toString())
                .startsWith("1 files, seed 1, mutants from 0 on\n50 mutants: ")
                .contains(" refused, 0 failures; at most ");
        assertThat(exitCode).isZero();
    }
}
