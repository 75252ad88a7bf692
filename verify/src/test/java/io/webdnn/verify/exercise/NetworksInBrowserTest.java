package io.webdnn.verify.exercise;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.importer.chainer.ChainerImporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npy;
import io.webdnn.train.dataset.GeneratedDigits;
import io.webdnn.verify.TestData;
import io.webdnn.verify.runtime.PageTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Networks compiled for each backend answer in Chromium as their oracles do.
class NetworksInBrowserTest extends PageTest {
    /// Defines `load(dir)`, which gives the runner, and `encode(array)`, which gives its bytes.
    private static final String TOOLS =
            "const load = dir => WebDNN.load('./' + dir, {backendOrder, saveCache: false});"
                    + " const encode = array => { const bytes = new Uint8Array(array.buffer,"
                    + " array.byteOffset, array.byteLength); let text = ''; for (const b of bytes)"
                    + " text += String.fromCharCode(b); return btoa(text); };"
                    + " const numbers = async file => new Float32Array(await (await"
                    + " fetch(file)).arrayBuffer());";

    private static final Path ANSWER = Path.of("../answer");
    private static final int PIXELS = 28 * 28;

    private void serve(String folder, Backend backend, Graph graph) {
        GraphDescriptor.generate(List.of(backend), graph, Encoding.RAW)
                .files()
                .forEach((file, content) -> server.put("/" + folder + "/" + file, content));
    }

    private List<?> run(Backend backend, String body) {
        try (var page = browser.open(server)) {
            var result = page.run("const backendOrder = '" + backend + "'; " + TOOLS + body);
            assertThat(page.errors()).isEmpty();
            if (result instanceof List<?> list) {
                assertThat(list.getFirst()).isEqualTo(backend.toString());
                return list;
            }
            throw new AssertionError(String.valueOf(result));
        }
    }

    private static float[] floats(Object base64) {
        var bytes = Base64.getDecoder().decode(String.valueOf(base64));
        var result = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(result);
        return result;
    }

