package io.webdnn.verify.keras;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.compiler.Program;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.verify.conformance.Tolerance;
import io.webdnn.verify.layers.LayerSample;
import io.webdnn.verify.layers.LayersCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// The table of layers in the docs, and the samples it is made from.
class LayerTableTest {
    private static final Path PAGE = Path.of("../docs/keras.md");

    @TempDir Path directory = Path.of("");

    @Test
    void everyLayerHasASample() {
        assertThat(LayerSample.all().stream().map(LayerSample::kind))
                .containsExactlyElementsOf(KerasImporter.layers());
    }

    @Test
    void thePageIsWhatTheCommandMakes() throws Exception {
        var page = Files.readString(PAGE);
        var made = directory.resolve("keras.md");
        Files.writeString(made, page);
        assertThat(new CommandLine(new LayersCommand()).execute(made.toString())).isZero();
        assertThat(Files.readString(made)).isEqualTo(page);
    }

    @TestFactory
    Stream<DynamicTest> compiledGivesWhatIsInterpreted() {
        return LayerSample.all().stream()
                .map(sample -> DynamicTest.dynamicTest(sample.kind(), () -> check(sample)));
    }

    private static void check(LayerSample sample) {
        var inputs = sample.batches();
        var expected = Interpreter.run(sample.graph(), inputs);
        var actual = Program.compile(sample.graph()).run(inputs);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++)
            assertThat(Tolerance.EXACT_ARITHMETIC.compare(expected.get(i), actual.get(i))).isNull();
    }
}
