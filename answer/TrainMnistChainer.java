import io.webdnn.train.Configuration;
import io.webdnn.train.dataset.Download;
import io.webdnn.train.dataset.DownloadException;
import io.webdnn.train.dataset.GeneratedDigits;
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
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Trains the network of `CNN.java` on handwritten digits:
///
///     ../webdnn java TrainMnistChainer.java [-b BATCHSIZE] [-e EPOCHS] [-o DIR] [--data DIR|generated] [--seed N]
public class TrainMnistChainer {
    private int batchSize = 128;
    private int epochs = 2;
    private Path out = Path.of("chainer_output");
    private String data = "";
    private long seed = 0;

    public static void main(String[] arguments) {
        var training = new TrainMnistChainer();
        try {
            training.parse(arguments);
        } catch (IllegalArgumentException wrongUse) {
            System.err.println(wrongUse.getMessage());
            System.exit(2);
        }
        training.run();
    }

    private void run() {
        Configuration.seed(seed);
        var digits = digits();

        // The network, with the loss that makes it learn.
        var model = new Classifier(new CNN());
        var optimizer = new Adam().setup(model);

        var trainIterator = new SerialIterator(digits.train(), batchSize);
        var testIterator = new SerialIterator(digits.test(), batchSize, false, false);

        var terminal = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        var printer = new PrintWriter(System.out, true);
        var trainer = new Trainer(new StandardUpdater(trainIterator, optimizer), epochs, out);
        trainer.extend(new Evaluator(testIterator, model));
        trainer.extend(new DumpGraph("main/loss"));
        trainer.extend(new SnapshotObject(model, "chainer_model.npz"));
        trainer.extend(new LogReport());
        trainer.extend(
                new PrintReport(
                        List.of(
                                "epoch",
                                "main/loss",
                                "validation/main/loss",
                                "main/accuracy",
                                "validation/main/accuracy",
                                "elapsed_time"),
                        printer,
                        terminal));
        if (terminal) trainer.extend(new ProgressBar(printer));
        trainer.run();
        System.out.println("the trained model is saved to " + out.resolve("chainer_model.npz"));
    }

    private Mnist.Split digits() {
        if (data.equals("generated")) return generated();
        if (!data.isEmpty()) {
            return new Mnist.Split(Mnist.train(Path.of(data)), Mnist.test(Path.of(data)));
        }
        try {
            return Mnist.get(Download.Progress.NONE);
        } catch (DownloadException e) {
            System.out.println(e.getMessage());
            System.out.println("training on generated digits instead of MNIST");
            return generated();
        }
    }

    private Mnist.Split generated() {
        return new Mnist.Split(
                GeneratedDigits.draw(60_000, seed), GeneratedDigits.draw(10_000, ~seed));
    }

    private void parse(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            var option = arguments[i];
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(option + ": expected a value after it");
            }
            var value = arguments[++i];
            switch (option) {
                case "-b", "--batchsize" -> batchSize = number(option, value, 1);
                case "-e", "--epoch" -> epochs = number(option, value, 1);
                case "-o", "--out" -> out = Path.of(value);
                case "--data" -> data = value;
                case "--seed" -> seed = number(option, value, 0);
                default ->
                        throw new IllegalArgumentException(
                                option + ": expected -b, -e, -o, --data or --seed");
            }
        }
    }

    private static int number(String option, String value, int least) {
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) < least) {
            throw new IllegalArgumentException(
                    option + ": expected a number >= " + least + ", got " + value);
        }
        return Integer.parseInt(value);
    }
}
