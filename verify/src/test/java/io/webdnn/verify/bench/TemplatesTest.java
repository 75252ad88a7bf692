package io.webdnn.verify.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A list for each target holds which template takes which kernel of the benchmark's networks: what
/// a change of one template does to the others is seen here before it is measured. Where that is
/// wanted, the list that the test leaves in `target` replaces the one in the resources.
class TemplatesTest {
    @ParameterizedTest
    @EnumSource(Target.class)
    void takeTheKernelsThatTheyTook(Target target) throws IOException {
        var name = "templates-" + target.name().toLowerCase(Locale.ROOT) + ".txt";
        var lines = new ArrayList<String>();
        for (var network : Networks.ALL.keySet()) {
            lines.add(network);
            lines.addAll(kernels(network, target));
        }
        Files.write(Path.of("target", name), lines);
        assertThat(lines).isEqualTo(expected(name));
    }

    /// The kernels in order, those that are alike side by side counted.
    private static List<String> kernels(String network, Target target) {
        var lines = new ArrayList<String>();
        var last = "";
        int count = 0;
        for (var line : Compiler.explain(Compiler.compile(Networks.graph(network), target))) {
            var kernel = line.replaceAll(" \\(.*\\)$", ""); // why other templates did not
            if (count > 0 && !kernel.equals(last)) {
                lines.add("  " + count + " × " + last);
                count = 0;
            }
            last = kernel;
            count++;
        }
        lines.add("  " + count + " × " + last);
        return lines;
    }

    private static List<String> expected(String name) throws IOException {
        try (var in = TemplatesTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8)
                    .lines()
                    .toList();
        }
    }
}
