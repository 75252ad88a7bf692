package io.webdnn.verify.exercise;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.Program;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.compiler.weights.QuantizeWeights;
import io.webdnn.graph.Graph;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.TestData;
import io.webdnn.verify.runtime.PageTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The exercise's model with a byte for each weight: a quarter of the size, the same digits.
class EightBitWeightsTest extends PageTest {
    private static final int COUNT = 10_000;
    private static final int BATCH = 500;
    private static final int PIXELS = 784;

    private static Graph model() {
        return KerasImporter.read(TestData.directory().resolve("exercise/keras_model.h5")).graph();
    }

    private static byte[] unzip(String file) throws IOException {
        var path = TestData.directory().resolve("mnist/" + file);
        try (var in = new GZIPInputStream(Files.newInputStream(path))) {
            return in.readAllBytes();
        }
    }

    private static int right(Graph graph) throws IOException {
        var program = Program.compile(graph);
        var pixels = unzip("t10k-images-idx3-ubyte.gz");
        var labels = unzip("t10k-labels-idx1-ubyte.gz");
        int right = 0;
        for (int from = 0; from < COUNT; from += BATCH) {
            var values = new float[BATCH * PIXELS];
            for (int i = 0; i < values.length; i++)
                values[i] = (pixels[16 + from * PIXELS + i] & 255) / 255f;
            var y = program.run(List.of(Tensor.of(values, BATCH, 28, 28, 1))).getFirst().floats();
            for (int n = 0; n < BATCH; n++) {
                int best = 0;
                for (int c = 1; c < 10; c++) if (y[10 * n + c] > y[10 * n + best]) best = c;
                if (best == labels[8 + from + n]) right++;
            }
        }
        return right;
    }

    @Test
    void theTestSetIsReadAsWell() throws IOException {
        assertThat(right(model())).isBetween(9738, 9740);
        assertThat(right(new QuantizeWeights().apply(Compiler.simplify(model()))))
                .isBetween(9734, 9744);
    }

    private static int size(Map<String, byte[]> files, String name) {
        var content = files.get(name);
        return content == null ? 0 : content.length;
    }

    /// What a page computes is exactly what the golden vectors were computed from.
    @ParameterizedTest
    @EnumSource(Backend.class)
    void pagesLookThemUp(Backend backend) {
        var weights = "weight_" + backend + ".bin";
        var raw = GraphDescriptor.generate(List.of(backend), model(), Encoding.RAW).files();
        var files = GraphDescriptor.generate(List.of(backend), model(), Encoding.EIGHTBIT).files();
        files.forEach((file, content) -> server.put("/model/" + file, content));
        double share = (double) size(files, weights) / size(raw, weights);
        assertThat(share).isBetween(0.25, 0.27);
        expectSelfTest(backend);
    }
}
