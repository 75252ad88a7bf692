package io.webdnn.train.keras;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.TrainingException;
import io.webdnn.train.dataset.Dataset;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How [Model#fit] goes about it: the arguments of Keras's `fit`, with its defaults. Each method
/// gives a changed copy.
///
/// ```java
/// Fit.batchSize(128).epochs(2).validationData(xTest, yTest)
/// ```
public final class Fit {
    private int batchSize = 32;
    private int epochs = 1;
    private int initialEpoch;
    private @Nullable Dataset validation;
    private double validationSplit;
    private boolean shuffle = true;
    private Verbosity verbosity = Verbosity.AUTO;
    private List<Callback> callbacks = List.of();
    private Map<Integer, Double> classWeight = Map.of();
    private @Nullable Tensor sampleWeight;
    private PrintWriter out = new PrintWriter(System.out, true, System.out.charset());

    private Fit() {}

    private Fit(Fit other) {
        batchSize = other.batchSize;
        epochs = other.epochs;
        initialEpoch = other.initialEpoch;
        validation = other.validation;
        validationSplit = other.validationSplit;
        shuffle = other.shuffle;
        verbosity = other.verbosity;
        callbacks = other.callbacks;
        classWeight = other.classWeight;
        sampleWeight = other.sampleWeight;
        out = other.out;
    }

    /// What `fit` prints.
    public enum Verbosity {
        /// A bar on a terminal, else a line per epoch.
        AUTO,
        /// Nothing.
        SILENT,
        /// A bar that moves.
        BAR,
        /// A line per epoch.
        LINE
    }

    /// {@return Keras's defaults}
    public static Fit defaults() {
        return new Fit();
    }

    /// {@return the defaults, but so many examples to an update instead of 32}
    public static Fit batchSize(int size) {
        var fit = new Fit();
        fit.batchSize = expect("batch size", ">= 1", size, size >= 1);
        return fit;
    }

    /// Ends with epoch number `count` instead of 1.
    public Fit epochs(int count) {
        var fit = new Fit(this);
        fit.epochs = expect("epochs", ">= 1", count, count >= 1);
        return fit;
    }

    /// Goes on behind so many epochs that were done before.
    public Fit initialEpoch(int count) {
        var fit = new Fit(this);
        fit.initialEpoch = expect("initial epoch", ">= 0", count, count >= 0);
        return fit;
    }

    /// Measures on these examples after each epoch.
    public Fit validationData(Tensor x, Tensor y) {
        return validationData(List.of(x), List.of(y));
    }

    /// Measures on these examples after each epoch.
    ///
    /// @param x an array for each input
    /// @param y an array for each output
    public Fit validationData(List<Tensor> x, List<Tensor> y) {
        return validationData(Model.examples("fit: validation data", x, y));
    }

    /// Measures on these examples after each epoch.
    public Fit validationData(Dataset examples) {
        var fit = new Fit(this);
        fit.validation = examples;
        return fit;
    }

    /// Measures on this share of the examples, from the end, in place of training on them.
    public Fit validationSplit(double share) {
        if (!(share >= 0 && share < 1))
            throw TrainingException.of("fit", "validation split", "0 <= share < 1", share);
        var fit = new Fit(this);
        fit.validationSplit = share;
        return fit;
    }

    /// Says whether each epoch has another order, as it has at first; the seed of
    /// [Configuration][io.webdnn.train.Configuration] decides it.
    public Fit shuffle(boolean whether) {
        var fit = new Fit(this);
        fit.shuffle = whether;
        return fit;
    }

    /// Lets examples of some classes count more or less than 1 in the loss.
    public Fit classWeight(Map<Integer, Double> weights) {
        var fit = new Fit(this);
        fit.classWeight = Map.copyOf(weights);
        return fit;
    }

    /// Lets each example count as much in the loss as its number says.
    ///
    /// @param weights `[N]`, float32
    public Fit sampleWeight(Tensor weights) {
        var fit = new Fit(this);
        fit.sampleWeight = weights;
        return fit;
    }

    /// Says what is printed.
    public Fit verbosity(Verbosity what) {
        var fit = new Fit(this);
        fit.verbosity = what;
        return fit;
    }

    /// Prints elsewhere than to standard output.
    public Fit printTo(PrintWriter writer) {
        var fit = new Fit(this);
        fit.out = writer;
        return fit;
    }

    /// Tells these how it goes.
    public Fit callbacks(Callback... told) {
        var fit = new Fit(this);
        fit.callbacks = List.of(told);
        return fit;
    }

    private static int expect(String argument, String expected, int actual, boolean holds) {
        if (!holds) throw TrainingException.of("fit", argument, expected, actual);
        return actual;
    }

    int batchSize() {
        return batchSize;
    }

    int epochs() {
        return epochs;
    }

    int initialEpoch() {
        return initialEpoch;
    }

    @Nullable Dataset validation() {
        return validation;
    }

    double validationSplit() {
        return validationSplit;
    }

    boolean shuffle() {
        return shuffle;
    }

    Verbosity verbosity() {
        return verbosity;
    }

    List<Callback> callbacks() {
        return callbacks;
    }

    Map<Integer, Double> classWeight() {
        return classWeight;
    }

    @Nullable Tensor sampleWeight() {
        return sampleWeight;
    }

    PrintWriter out() {
        return out;
    }
}
