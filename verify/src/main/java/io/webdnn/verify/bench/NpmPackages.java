package io.webdnn.verify.bench;

import io.webdnn.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The peers' packages, fetched from npm when they are first measured and kept in
/// `~/.cache/webdnn/bench`.
final class NpmPackages {
    private NpmPackages() {}

    /// {@return the directory `node_modules` with some packages in it}
    ///
    /// @param packages each as `name@version`
    static Path install(List<String> packages) throws IOException, InterruptedException {
        return install(
                packages, Path.of(System.getProperty("user.home"), ".cache/webdnn/bench"), "npm");
    }

    static Path install(List<String> packages, Path cache, String npm)
            throws IOException, InterruptedException {
        var directory = cache.resolve(String.join("+", packages).replace('/', '-'));
        var done = directory.resolve("complete");
        var modules = directory.resolve("node_modules");
        if (Files.exists(done)) return modules;
        Files.createDirectories(directory);
        var log = directory.resolve("npm.log");
        var command =
                new ArrayList<>(
                        List.of(npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"));
        command.addAll(List.of("--prefix", directory.toString()));
        command.addAll(packages);
        int status;
        try {
            status =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start()
                            .waitFor();
        } catch (IOException e) {
            throw CommandException.wrongUse(
                    "bench: expected npm (Node.js) on the PATH to fetch "
                            + packages
                            + ", got none; --no-peer measures without it");
        }
        if (status != 0)
            throw CommandException.failed(
                    "bench: npm install "
                            + packages
                            + ": expected exit code 0, got "
                            + status
                            + ", see "
                            + log);
        Files.writeString(done, "");
        return modules;
    }
}
