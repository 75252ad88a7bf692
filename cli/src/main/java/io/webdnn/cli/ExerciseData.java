package io.webdnn.cli;

import io.webdnn.train.dataset.Download;
import io.webdnn.train.dataset.DownloadException;
import io.webdnn.train.dataset.GeneratedDigits;
import io.webdnn.train.dataset.LabelledImages;
import io.webdnn.train.dataset.Mnist;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Where the exercise takes its digits from: a directory, the project's own hand, or MNIST from the
/// cache or the network, with the project's own hand where that is not to be had.
record ExerciseData(LabelledImages train, LabelledImages test, String description) {
    static final String GENERATED = "generated";

    private static final int TRAIN_COUNT = 180_000;
    private static final int TEST_COUNT = 10_000;

    /// Gets MNIST, or throws [DownloadException].
    @FunctionalInterface
    interface Source {
        Mnist.Split get(Download.Progress progress);
    }

    /// @param data a directory, `generated`, or null for MNIST
    /// @param testDirectory where the images to test with are, or null for those of `data`
    static ExerciseData choose(
            @Nullable String data,
            @Nullable Path testDirectory,
            long seed,
            Source mnist,
            Download.Progress progress,
            PrintWriter out) {
        // the seeds of both sets differ, or the test would be on what was learnt
        LongFunction<LabelledImages> test =
                s ->
                        testDirectory == null
                                ? GeneratedDigits.draw(TEST_COUNT, ~s)
                                : Mnist.test(testDirectory);
        if (GENERATED.equals(data)) {
            var tested = test.apply(seed); // first, since it may be missing
            return new ExerciseData(
                    GeneratedDigits.draw(TRAIN_COUNT, seed), tested, "digits drawn by WebDNN");
        }
        if (data != null) {
            var directory = Path.of(data);
            return new ExerciseData(
                    Mnist.train(directory),
                    Mnist.test(testDirectory == null ? directory : testDirectory),
                    data);
        }
        try {
            var split = mnist.get(progress);
            var tested = testDirectory == null ? split.test() : Mnist.test(testDirectory);
            return new ExerciseData(split.train(), tested, "MNIST");
        } catch (DownloadException e) {
            out.println(e.getMessage());
            out.println("Training on digits that WebDNN draws itself instead.");
            return choose(GENERATED, testDirectory, seed, mnist, progress, out);
        }
    }
}
