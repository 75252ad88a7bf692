package io.webdnn.cli;

import io.webdnn.runtime.BrowserRuntime;
import io.webdnn.tensor.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn runtime --out DIR`: writes the browser runtime beside a page.
@Command(
        name = "runtime",
        description = "Writes the browser runtime: webdnn.js, webdnn.mjs and their types.")
final class RuntimeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The directory to write to; made where it is missing.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path directory;

    @Override
    public Integer call() throws IOException {
        for (var file : BrowserRuntime.files()) {
            AtomicFile.write(directory.resolve(file), BrowserRuntime.read(file));
            spec.commandLine().getOut().println(directory.resolve(file));
        }
        return 0;
    }
}
