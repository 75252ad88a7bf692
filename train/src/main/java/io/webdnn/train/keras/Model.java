package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Configuration;
import io.webdnn.train.Parameter;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.dataset.Dataset;
import io.webdnn.train.dataset.TupleDataset;
import io.webdnn.train.optimizer.Optimizer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A network that is trained, measured, asked and saved as in Keras; see [Sequential].
///
/// Arrays are in Keras's order: examples first, channels last.
public abstract sealed class Model extends Layer permits Sequential {
    private static final int BATCH_SIZE = 32; // Keras's default

    private @Nullable Training training;
    private boolean stopped;

    Model() {}

    /// {@return the layers, in order}
    public abstract List<Layer> layers();

    /// {@return the shape of an example}
    ///
    /// @throws TrainingException if it is not known yet
    abstract int[] inputExtents();

    /// {@return the shape of an example's result}
    abstract int[] outputExtents();

    /// {@return what Keras's `model_config` says below `config`}
    abstract Object configuration();

    /// Says what training makes smaller, and how.
    public final void compile(Optimizer optimizer, String loss) {
        compile(optimizer, loss, List.of());
    }

    /// Says what training makes smaller, and how, and what else is measured.
    ///
    /// @param loss `categorical_crossentropy`, `mean_squared_error`, …
    /// @param metrics `accuracy`, or any loss; the names under which they are reported
    /// @throws TrainingException for an unknown name
    public final void compile(Optimizer optimizer, String loss, List<String> metrics) {
        var objective = Objective.of(toString(), loss);
        var measured = new ArrayList<Metric>();
        int[] output = outputExtents();
        int last = output.length == 0 ? 1 : output[output.length - 1];
        for (var name : metrics) measured.add(Metric.of(toString(), name, objective, last));
        var fixed = new ArrayList<Parameter>();
        for (var layer : layers()) {
            if (layer.isTrainable()) continue;
            for (var weight : layer.weights()) fixed.add(weight.parameter());
        }
        training =
                new Training(
                        this,
                        optimizer.setup(this),
                        objective,
                        List.copyOf(measured),
                        List.copyOf(fixed));
    }

    final Training training() {
        if (training == null)
            throw TrainingException.saying(toString(), "not compiled: call compile first");
        return training;
    }

    final boolean isCompiled() {
        return training != null;
    }

    /// Trains.
    ///
    /// @param x examples `[N, …]`, float32
    /// @param y what the network should say, `[N, …]`, float32; for the sparse losses class numbers
    ///   `[N]`, int32
    /// @return the figures of each epoch
    public final History fit(Tensor x, Tensor y, Fit how) {
        return fit(examples("fit", x, y), how);
    }

    /// Trains on examples whose components are x and y.
    ///
    /// @return the figures of each epoch
    public final History fit(Dataset examples, Fit how) {
        return training().fit(examples, how);
    }

    /// {@return the loss and the metrics, in the order of [#metricsNames]}
    public final double[] evaluate(Tensor x, Tensor y) {
        return evaluate(examples("evaluate", x, y), BATCH_SIZE);
    }

    /// {@return the loss and the metrics, in the order of [#metricsNames]}
    public final double[] evaluate(Dataset examples, int batchSize) {
        return training().evaluate(examples, batchSize);
    }

    /// {@return `loss`, then the metrics}
    public final List<String> metricsNames() {
        return training().names();
    }

    /// {@return what the network says to each example}
    ///
    /// @param x examples `[N, …]`, float32
    public final Tensor predict(Tensor x) {
        int[] input = inputExtents();
        int[] shape = x.shape();
        if (x.dtype() != DType.FLOAT32
                || shape.length != input.length + 1
                || !Arrays.equals(shape, 1, shape.length, input, 0, input.length)) {
            throw TrainingException.of(
                    toString(), "predict: x", "float32[N" + extents(input) + "]", x);
        }
        int[] output = outputExtents();
        int[] whole = new int[output.length + 1];
        whole[0] = shape[0];
        System.arraycopy(output, 0, whole, 1, output.length);
        var result = Tensor.zeros(DType.FLOAT32, whole);
        var examples = new TupleDataset(x);
        int row = shape[0] == 0 ? 0 : result.size() / shape[0];
        try (var _ = Configuration.training(false);
                var _ = Configuration.backprop(false)) {
            for (int from = 0; from < shape[0]; from += BATCH_SIZE) {
                int count = Math.min(BATCH_SIZE, shape[0] - from);
                int[] indices = new int[count];
                for (int i = 0; i < count; i++) indices[i] = from + i;
                var batch = Variable.sharing(examples.batch(indices).getFirst());
                var said = apply(Signal.of(batch)).channelsLast().array();
                System.arraycopy(said.floats(), 0, result.floats(), from * row, count * row);
            }
        }
        return result;
    }

    /// Lets the `fit` that is under way end after this epoch; for callbacks.
    public final void stopTraining() {
        stopped = true;
    }

    final boolean isStopped() {
        return stopped;
    }

    final void goOn() {
        stopped = false;
    }

    /// Prints the layers, the shapes of their results and how many numbers they hold.
    public final void summary() {
        var out = new PrintWriter(System.out, true, System.out.charset());
        summary(out);
    }

    /// Prints the layers, the shapes of their results and how many numbers they hold.
    public final void summary(PrintWriter out) {
        Summary.print(this, out);
    }

    /// Writes the model as Keras 2 does: layers, weights, what it was compiled with, and the
    /// optimizer's state. The file is there when it is whole.
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be written
    public final void save(Path file) {
        ModelWriter.write(file, this);
    }

    /// Takes the weights of a model of the same layers from a file that Keras 2 or [#save] wrote.
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be read or does not fit; nothing is
    ///   changed then
    public final void loadWeights(Path file) {
        ModelReader.readWeights(file, this);
    }

    static Dataset examples(String operation, Tensor x, Tensor y) {
        int[] ofX = x.shape();
        int[] ofY = y.shape();
        if (ofX.length == 0 || ofY.length == 0 || ofX[0] != ofY[0]) {
            throw TrainingException.of(
                    operation,
                    "y",
                    (ofX.length == 0 ? "as many" : ofX[0]) + " examples, as x has",
                    Arrays.toString(ofY));
        }
        return new TupleDataset(x, y);
    }

    /// {@return `, 28, 28, 1`}
    static String extents(int[] shape) {
        return Arrays.stream(shape).mapToObj(e -> ", " + e).collect(Collectors.joining());
    }
}
