package io.webdnn.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A JVM of its own with the toolchain on its module path, as the launcher starts it: other modules
/// are there than those that a test runs with, and settings of the start can be chosen.
///
/// @param output what it printed, errors included
public record JavaProcess(int exitCode, String output) {
    /// Runs a program to its end; it ends with the test where that is interrupted.
    ///
    /// @param directory where it runs
    /// @param arguments of `java`, behind the module path
    public static JavaProcess run(Path directory, String... arguments)
            throws IOException, InterruptedException {
        var modules =
                Path.of("target/classes").toAbsolutePath()
                        + File.pathSeparator
                        + Files.readString(Path.of("target/modulepath")).strip();
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-p", modules));
        command.addAll(List.of(arguments));
        var output = Files.createTempFile(directory, "output", ".txt");
        var process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            return new JavaProcess(process.waitFor(), Files.readString(output, UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }
}
