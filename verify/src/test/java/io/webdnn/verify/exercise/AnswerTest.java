package io.webdnn.verify.exercise;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Backend;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.importer.chainer.ChainerImporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.dataset.GeneratedDigits;
import io.webdnn.verify.runtime.PageServer;
import io.webdnn.verify.runtime.TestBrowser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The outputs in `answer/` load as they were committed, whatever the compiler has become since.
class AnswerTest {
    private static final Path ANSWER = Path.of("../answer");
    private static final int DIGITS = 100;
    private static final int PIXELS = 28 * 28;

    @SuppressWarnings("NullAway.Init") // set before the tests
    private static TestBrowser browser;

    private final PageServer server = new PageServer();

    @BeforeAll
    static void startBrowser() {
        browser = TestBrowser.start();
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) { // null where the tests were skipped
            browser.close();
        }
    }

    @AfterEach
    void closeServer() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Backend.class)
    void theCommittedDescriptorReadsDigitsAsTheCommittedModelDoes(Backend backend)
            throws IOException {
        try (var files = Files.list(ANSWER.resolve("webdnn_graph_descriptor"))) {
            for (var file : files.toList()) {
                server.put("/answer/" + file.getFileName(), Files.readAllBytes(file));
            }
        }
        var digits = GeneratedDigits.draw(DIGITS, 1);
        var images =
                digits.batch(IntStream.range(0, DIGITS).toArray())
                        .getFirst()
                        .reshape(DIGITS, 1, 28, 28);
        server.put("/x.bin", bytes(images));

        List<?> found;
        try (var page = browser.open(server)) {
            found =
                    (List<?>)
                            page.run(
                                    "const r = await WebDNN.load('./answer', {backendOrder: '"
                                            + backend
                                            + "', saveCache: false}); const {passed} = await"
                                            + " r.selfTest(); const x = new Float32Array(await"
                                            + " (await fetch('x.bin')).arrayBuffer());"
                                            + " r.setPlaceholderValue({N: 100});"
                                            + " r.getInputViews()[0].set(x); await r.run(); return"
                                            + " [r.backendName, passed, r.statistics.kernels,"
                                            + " [...r.getOutputViews()[0].toActual()].map(v =>"
                                            + " String(v)).join()]");
            assertThat(page.errors()).isEmpty();
        }
        assertThat(found.get(0)).isEqualTo(backend.toString());
        assertThat(found.get(1)).as("self-test").isEqualTo(true);
        assertThat((int) found.get(2)).as("kernels that ran").isBetween(4, 12);

        var parameters = ChainerImporter.read(ANSWER.resolve("chainer_output/chainer_model.npz"));
        var expected =
                Interpreter.run(Network.chainer(parameters, true), List.of(images))
                        .getFirst()
                        .floats();
        var actual = String.valueOf(found.get(3)).split(",");
        assertThat(actual).hasSize(10 * DIGITS);
        int right = 0;
        for (int i = 0; i < DIGITS; i++) {
            int best = 0;
            for (int digit = 0; digit < 10; digit++) {
                float probability = Float.parseFloat(actual[10 * i + digit]);
                assertThat(Math.abs(probability - expected[10 * i + digit])).isLessThan(1e-4f);
                if (probability > Float.parseFloat(actual[10 * i + best])) best = digit;
            }
            right += best == digits.label(i) ? 1 : 0;
        }
        // it was trained on MNIST, whose digits are tidier than what the project draws
        assertThat(right).as("drawn digits that are recognised").isGreaterThanOrEqualTo(60);
    }

    private static byte[] bytes(Tensor tensor) {
        assertThat(tensor.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(tensor.size()).isEqualTo(DIGITS * PIXELS);
        var buffer = ByteBuffer.allocate(4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(tensor.floats());
        return buffer.array();
    }
}
