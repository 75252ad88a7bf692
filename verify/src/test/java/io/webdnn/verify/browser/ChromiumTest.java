package io.webdnn.verify.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.Graph;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChromiumTest {
    @BeforeAll
    static void aBrowserIsNeeded() {
        assumeTrue(Chromium.find().isPresent(), "no Chromium: set CHROME_PATH");
    }

    private static final String PAGE =
            "<script>fetch('/said?' + self.crossOriginIsolated, {method: 'POST', body:"
                    + " 'hello'})</script>";

    @Test
    void aPageTalksToItsServerAndNoProcessIsLeft() throws InterruptedException {
        var said = new ArrayBlockingQueue<String>(1);
        var before = ProcessHandle.current().descendants().toList();
        try (var server = TestServer.start()) {
            server.put("/page.html", PAGE.getBytes(StandardCharsets.UTF_8));
            server.handle(
                    "/said",
                    (query, body) -> {
                        said.add(query + " " + new String(body, StandardCharsets.UTF_8));
                        return null;
                    });
            try (var browser = Chromium.open(server.address("/page.html"), List.of())) {
                assertThat(said.poll(60, TimeUnit.SECONDS)).isEqualTo("true hello");
                assertThat(browser.isAlive()).isTrue();
            }
        }
        assertThat(ProcessHandle.current().descendants().filter(p -> !before.contains(p)))
                .noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void aModelRunsAndAFailureIsToldInThePagesWords() throws InterruptedException {
        var builder = Graph.builder();
        var x = builder.input("x", TensorType.of(DType.FLOAT32, 2));
        var graph = builder.build(Map.of("y", builder.apply(new Add(), x, x)));
        var descriptor = GraphDescriptor.generate(Backend.WEBASSEMBLY, graph);
        var types = List.of(TensorType.of(DType.FLOAT32, 2));
        try (var page = new ModelPage(Backend.WEBASSEMBLY)) {
            var outputs = page.run(descriptor, List.of(Tensor.of(new float[] {1, 2}, 2)), types);
            assertThat(outputs.getFirst().floats()).containsExactly(2, 4);
            assertThatThrownBy(() ->
                            page.run(
                                    descriptor,
                                    List.of(Tensor.of(new float[] {1, 2, 3}, 3)),
                                    types))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("error INPUT ");
            outputs = page.run(descriptor, List.of(Tensor.of(new float[] {3, 4}, 2)), types);
            assertThat(outputs.getFirst().floats()).containsExactly(6, 8);
        }
    }

    /// A request of a page that is gone may still wait when the next page has begun.
    @Test
    void aPageThatIsGoneTakesNoJob() throws Exception {
        try (var page = new JobPage(ModelPage.class, "page", 60, List.of())) {
            assertThat(page.ask("nothing to do\n").lines().getFirst()).startsWith("error");
            page.renew();
            var ofTheFirst = URI.create(page.server().address("/next?page=0")).toURL();
            var status =
                    new FutureTask<>(() ->
                            ((HttpURLConnection) ofTheFirst.openConnection()).getResponseCode());
            Thread.ofVirtual().start(status);
            assertThat(page.ask("nothing to do\n").lines().getFirst()).startsWith("error");
            assertThat(status.get(60, TimeUnit.SECONDS)).isEqualTo(204);
        }
    }
}
