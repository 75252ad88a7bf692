package io.webdnn.verify.conformance;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.tensor.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn operators DIR…`: the page of operators, opsets and targets.
@Command(
        name = "operators",
        description =
                "Writes docs/operators.md: which target compiles how many of the ONNX suite's cases of"
                        + " each operator.")
public final class OperatorsCommand implements AdditionalCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "DIR",
            arity = "1..*",
            description = "Directories with cases, as of 'webdnn conformance'.")
    List<Path> directories = new ArrayList<>();

    @Option(
            names = "--out",
            defaultValue = "docs/operators.md",
            paramLabel = "FILE",
            description = "Where to write. Default: docs/operators.md.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path out;

    @Override
    public Integer call() throws IOException {
        var page = OperatorsPage.of(ConformanceCase.find(directories));
        AtomicFile.write(out, page.getBytes(StandardCharsets.UTF_8));
        spec.commandLine().getOut().println(out + ": " + page.lines().count() + " lines");
        return 0;
    }
}
