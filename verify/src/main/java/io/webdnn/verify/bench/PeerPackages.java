package io.webdnn.verify.bench;

import io.webdnn.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The peers, fetched when they are first measured and kept in `~/.cache/webdnn/bench`: who only
/// builds and tests is not to load their hundreds of megabytes.
///
/// @param cache where they are kept
record PeerPackages(Path cache) {
    /// From npm, each as `name@version`.
    static final List<String> NPM =
            List.of(
                    "onnxruntime-web@1.30.0",
                    "@tensorflow/tfjs@4.22.0",
                    "@tensorflow/tfjs-backend-wasm@4.22.0",
                    "@tensorflow/tfjs-backend-webgpu@4.22.0");

    private static final String VERSION = "1.22.0";

    /// From Maven.
    static final String ONNX_RUNTIME = "com.microsoft.onnxruntime:onnxruntime:" + VERSION;

    PeerPackages() {
        this(Path.of(System.getProperty("user.home"), ".cache/webdnn/bench"));
    }

    /// {@return the directory `node_modules` with the peers of pages in it}
    ///
    /// @param npm the program
    Path npm(String npm) throws IOException, InterruptedException {
        var directory = cache.resolve(String.join("+", NPM).replace('/', '-'));
        var command =
                new ArrayList<>(
                        List.of(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"));
        command.addAll(List.of("--prefix", directory.toString()));
        command.addAll(NPM);
        fetch(directory, command, "npm (Node.js)");
        return directory.resolve("node_modules");
    }

    /// {@return the jar of ONNX Runtime for Java}
    ///
    /// @param maven the program
    Path onnxRuntime(String maven) throws IOException, InterruptedException {
        var directory = cache.resolve(ONNX_RUNTIME.replace(':', '-'));
        var command =
                List.of(
                        maven,
                        "-B",
                        "-ntp",
                        "dependency:copy",
                        "-Dartifact=" + ONNX_RUNTIME,
                        "-DoutputDirectory=" + directory);
        fetch(directory, command, "Maven (mvn)");
        return directory.resolve("onnxruntime-" + VERSION + ".jar");
    }

    /// Runs a command in a directory, once: it is marked as complete afterwards.
    private static void fetch(Path directory, List<String> command, String program)
            throws IOException, InterruptedException {
        var done = directory.resolve("complete");
        if (Files.exists(done)) return;
        Files.createDirectories(directory);
        var log = directory.resolve("log.txt");
        int status;
        try {
            status =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start()
                            .waitFor();
        } catch (IOException e) {
            throw CommandException.wrongUse(
                    "bench: expected %s on the PATH to fetch %s, got none; --no-peer measures without it"
                            .formatted(program, command.getLast()));
        }
        if (status != 0)
            throw CommandException.failed(
                    "bench: %s: expected exit code 0, got %d, see %s"
                            .formatted(String.join(" ", command), status, log));
        Files.writeString(done, "");
    }
}