    private static byte[] bytes(Tensor tensor) {
        var buffer = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(tensor.floats());
        return buffer.array();
    }

    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]);
            worst = difference <= worst ? worst : difference; // keeps NaN
        }
        return worst;
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void logitsOfChainersModelAreThoseOfChainer(Backend backend) {
        var exercise = TestData.directory().resolve("exercise");
        var parameters = ChainerImporter.read(exercise.resolve("chainer_model.npz"));
        var reference = exercise.resolve("reference");
        serve("model", backend, Network.chainer(parameters, false));
        server.put("/x.bin", bytes(Npy.read(reference.resolve("input_first100_nchw_f32.npy"))));
        var result =
                run(
                        backend,
                        "const r = await load('model'); const x = await numbers('x.bin');"
                                + " r.inputs[0].set(x); await r.run(); return [r.backendName,"
                                + " r.statistics.kernels, encode(r.outputs[0].toActual())]");
        assertThat((int) result.get(1)).as("kernels that ran").isBetween(4, 12);
        var expected = Npy.read(reference.resolve("chainer_logits_first100.npy")).floats();
        assertThat(distance(floats(result.get(2)), expected))
                .isLessThanOrEqualTo(backend == Backend.WEBASSEMBLY ? 1e-4 : 1e-3);
    }

    /// All of the test set on WebAssembly, its first 500 pictures on the software GPU.
    @ParameterizedTest
    @EnumSource(Backend.class)
    void chainersModelReadsTheTestSetAsInChainer(Backend backend) throws IOException {
        var exercise = TestData.directory().resolve("exercise");
        var parameters = ChainerImporter.read(exercise.resolve("chainer_model.npz"));
        int count = backend == Backend.WEBASSEMBLY ? 10_000 : 500;
        serve("model", backend, Network.chainer(parameters, true));
        server.put(
                "/images.bin",
                Arrays.copyOfRange(
                        unzip(TestData.directory().resolve("mnist/t10k-images-idx3-ubyte.gz")),
                        16,
                        16 + PIXELS * count));
        var result =
                run(
                        backend,
                        "const raw = new Uint8Array(await (await"
                                + " fetch('images.bin')).arrayBuffer()); const r = await load('model');"
                                + " const found = []; let worst = 0; const N = 100; for (let i = 0; i <"
                                + " raw.length; i += N * 784) { r.inputs[0].set("
                                + "Float32Array.from(raw.subarray(i, i + N * 784), v => v / 255));"
                                + " await r.run(); const y = r.outputs[0].toActual(); for (let n = 0; n"
                                + " < N; n++) { const p = y.subarray(10 * n, 10 * n + 10);"
                                + " found.push(WebDNN.Math.argmax(p)[0]); worst = Math.max(worst,"
                                + " Math.abs(p.reduce((a, b) => a + b) - 1)); } } return"
                                + " [r.backendName, worst, encode(Uint8Array.from(found))]");
        assertThat(((Number) result.get(1)).doubleValue()).isLessThan(1e-5);
        var found = Base64.getDecoder().decode(String.valueOf(result.get(2)));
        assertThat(found).hasSize(count);

        var expected = Npy.read(exercise.resolve("reference/chainer_pred_all10000.npy"));
        var labels = unzip(TestData.directory().resolve("mnist/t10k-labels-idx1-ubyte.gz"));
        int same = 0;
        int right = 0;
        int rightInChainer = 0;
        for (int i = 0; i < count; i++) {
            same += found[i] == expected.getLong(i) ? 1 : 0;
            right += found[i] == labels[8 + i] ? 1 : 0;
            rightInChainer += expected.getLong(i) == labels[8 + i] ? 1 : 0;
        }
        assertThat(same).isGreaterThanOrEqualTo(count - 1);
        assertThat(right).isBetween(rightInChainer - 1, rightInChainer + 1);
        if (count == 10_000) {
            assertThat(rightInChainer).isEqualTo(9823);
        }
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void anotherNetworkIsEqualOnEveryTargetForAnyBatchSize(Backend backend) {
        var graph = Network.other(3);
        serve("model", backend, graph);
        int[] sizes = {1, 3, 17, 1};
        var x = Network.random(5, 0, 17, 3, 17, 23);
        server.put("/x.bin", bytes(x));
        var result =
                run(
                        backend,
                        "const r = await load('model'); const x = await numbers('x.bin'); const all"
                                + " = []; for (const n of [1, 3, 17, 1]) { r.inputs[0].set("
                                + "x.subarray(0, n * 3 * 17 * 23)); await r.run();"
                                + " all.push(encode(r.outputs[0].toActual())); } const {passed} ="
                                + " await r.selfTest(); return [r.backendName, passed, ...all]");
        assertThat(result.get(1)).isEqualTo(true);
        for (int i = 0; i < sizes.length; i++) {
            var part = Tensor.zeros(DType.FLOAT32, sizes[i], 3, 17, 23);
            System.arraycopy(x.floats(), 0, part.floats(), 0, part.size());
            var expected = Interpreter.run(graph, List.of(part)).getFirst().floats();
            assertThat(expected).hasSize(5 * sizes[i]);
            assertThat(distance(floats(result.get(2 + i)), expected)).isLessThan(1e-5);
        }
    }

    /// The outputs in `answer/` load as they were committed, whatever the compiler has become
    /// since.
    @ParameterizedTest
    @EnumSource(Backend.class)
    void theCommittedDescriptorReadsDigitsAsTheCommittedModelDoes(Backend backend)
            throws IOException {
        try (var files = Files.list(ANSWER.resolve("webdnn_graph_descriptor"))) {
            for (var file : files.toList()) {
                server.put("/answer/" + file.getFileName(), Files.readAllBytes(file));
            }
        }
        int count = 100;
        var digits = GeneratedDigits.draw(count, 1);
        var images = digits.batch(IntStream.range(0, count).toArray()).getFirst();
        server.put("/x.bin", bytes(images));
        var result =
                run(
                        backend,
                        "const r = await load('answer'); const {passed} = await r.selfTest(); const"
                                + " x = await numbers('x.bin'); r.setPlaceholderValue({N: 100});"
                                + " r.getInputViews()[0].set(x); await r.run(); return"
                                + " [r.backendName, passed, r.statistics.kernels,"
                                + " encode(r.getOutputViews()[0].toActual())]");
        assertThat(result.get(1)).as("self-test").isEqualTo(true);
        assertThat((int) result.get(2)).as("kernels that ran").isBetween(4, 12);

        var parameters = ChainerImporter.read(ANSWER.resolve("chainer_output/chainer_model.npz"));
        var expected =
                Interpreter.run(
                                Network.chainer(parameters, true),
                                List.of(images.reshape(count, 1, 28, 28)))
                        .getFirst()
                        .floats();
        var actual = floats(result.get(3));
        assertThat(distance(actual, expected)).isLessThan(1e-4);
        int right = 0;
        for (int i = 0; i < count; i++) {
            assertThat(argmax(actual, i)).isEqualTo(argmax(expected, i));
            right += argmax(actual, i) == digits.label(i) ? 1 : 0;
        }
        // it was trained on MNIST, whose digits are tidier than what the project draws
        assertThat(right).as("drawn digits that are recognised").isGreaterThanOrEqualTo(76);
    }

    private static int argmax(float[] probabilities, int image) {
        int best = 0;
        for (int digit = 1; digit < 10; digit++) {
            if (probabilities[10 * image + digit] > probabilities[10 * image + best]) best = digit;
        }
        return best;
    }

    private static byte[] unzip(Path file) throws IOException {
        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }
}
