package io.webdnn.verify.shader;

import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.browser.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/// A page in a real browser that runs kernels as they are, without our runtime.
final class ShaderPage {
    private static final int SECONDS = 300;

    private ShaderPage() {}

    /// {@return for each case what differs from its expectation, empty if nothing}
    ///
    /// @throws IllegalStateException with what the page says if it fails as a whole
    static List<List<String>> run(List<ShaderCase> cases)
            throws InterruptedException, ExecutionException, TimeoutException, IOException {
        var answer = new CompletableFuture<String>();
        var json =
                cases.stream().map(ShaderCase::json).collect(Collectors.joining(",\n", "[", "]"));
        try (var server = TestServer.start()) {
            for (var name : List.of("page.html", "page.js")) {
                try (var in = ShaderPage.class.getResourceAsStream(name)) {
                    server.put("/" + name, Objects.requireNonNull(in).readAllBytes());
                }
            }
            server.put("/cases.json", json.getBytes(StandardCharsets.UTF_8));
            server.handle(
                    "/results",
                    (_, body) -> {
                        answer.complete(new String(body, StandardCharsets.UTF_8));
                        return null;
                    });
            try (var _ =
                    Chromium.open(
                            server.address("/page.html"),
                            List.of(Chromium.WORKGROUP_MEMORY_BY_LOOP))) {
                return differences(cases, answer.get(SECONDS, TimeUnit.SECONDS));
            }
        }
    }

    /// A line per case: `ok 1,2,3;4,5` with the words of each written buffer, or what went wrong.
    private static List<List<String>> differences(List<ShaderCase> cases, String answer) {
        var lines = answer.split("\n", -1);
        if (lines.length != cases.size()) throw new IllegalStateException(answer);
        var differences = new ArrayList<List<String>>();
        for (int i = 0; i < lines.length; i++) {
            if (!lines[i].startsWith("ok ")) {
                differences.add(List.of(lines[i], cases.get(i).source()));
                continue;
            }
            var outputs = new ArrayList<int[]>();
            for (var output : lines[i].substring(3).split(";", -1)) {
                outputs.add(
                        Arrays.stream(output.split(",", -1))
                                .mapToInt(Integer::parseUnsignedInt)
                                .toArray());
            }
            differences.add(cases.get(i).differences(outputs));
        }
        return differences;
    }
}
