package io.webdnn.cli;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.graph.Graph;
import io.webdnn.runtime.BrowserRuntime;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.train.ChainerConverter;
import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.dataset.Download;
import io.webdnn.train.dataset.Mnist;
import io.webdnn.train.dataset.SerialIterator;
import io.webdnn.train.link.Classifier;
import io.webdnn.train.optimizer.Adam;
import io.webdnn.train.training.DumpGraph;
import io.webdnn.train.training.Evaluator;
import io.webdnn.train.training.LogReport;
import io.webdnn.train.training.PrintReport;
import io.webdnn.train.training.ProgressBar;
import io.webdnn.train.training.SnapshotObject;
import io.webdnn.train.training.StandardUpdater;
import io.webdnn.train.training.Trainer;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn exercise`: trains on handwritten digits, converts the network to every backend and
/// serves the page that recognises what is drawn on it.
@Command(
        name = "exercise",
        description =
                "The exercise end to end: trains on handwritten digits, converts the network to"
                        + " every backend, serves the page.")
final class ExerciseCommand implements Callable<Integer> {
    private static final List<String> PAGE =
            List.of("index.html", "script.js", "paint.js", "style.css");
    static final int BATCH_SIZE = 128;

    /// How the network is written down and trained.
    enum Framework {
        chainer,
        keras
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = "--framework",
            defaultValue = "chainer",
            paramLabel = "NAME",
            description =
                    "The way of training: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Framework framework;

    @Option(
            names = "--epochs",
            defaultValue = "2",
            paramLabel = "N",
            description =
                    "How often each digit is trained on, 1 or more. Default: ${DEFAULT-VALUE}.")
    int epochs;

    @Option(
            names = "--data",
            paramLabel = "DIR|generated",
            description =
                    "A directory with the MNIST files, or 'generated' for digits that WebDNN draws"
                            + " itself. Default: MNIST, downloaded once.")
    @Nullable String data;

    @Option(
            names = "--test-data",
            paramLabel = "DIR",
            description = "A directory with the MNIST files to test with. Default: as --data.")
    @Nullable Path testData;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Decides everything that is random. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(
            names = "--out",
            defaultValue = "exercise_output",
            paramLabel = "DIR",
            description = "Where the page and its files go. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path out;

    @Option(names = "--no-serve", description = "Ends when the page is made.")
    boolean noServe;

    @Option(
            names = "--port",
            defaultValue = "8000",
            paramLabel = "PORT",
            description = "The port to serve on; 0 picks a free one. Default: ${DEFAULT-VALUE}.")
    int port;

    @Override
    public Integer call() throws IOException, InterruptedException {
        var printer = spec.commandLine().getOut();
        if (epochs < 1) {
            throw CommandException.wrongUse("--epochs: expected 1 or more, got " + epochs);
        }
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new NotDirectoryException(out.toString());
        }
        boolean terminal =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        Download.Progress progress =
                terminal ? new DownloadProgress(printer) : Download.Progress.NONE;
        var digits = ExerciseData.choose(data, testData, seed, Mnist::get, progress, printer);
        Files.createDirectories(out);
        if (noServe) {
            make(digits, printer, terminal);
            return 0;
        }
        try (var server =
                StaticServer.start(out, port, true)) { // before minutes of work: it may be taken
            make(digits, printer, terminal);
            printer.println("Draw a digit at " + server.address() + " (Ctrl-C ends)");
            printer.flush();
            new CountDownLatch(1).await(); // a signal ends the JVM
        }
        return 0;
    }

    private void make(ExerciseData digits, PrintWriter printer, boolean terminal)
            throws IOException {
        printer.println(
                "Training on %d images of %s, %d epochs"
                        .formatted(digits.train().size(), digits.description(), epochs));
        Configuration.seed(seed);
        var graph =
                switch (framework) {
                    case chainer -> chainer(digits, printer, terminal);
                    case keras -> KerasExercise.run(digits, epochs, out, printer);
                };
        GraphDescriptor.generate(List.of(Backend.values()), graph, Encoding.RAW)
                .save(out.resolve("webdnn_graph_descriptor"));
        for (var file : PAGE) AtomicFile.write(out.resolve(file), pageFile(file));
        for (var file : BrowserRuntime.files())
            AtomicFile.write(out.resolve(file), BrowserRuntime.read(file));
        printer.println("The page is in " + out);
    }

    private Graph chainer(ExerciseData digits, PrintWriter printer, boolean terminal) {
        var model = new Classifier(new ExerciseNetwork());
        train(model, digits, printer, terminal);
        var input = new Variable(new float[28 * 28], 1, 1, 28, 28);
        var prediction = F.softmax(model.predictor().call(input));
        return new ChainerConverter().convert(List.of(input), List.of(prediction));
    }

    private void train(
            Classifier model, ExerciseData digits, PrintWriter printer, boolean terminal) {
        var optimizer = new Adam().setup(model);
        var trainIterator = new SerialIterator(digits.train(), BATCH_SIZE);
        var testIterator = new SerialIterator(digits.test(), BATCH_SIZE, false, false);
        var trainer =
                new Trainer(
                        new StandardUpdater(trainIterator, optimizer),
                        epochs,
                        out.resolve("chainer_output"));
        trainer.extend(new Evaluator(testIterator, model))
                .extend(new DumpGraph("main/loss"))
                .extend(new SnapshotObject(model, "chainer_model.npz"))
                .extend(new LogReport())
                .extend(new PrintReport(COLUMNS, printer, terminal));
        if (terminal) trainer.extend(new ProgressBar(printer));
        trainer.run();
    }

    private static final List<String> COLUMNS =
            List.of(
                    "epoch",
                    "main/loss",
                    "validation/main/loss",
                    "main/accuracy",
                    "validation/main/accuracy",
                    "elapsed_time");

    private static byte[] pageFile(String name) throws IOException {
        try (var in = ExerciseCommand.class.getResourceAsStream("exercise/" + name)) {
            if (in == null) throw new IOException("the page's " + name + " was not built in");
            return in.readAllBytes();
        }
    }
}
