package io.webdnn.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn serve DIR`: serves a directory to the browser on this machine until it is stopped.
@Command(
        name = "serve",
        description = "Serves a directory to browsers on this machine, until Ctrl-C.")
final class ServeCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "The directory to serve.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path directory;

    @Option(
            names = "--port",
            defaultValue = "8000",
            paramLabel = "PORT",
            description = "The port to listen on; 0 picks a free one. Default: ${DEFAULT-VALUE}.")
    int port;

    @Option(
            names = "--no-isolation",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = {
                "Leaves out the headers that isolate pages across origins: WebAssembly then has one",
                "thread, and pages may show what other servers offer to nobody."
            })
    boolean isIsolated;

    @Override
    public Integer call() throws IOException, InterruptedException {
        try (var server = StaticServer.start(directory, port, isIsolated)) {
            spec.commandLine().getOut().println("Serving " + directory + " at " + server.address());
            spec.commandLine().getOut().flush();
            new CountDownLatch(1).await(); // a signal ends the JVM
        }
        return 0;
    }
}
