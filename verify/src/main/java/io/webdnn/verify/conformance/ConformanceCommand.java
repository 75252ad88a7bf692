package io.webdnn.verify.conformance;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.verify.conformance.Result.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn conformance DIR…`: runs the cases of the ONNX backend suite.
@Command(
        name = "conformance",
        description = "Runs cases laid out as the ONNX backend suite lays them out.")
public final class ConformanceCommand implements AdditionalCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "DIR",
            arity = "1..*",
            description =
                    "Directories with cases: */model.onnx, with */test_data_set_*/ as in the ONNX suite"
                            + " or */ref/*/ (in_NAME.npy, out_NAME.npy); or models with constant weights"
                            + " (NAME.onnx, NAME_output_0.pb).")
    List<Path> directories = new ArrayList<>();

    @Option(
            names = "--target",
            split = ",",
            paramLabel = "TARGET",
            description = "Where to run them. Default: all that there are.")
    List<String> targets = new ArrayList<>();

    @Option(
            names = "--report",
            paramLabel = "FILE.tsv",
            description = "Writes the results as a table as well.")
    @Nullable Path report;

    @Option(
            names = "--exclusions",
            paramLabel = "FILE",
            description = "Cases known not to hold. Default: the project's list.")
    @Nullable Path exclusions;

    @Override
    public Integer call() throws IOException {
        var out = spec.commandLine().getOut();
        var chosen = Targets.named(targets.isEmpty() ? Targets.names() : targets);
        var cases = ConformanceCase.find(directories);
        var known = exclusions == null ? Exclusions.ours() : Exclusions.read(exclusions);
        List<Result> results;
        try {
            results =
                    new Conformance(known)
                            .run(
                                    cases,
                                    chosen,
                                    result -> {
                                        out.println(line(result));
                                        out.flush();
                                    });
        } finally {
            chosen.forEach(Target::close);
        }
        if (report != null) {
            var table =
                    Stream.concat(Stream.of(Result.HEADER), results.stream().map(Result::toLine))
                            .collect(Collectors.joining("\n", "", "\n"));
            AtomicFile.write(report, table.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        out.println(
                "%d passed, %d failed, %d skipped"
                        .formatted(
                                count(results, Outcome.PASS),
                                count(results, Outcome.FAIL),
                                count(results, Outcome.UNSUPPORTED)));
        return count(results, Outcome.FAIL) > 0 ? 1 : 0;
    }

    private static String line(Result result) {
        return "%-11s  %-11s  %s%s"
                .formatted(
                        result.outcome(),
                        result.target(),
                        result.caseName(),
                        result.detail().isEmpty() ? "" : "  (" + result.detail() + ")");
    }

    private static long count(List<Result> results, Outcome outcome) {
        return results.stream().filter(r -> r.outcome() == outcome).count();
    }
}
