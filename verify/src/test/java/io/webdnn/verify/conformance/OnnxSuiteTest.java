package io.webdnn.verify.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.verify.TestData;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.conformance.Result.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The ONNX backend suite on every target. The number of cases that pass is committed, so that it
/// does not sink unseen. On WebGPU, where a software GPU takes a third of a second for each, it is
/// every third case; `webdnn conformance` runs them all.
class OnnxSuiteTest {
    private static final List<String> SUITES =
            List.of("node", "simple", "pytorch-operator", "pytorch-converted");

    private record Expected(int cases, int passes) {}

    static Stream<String> targets() {
        return Targets.names().stream();
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @MethodSource("targets")
    void noCaseFailsAndNoFewerPassThanBefore(String name) throws IOException {
        var data = TestData.directory();
        boolean inBrowser = name.startsWith("web");
        assumeTrue(!inBrowser || Chromium.find().isPresent(), "no Chromium: set CHROME_PATH");
        var suite = data.resolve("onnx-suite");
        var cases = ConformanceCase.find(SUITES.stream().map(suite::resolve).toList());
        if (name.equals("webgpu")) cases = everyThird(cases);
        List<Result> results;
        try (var target = Targets.named(List.of(name)).getFirst()) {
            results = new Conformance(Exclusions.ours()).run(cases, List.of(target), _ -> {});
        }
        assertThat(results)
                .filteredOn(r -> r.outcome() == Outcome.FAIL)
                .extracting(Result::toLine)
                .isEmpty();
        var expected = expected().get(name);
        assertThat(expected).as("a line for %s in passes.tsv", name).isNotNull();
        if (expected == null || expected.cases() != cases.size()) return; // another suite
        assertThat(Conformance.count(results, name))
                .as("passes of %s; passes.tsv says %s", name, expected.passes())
                .extractingByKey(Outcome.PASS)
                .satisfies(passes -> assertThat(passes).isGreaterThanOrEqualTo(expected.passes()));
    }

    private static List<ConformanceCase> everyThird(List<ConformanceCase> cases) {
        return IntStream.range(0, cases.size())
                .filter(i -> i % 3 == 0)
                .mapToObj(cases::get)
                .toList();
    }

    private static Map<String, Expected> expected() throws IOException {
        try (var in = OnnxSuiteTest.class.getResourceAsStream("passes.tsv")) {
            assertThat(in).isNotNull();
            var expected = new HashMap<String, Expected>();
            if (in == null) return expected;
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split("\t", -1))
                    .forEach(f ->
                            expected.put(
                                    f[0],
                                    new Expected(Integer.parseInt(f[1]), Integer.parseInt(f[2]))));
            return expected;
        }
    }
}
