package io.webdnn.cli;

import io.webdnn.graph.Graph;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.dataset.Dataset;
import io.webdnn.train.dataset.LabelledImages;
import io.webdnn.train.keras.Categorical;
import io.webdnn.train.keras.Conv2D;
import io.webdnn.train.keras.Dense;
import io.webdnn.train.keras.Dropout;
import io.webdnn.train.keras.Fit;
import io.webdnn.train.keras.Flatten;
import io.webdnn.train.keras.MaxPooling2D;
import io.webdnn.train.keras.Sequential;
import io.webdnn.train.optimizer.RMSprop;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/// The exercise as Keras's users write it (`exercise/TrainMnistKeras.java`).
final class KerasExercise {
    private static final int CLASSES = 10;

    private KerasExercise() {}

    /// Images `[N, 28, 28, 1]` and a row of ten for each label, made for each batch anew: all rows
    /// at once would take more memory than the images do.
    private record Digits(LabelledImages images) implements Dataset {
        @Override
        public int size() {
            return images.size();
        }

        @Override
        public List<Tensor> batch(int[] indices) {
            var batch = images.batch(indices);
            return List.of(
                    batch.get(0).reshape(indices.length, 28, 28, 1),
                    Categorical.toCategorical(batch.get(1), CLASSES));
        }
    }

    /// Trains, writes `keras_model.h5` and reads it again, as `webdnn convert` does.
    static Graph run(ExerciseData digits, int epochs, Path out, PrintWriter printer) {
        var model = network();
        model.compile(new RMSprop(), "categorical_crossentropy", List.of("accuracy"));
        var test = new Digits(digits.test());
        var fit = Fit.batchSize(ExerciseCommand.BATCH_SIZE).epochs(epochs);
        model.fit(new Digits(digits.train()), fit.validationData(test).printTo(printer));
        var score = model.evaluate(test, ExerciseCommand.BATCH_SIZE);
        printer.println("Test loss: " + score[0]);
        printer.println("Test accuracy: " + score[1]);
        var file = out.resolve("keras_model.h5");
        model.save(file);
        return KerasImporter.read(file).graph();
    }

    private static Sequential network() {
        return new Sequential(
                new Conv2D(8, 3).activation("relu").inputShape(28, 28, 1),
                new Conv2D(16, 3).activation("relu"),
                new MaxPooling2D(2),
                new Dropout(0.25),
                new Flatten(),
                new Dense(32).activation("relu"),
                new Dropout(0.5),
                new Dense(CLASSES).activation("softmax"));
    }
}
