package io.webdnn.verify.bench;

import io.webdnn.cli.AdditionalCommand;
import io.webdnn.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn bench-training`: seconds per epoch of the exercise's network as Keras's users write it,
/// beside PyTorch, in turns, each in a process of its own.
@Command(
        name = "bench-training",
        description =
                "Measures seconds per epoch of the exercise's Keras network beside PyTorch (needs a"
                        + " Python that has it).")
public final class TrainingBench implements AdditionalCommand {
    private static final int MINUTES = 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "The four files of MNIST.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path data;

    @Option(names = "--epochs", defaultValue = "2", description = "Epochs of a round. Default: 2.")
    int epochs;

    @Option(names = "--rounds", defaultValue = "3", description = "Rounds. Default: 3.")
    int rounds;

    @Option(
            names = "--python",
            defaultValue = "python3",
            paramLabel = "FILE",
            description = "The Python that has PyTorch. Default: python3.")
    String python = "";

    /// What an epoch took, and the test accuracy behind it.
    private record Epoch(double seconds, double accuracy) {
        static Epoch of(String line) {
            var parts = List.of(line.strip().split(" ", -1));
            return new Epoch(Double.parseDouble(parts.get(0)), Double.parseDouble(parts.get(1)));
        }
    }

    @Override
    public Integer call() throws Exception {
        if (epochs < 1) throw CommandException.wrongUse("--epochs: expected >= 1, got " + epochs);
        if (rounds < 1) throw CommandException.wrongUse("--rounds: expected >= 1, got " + rounds);
        var script = Files.createTempFile("torch_keras", ".py");
        var ours = new ArrayList<List<Epoch>>();
        var theirs = new ArrayList<List<Epoch>>();
        try (InputStream in = TrainingBench.class.getResourceAsStream("torch_keras.py")) {
            Files.write(script, Objects.requireNonNull(in).readAllBytes());
            for (int round = 1; round <= rounds; round++) {
                theirs.add(run(torch(script, round)));
                ours.add(run(java(round)));
            }
        } finally {
            Files.delete(script);
        }
        var out = spec.commandLine().getOut();
        out.println("seconds per epoch, evaluation included, medians of " + rounds + " rounds:");
        for (int epoch = 0; epoch < epochs; epoch++) {
            double we = median(ours, epoch);
            double they = median(theirs, epoch);
            out.printf(
                    Locale.ROOT,
                    "epoch %d: ours %.2f, PyTorch %.2f, ratio %.2f%n",
                    epoch + 1,
                    we,
                    they,
                    we / they);
        }
        out.println("test accuracy: ours " + accuracies(ours) + ", PyTorch " + accuracies(theirs));
        return 0;
    }

    private double median(List<List<Epoch>> all, int epoch) {
        var sorted = all.stream().mapToDouble(run -> run.get(epoch).seconds()).sorted().toArray();
        return (sorted[(rounds - 1) / 2] + sorted[rounds / 2]) / 2;
    }

    private static String accuracies(List<List<Epoch>> all) {
        return String.join(
                " ",
                all.stream()
                        .map(run -> String.format(Locale.ROOT, "%.4f", run.getLast().accuracy()))
                        .toList());
    }

    private List<String> torch(Path script, int seed) {
        int threads = Runtime.getRuntime().availableProcessors();
        return List.of(python, "" + script, "" + data, "" + epochs, "" + threads, "" + seed);
    }

    private List<String> java(int seed) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC"); // as the launcher does
        command.addAll(JvmBench.program(KerasTraining.class));
        command.addAll(List.of("" + data, "" + epochs, "" + seed));
        return command;
    }

    private List<Epoch> run(List<String> command) throws IOException, InterruptedException {
        var printed = Files.createTempFile("training", ".txt");
        try {
            var process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(printed.toFile())
                            .start();
            try {
                if (!process.waitFor(MINUTES, TimeUnit.MINUTES))
                    throw CommandException.failed(
                            command.getFirst() + ": not done in " + MINUTES + " minutes");
            } finally {
                process.destroyForcibly();
            }
            var lines = Files.readAllLines(printed);
            if (process.exitValue() != 0) {
                throw CommandException.failed(
                        command.getFirst()
                                + ": "
                                + (lines.isEmpty() ? "no output" : lines.getLast()));
            }
            var last = lines.subList(Math.max(0, lines.size() - epochs), lines.size());
            return last.stream().map(Epoch::of).toList();
        } catch (IOException e) {
            throw CommandException.wrongUse(
                    Arrays.toString(command.toArray()) + ": " + e.getMessage());
        } finally {
            Files.delete(printed);
        }
    }
}
