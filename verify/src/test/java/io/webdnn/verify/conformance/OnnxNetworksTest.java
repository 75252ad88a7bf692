package io.webdnn.verify.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.webdnn.verify.TestData;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.conformance.Result.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real networks against the outputs that ONNX Runtime gave, on every target that users run. What
/// passes is committed in `networks.tsv`, and stays so. What takes long, on a software GPU most of
/// all, is run only with `-Dwebdnn.all=true`; what takes minutes there, `never`.
class OnnxNetworksTest {
    private static final boolean ALL = Boolean.getBoolean("webdnn.all");

    static Stream<String> targets() {
        return Targets.names().stream().filter(name -> !name.equals("interpreter"));
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @MethodSource("targets")
    void networksGiveTheReferencesOutputs(String name) throws IOException {
        var data = TestData.directory();
        assumeTrue(
                !name.startsWith("web") || Chromium.find().isPresent(),
                "no Chromium: set CHROME_PATH");
        var expected = expected(name);
        var chosen = new ArrayList<ConformanceCase>();
        var skipped = new ArrayList<ConformanceCase>();
        var networks = List.of(data.resolve("models"), data.resolve("onnx-suite/light"));
        for (var each : ConformanceCase.find(networks)) {
            switch (expected.getOrDefault(each.name(), "")) {
                case "never" -> {}
                case "slow" -> (ALL ? chosen : skipped).add(each);
                default -> chosen.add(each);
            }
        }
        if (!skipped.isEmpty()) {
            var names = skipped.stream().map(ConformanceCase::name).toList();
            System.out.println(name + ": skipped without -Dwebdnn.all=true: " + names);
        }
        List<Result> results;
        try (var target = Targets.named(List.of(name)).getFirst()) {
            results = new Conformance(Exclusions.ours()).run(chosen, List.of(target), _ -> {});
        }
        assertThat(results)
                .filteredOn(r ->
                        r.outcome() == Outcome.FAIL
                                || r.outcome() == Outcome.UNSUPPORTED
                                        && expected.containsKey(r.caseName()))
                .extracting(Result::toLine)
                .isEmpty();
    }

    /// {@return of each network that is to pass on a target, `pass`, `slow` or `never`}
    private static Map<String, String> expected(String target) throws IOException {
        try (var in = OnnxNetworksTest.class.getResourceAsStream("networks.tsv")) {
            assertThat(in).isNotNull();
            var expected = new HashMap<String, String>();
            if (in == null) return expected;
            var lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            int column = List.of(lines.getFirst().split("\t", -1)).indexOf(target);
            assertThat(column).as("column '%s' of networks.tsv", target).isPositive();
            for (var line : lines.subList(1, lines.size())) {
                var fields = line.split("\t", -1);
                if (!fields[column].equals("-")) expected.put(fields[0], fields[column]);
            }
            return expected;
        }
    }
}
