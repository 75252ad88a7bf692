import static io.webdnn.train.keras.Categorical.toCategorical;

import io.webdnn.train.Configuration;
import io.webdnn.train.dataset.Download;
import io.webdnn.train.dataset.DownloadException;
import io.webdnn.train.dataset.GeneratedDigits;
import io.webdnn.train.dataset.Mnist;
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

/// Trains a network on handwritten digits, as one writes it with Keras:
///
///     ../webdnn java TrainMnistKeras.java [-o FILE] [--data DIR|generated] [--seed N]
public class TrainMnistKeras {
    private static final int BATCH_SIZE = 128;
    private static final int CLASSES = 10;
    private static final int EPOCHS = 2;

    private Path out = Path.of("keras_model.h5");
    private String data = "";
    private long seed = 0;

    public static void main(String[] arguments) {
        var training = new TrainMnistKeras();
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

        // [N, 28, 28, 1], 0 where nothing is drawn and 1 where the pen went; a row for each label
        var xTrain = digits.train().images();
        var yTrain = toCategorical(digits.train().labels(), CLASSES);
        var xTest = digits.test().images();
        var yTest = toCategorical(digits.test().labels(), CLASSES);

        var model =
                new Sequential(
                        new Conv2D(8, 3).activation("relu").inputShape(28, 28, 1),
                        new Conv2D(16, 3).activation("relu"),
                        new MaxPooling2D(2),
                        new Dropout(0.25),
                        new Flatten(),
                        new Dense(32).activation("relu"),
                        new Dropout(0.5),
                        new Dense(CLASSES).activation("softmax"));
        model.summary();
        model.compile(new RMSprop(), "categorical_crossentropy", List.of("accuracy"));
        model.fit(
                xTrain,
                yTrain,
                Fit.batchSize(BATCH_SIZE).epochs(EPOCHS).validationData(xTest, yTest));

        var score = model.evaluate(xTest, yTest);
        System.out.println("Test loss: " + score[0]);
        System.out.println("Test accuracy: " + score[1]);
        model.save(out);
        System.out.println("the trained model is saved to " + out);
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
                case "-o", "--out" -> out = Path.of(value);
                case "--data" -> data = value;
                case "--seed" -> seed = number(option, value);
                default ->
                        throw new IllegalArgumentException(
                                option + ": expected -o, --data or --seed");
            }
        }
    }

    private static int number(String option, String value) {
        if (!value.matches("\\d{1,9}")) {
            throw new IllegalArgumentException(
                    option + ": expected a number >= 0, got " + value);
        }
        return Integer.parseInt(value);
    }
}
