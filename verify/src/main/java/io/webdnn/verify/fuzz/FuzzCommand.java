package io.webdnn.verify.fuzz;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn fuzz DIR…`: gives the importers broken files.
@Command(
        name = "fuzz",
        description =
                "Gives the importers files that were broken at random: each must end in a model or in"
                        + " an error that says what is wrong.")
public final class FuzzCommand implements AdditionalCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description =
                    "Whole files to break (.onnx, .pb, .h5, .hdf5, .keras, .npz, .npy), or"
                            + " directories that hold some.")
    List<Path> paths = new ArrayList<>();

    @Option(
            names = "--count",
            defaultValue = "1000",
            paramLabel = "N",
            description = "How many mutants. Default: 1000.")
    int count;

    @Option(
            names = "--first",
            defaultValue = "0",
            paramLabel = "N",
            description = "The number of the first mutant. Default: 0.")
    int first;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "N", description = "Default: 1.")
    long seed;

    @Option(
            names = "--largest",
            defaultValue = "65536",
            paramLabel = "BYTES",
            description = "Larger files are left out. Default: 65536.")
    long largest;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var files = files(paths, largest);
        if (files.isEmpty())
            throw CommandException.wrongUse("FILE: expected models in " + paths + ", got none");
        var out = spec.commandLine().getOut();
        try (var fuzz = new Fuzz(seed)) {
            var summary = fuzz.run(files, first, count);
            for (var failure : summary.failures())
                out.println(
                        failure.file() + ", mutant " + failure.number() + ": " + failure.what());
            out.println(
                    "%,d files, seed %d, mutants from %d on".formatted(files.size(), seed, first));
            out.println(summary.line());
            return summary.failures().isEmpty() ? 0 : 1;
        }
    }

    /// {@return the models below some paths, in the order of their names}
    static List<Path> files(List<Path> paths, long largest) throws IOException {
        var files = new ArrayList<Path>();
        for (var path : paths) {
            try (var below = Files.walk(path)) {
                for (var file : below.sorted().toList())
                    if (isModel(file) && Files.size(file) <= largest) files.add(file);
            }
        }
        return files;
    }

    private static boolean isModel(Path file) {
        return Files.isRegularFile(file)
                && file.toString().matches("(?i).*\\.(onnx|pb|h5|hdf5|keras|npz|npy)");
    }
}
