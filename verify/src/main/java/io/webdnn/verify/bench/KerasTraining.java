package io.webdnn.verify.bench;

import static io.webdnn.train.keras.Categorical.toCategorical;

import io.webdnn.train.Configuration;
import io.webdnn.train.dataset.Mnist;
import io.webdnn.train.keras.Callback;
import io.webdnn.train.keras.Conv2D;
import io.webdnn.train.keras.Dense;
import io.webdnn.train.keras.Dropout;
import io.webdnn.train.keras.Fit;
import io.webdnn.train.keras.Flatten;
import io.webdnn.train.keras.MaxPooling2D;
import io.webdnn.train.keras.Sequential;
import io.webdnn.train.optimizer.RMSprop;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// The exercise's network as Keras's users write it, in a process of its own: prints the seconds of
/// each epoch, its evaluation included, and the test accuracy behind it, a line for each.
final class KerasTraining {
    private KerasTraining() {}

    /// Trains, and prints what each epoch took.
    ///
    /// @param arguments the directory of MNIST, the number of epochs, the seed
    public static void main(String[] arguments) {
        var directory = Path.of(arguments[0]);
        int epochs = Integer.parseInt(arguments[1]);
        Configuration.seed(Long.parseLong(arguments[2]));
        var train = Mnist.train(directory);
        var test = Mnist.test(directory);
        var x = train.images();
        var y = toCategorical(train.labels(), 10);
        var xTest = test.images();
        var yTest = toCategorical(test.labels(), 10);
        var model =
                new Sequential(
                        new Conv2D(8, 3).activation("relu").inputShape(28, 28, 1),
                        new Conv2D(16, 3).activation("relu"),
                        new MaxPooling2D(2),
                        new Dropout(0.25),
                        new Flatten(),
                        new Dense(32).activation("relu"),
                        new Dropout(0.5),
                        new Dense(10).activation("softmax"));
        model.compile(new RMSprop(), "categorical_crossentropy", List.of("accuracy"));
        long[] start = {System.nanoTime()};
        model.fit(
                x,
                y,
                Fit.batchSize(128)
                        .epochs(epochs)
                        .verbosity(Fit.Verbosity.SILENT)
                        .validationData(xTest, yTest)
                        .callbacks(
                                Callback.atEpochEnd((logs, _) -> {
                                    long now = System.nanoTime();
                                    System.out.printf(
                                            Locale.ROOT,
                                            "%.3f %.4f%n",
                                            (now - start[0]) / 1e9,
                                            logs.get("val_accuracy"));
                                    start[0] = System.nanoTime();
                                })));
    }
}
