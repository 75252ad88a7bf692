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
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A network that is trained, measured, asked and saved as in Keras: what becomes of inputs by the
/// calls of layers. [Sequential] is the one for layers in a row.
///
/// ```java
/// var left = Input.shape(8);
/// var right = Input.shape(8);
/// var shared = new Dense(4);
/// var y = new Concatenate().call(shared.call(left), shared.call(right));
/// var model = new Model(List.of(left, right), List.of(y));
/// ```
///
/// Arrays are in Keras's order: examples first, channels last. A model is a layer, too.
public sealed class Model extends Layer permits Sequential {
    private static final int BATCH_SIZE = 32; // Keras's default

    private final List<Output> inputs = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<Layer> layers = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private @Nullable Training training;
    private boolean stopped;

    /// For a model that grows.
    Model() {}

    /// A model with one input and one output.
    ///
    /// @throws TrainingException if the one does not lead to the other
    public Model(Output input, Output output) {
        this(List.of(input), List.of(output));
    }

    /// A model of all layers that lead from the inputs to the outputs.
    ///
    /// @throws TrainingException if an output depends on something else
    public Model(List<Output> inputs, List<Output> outputs) {
        if (inputs.isEmpty()) throw wrong("inputs", "one or more", 0);
        if (outputs.isEmpty()) throw wrong("outputs", "one or more", 0);
        for (var input : inputs) {
            if (!(input.call().layer() instanceof Input))
                throw wrong("inputs", "outputs of Input", input);
        }
        this.inputs.addAll(inputs);
        this.outputs.addAll(outputs);
        for (var input : inputs) include(input.call());
        for (var output : outputs) addCalls(output);
        for (var layer : layers) expectBatchSize(layer);
    }

    /// {@return how many examples each batch must have, 0 for any number}
    final int batchSize() {
        return inputs().stream()
                .mapToInt(input -> input.call().layer().declaredBatch())
                .max()
                .orElse(0);
    }

    /// Complains about a layer that keeps states for a number of examples that is not known.
    final void expectBatchSize(Layer layer) {
        if (layer.isStateful() && batchSize() == 0)
            throw layer.wrong("stateful", "a model with a batch size (batchInputShape)", "none");
    }

    /// Complains about batches that have not as many examples as the model's.
    final void expectBatches(String operation, int examples, int size) {
        int own = batchSize();
        if (own == 0) return;
        if (size != own) throw wrong(operation + ": batch size", String.valueOf(own), size);
        if (examples % own != 0)
            throw wrong(operation + ": x", "a multiple of " + own + " examples", examples);
    }

    /// Adds the call of an output behind those that it depends on.
    private void addCalls(Output output) {
        var call = output.call();
        if (calls.contains(call)) return;
        if (call.layer() instanceof Input)
            throw wrong("inputs", "all that outputs depend on", "one without " + output);
        for (var input : call.inputs()) addCalls(input);
        include(call);
    }

    /// Adds a call, and its layer if it is a new one.
    final void include(Call call) {
        calls.add(call);
        if (!layers.contains(call.layer())) adopt(call.layer());
    }

    /// Adds a layer and names it.
    final void adopt(Layer layer) {
        var chosen = layer.name().isEmpty() ? layer.chosenName() : layer.name();
        link(chosen.isEmpty() ? numbered(layer.automaticName()) : chosen, layer);
        layers.add(layer);
    }

    private String numbered(String kind) {
        String name;
        do {
            name = kind + "_" + counts.merge(kind, 1, Integer::sum);
        } while (children().containsKey(name));
        return name;
    }

    /// {@return the layers, in order; of a model that is no [Sequential] the inputs, too}
    public List<Layer> layers() {
        return Collections.unmodifiableList(layers);
    }

    /// {@return the shape of an example for each input}
    public final List<int[]> inputShapes() {
        return inputs().stream().map(Output::shape).toList();
    }

    List<Call> calls() {
        return calls;
    }

    List<Output> inputs() {
        return inputs;
    }

    List<Output> outputs() {
        return outputs;
    }

    final void replaceEnds(Output input, Output output) {
        inputs.clear();
        inputs.add(input);
        outputs.clear();
        outputs.add(output);
    }

    @Override
    String kind() {
        return "Model";
    }

    // As a layer

    @Override
    List<int[]> outputShapes(List<int[]> given) {
        var own = inputs();
        boolean fits = given.size() == own.size();
        for (int i = 0; fits && i < own.size(); i++)
            fits = Arrays.equals(given.get(i), own.get(i).shape());
        if (!fits) {
            throw wrong("inputs", shapes(own.stream().map(Output::shape).toList()), shapes(given));
        }
        return outputs().stream().map(Output::shape).toList();
    }

    private static String shapes(List<int[]> shapes) {
        return shapes.stream().map(Arrays::toString).collect(Collectors.joining(", "));
    }

    @Override
    final void buildFor(List<int[]> given) {}

    @Override
    final List<Signal> applyTo(List<Signal> given) {
        return run(given, new ArrayList<>());
    }

    /// {@return what becomes of a batch}
    ///
    /// @param penalties is given what is added to the loss for results
    final List<Signal> run(List<Signal> given, List<Variable> penalties) {
        var known = new IdentityHashMap<Output, Signal>();
        var own = inputs();
        for (int i = 0; i < own.size(); i++) known.put(own.get(i), given.get(i));
        for (var call : calls()) {
            if (call.layer() instanceof Input) continue;
            var from = call.inputs().stream().map(known::get).toList();
            var to =
                    call.layer() instanceof Model inner
                            ? inner.run(from, penalties)
                            : call.layer().run(from);
            for (int i = 0; i < to.size(); i++) known.put(call.outputs().get(i), to.get(i));
            var price = call.layer().activityRegularizer();
            if (price == null) continue;
            for (var result : to) {
                var cost = price.of(result.value());
                if (cost != null) penalties.add(cost);
            }
        }
        return outputs().stream().map(known::get).toList();
    }

    @Override
    final Masks masks() {
        return Masks.READ;
    }

    /// {@return the weights, those that are trained first, as Keras has them}
    @Override
    final List<Weight> weights() {
        var all = new ArrayList<Weight>();
        for (var layer : layers()) all.addAll(layer.weights());
        var sorted = new ArrayList<>(all.stream().filter(Weight::isTrained).toList());
        sorted.addAll(all.stream().filter(weight -> !weight.isTrained()).toList());
        return sorted;
    }

    /// Adds the parameters that keep what they hold.
    private void addFixed(List<Parameter> fixed) {
        for (var layer : layers()) {
            if (layer instanceof Model inner && inner.isTrainable()) {
                inner.addFixed(fixed);
                continue;
            }
            for (var weight : layer.weights()) {
                if (!layer.isTrainable() || !weight.isTrained()) fixed.add(weight.parameter());
            }
        }
    }

    /// {@return what Keras's `model_config` says below `config`}
    Object configuration() {
        return config();
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        NetworkConfig.describe(this, config);
    }

    // Training

    /// Says what training makes smaller, and how.
    public final void compile(Optimizer optimizer, String loss) {
        compile(optimizer, loss, List.of());
    }

    /// Says what training makes smaller, and how, and what else is measured.
    ///
    /// @param loss `categorical_crossentropy`, `mean_squared_error`, … for each output
    /// @param metrics `accuracy`, `precision`, …, or any loss; the names under which they are
    ///   reported
    /// @throws TrainingException for an unknown name
    public final void compile(Optimizer optimizer, String loss, List<String> metrics) {
        int count = outputs().size();
        compile(
                optimizer,
                Collections.nCopies(count, loss),
                Collections.nCopies(count, 1.0),
                metrics);
    }

    /// Says what training makes smaller, and how, and what else is measured, where names alone do
    /// not say enough.
    ///
    /// @param loss for each output
    public final void compile(Optimizer optimizer, Loss loss, List<Metric> metrics) {
        int count = outputs().size();
        compileAll(
                optimizer,
                Collections.nCopies(count, loss),
                Collections.nCopies(count, 1.0),
                metrics);
    }

    /// Says what training makes smaller, and how, for a model with several outputs: the sum of
    /// their losses.
    ///
    /// @param losses one for each output
    /// @param lossWeights what each is multiplied by
    /// @param metrics what else is measured of each output
    /// @throws TrainingException for an unknown name, or another number of losses than outputs
    public final void compile(
            Optimizer optimizer,
            List<String> losses,
            List<Double> lossWeights,
            List<String> metrics) {
        compileAll(
                optimizer,
                losses.stream().map(name -> Loss.of(Objective.of(toString(), name))).toList(),
                lossWeights,
                metrics.stream().map(Metric::named).toList());
    }

    /// The same with losses and metrics that have settings.
    ///
    /// @throws TrainingException for an unknown metric, or another number of losses than outputs
    public final void compileAll(
            Optimizer optimizer,
            List<Loss> losses,
            List<Double> lossWeights,
            List<Metric> metrics) {
        var ends = outputs();
        if (ends.isEmpty()) throw wrong("layers", "one or more", 0);
        if (losses.size() != ends.size())
            throw wrong("losses", ends.size() + ", as there are outputs", losses.size());
        if (lossWeights.size() != ends.size())
            throw wrong("loss weights", ends.size() + ", as there are outputs", lossWeights.size());
        var goals = new ArrayList<Goal>();
        for (int i = 0; i < ends.size(); i++) {
            var loss = losses.get(i);
            int[] shape = ends.get(i).shape();
            int last = shape.length == 0 ? 1 : shape[shape.length - 1];
            var measured = new ArrayList<Goal.Measured>();
            for (var metric : metrics)
                measured.add(new Goal.Measured(metric, metric.measure(toString(), loss, last)));
            var name = ends.get(i).call().layer().name();
            goals.add(new Goal(name, ends.get(i), loss, lossWeights.get(i), List.copyOf(measured)));
        }
        var fixed = new ArrayList<Parameter>();
        addFixed(fixed);
        training =
                new Training(
                        this,
                        optimizer.setup(this),
                        List.copyOf(goals),
                        new LinkedHashSet<>(fixed));
    }

    final Training training() {
        if (training == null)
            throw TrainingException.saying(toString(), "not compiled: call compile first");
        return training;
    }

    final boolean isCompiled() {
        return training != null;
    }

    /// {@return what the model was compiled with}
    public final Optimizer optimizer() {
        return training().optimizer();
    }

    /// Trains.
    ///
    /// @param x examples `[N, …]`, float32
    /// @param y what the network should say, `[N, …]`, float32; for the sparse losses class numbers
    ///   `[N]`, int32
    /// @return the figures of each epoch
    public final History fit(Tensor x, Tensor y, Fit how) {
        return fit(List.of(x), List.of(y), how);
    }

    /// Trains a model with several inputs and outputs.
    ///
    /// @param x an array for each input
    /// @param y an array for each output
    /// @return the figures of each epoch
    public final History fit(List<Tensor> x, List<Tensor> y, Fit how) {
        var given = new ArrayList<>(y);
        var weights = how.sampleWeight();
        if (weights != null) given.add(weights);
        return fit(examples("fit", x, given), how);
    }

    /// Trains on examples whose components are x for each input, y for each output, and a weight if
    /// they have one.
    ///
    /// @return the figures of each epoch
    public final History fit(Dataset examples, Fit how) {
        return training().fit(examples, how);
    }

    /// {@return the loss and the metrics, in the order of [#metricsNames]}
    public final double[] evaluate(Tensor x, Tensor y) {
        return evaluate(List.of(x), List.of(y));
    }

    /// {@return the loss and the metrics, in the order of [#metricsNames]}
    public final double[] evaluate(List<Tensor> x, List<Tensor> y) {
        return evaluate(examples("evaluate", x, y), batchSizeOr(BATCH_SIZE));
    }

    private int batchSizeOr(int otherwise) {
        return batchSize() == 0 ? otherwise : batchSize();
    }

    /// {@return the loss and the metrics, in the order of [#metricsNames]}
    public final double[] evaluate(Dataset examples, int batchSize) {
        expectBatches("evaluate", examples.size(), batchSize);
        return training().evaluate(examples, batchSize);
    }

    /// {@return `loss`, the loss of each output if there are several, then the metrics}
    public final List<String> metricsNames() {
        return training().names();
    }

    /// {@return what the network says to each example}
    ///
    /// @param x examples `[N, …]`, float32
    public final Tensor predict(Tensor x) {
        return predict(List.of(x)).getFirst();
    }

    /// {@return what the network says to each example, an array for each output}
    ///
    /// @param x an array for each input
    public final List<Tensor> predict(List<Tensor> x) {
        var own = inputs();
        if (own.isEmpty()) throw wrong("layers", "one or more", 0);
        if (x.size() != own.size()) throw wrong("predict: x", own.size() + " arrays", x.size());
        for (int i = 0; i < x.size(); i++) {
            int[] input = own.get(i).shape();
            int[] shape = x.get(i).shape();
            if (x.get(i).dtype() != DType.FLOAT32
                    || shape.length != input.length + 1
                    || !Arrays.equals(shape, 1, shape.length, input, 0, input.length)
                    || shape[0] != x.getFirst().shape()[0]) {
                throw TrainingException.of(
                        toString(), "predict: x", "float32[N" + extents(input) + "]", x.get(i));
            }
        }
        int count = x.getFirst().shape()[0];
        int size = batchSizeOr(BATCH_SIZE);
        expectBatches("predict", count, size);
        var results = new ArrayList<Tensor>();
        for (var output : outputs()) {
            int[] shape = output.shape();
            int[] whole = new int[shape.length + 1];
            whole[0] = count;
            System.arraycopy(shape, 0, whole, 1, shape.length);
            results.add(Tensor.zeros(DType.FLOAT32, whole));
        }
        var examples = new TupleDataset(x.toArray(Tensor[]::new));
        try (var _ = Configuration.training(false);
                var _ = Configuration.backprop(false)) {
            for (int from = 0; from < count; from += size) {
                int[] indices = IntStream.range(from, Math.min(count, from + size)).toArray();
                var given =
                        examples.batch(indices).stream()
                                .map(tensor -> Signal.of(Variable.sharing(tensor)))
                                .toList();
                var said = applyTo(given);
                for (int i = 0; i < said.size(); i++) {
                    var to = results.get(i);
                    int row = to.size() / count;
                    var numbers = said.get(i).channelsLast().array().floats();
                    System.arraycopy(numbers, 0, to.floats(), from * row, indices.length * row);
                }
                settleStates();
            }
        }
        return results;
    }

    /// Lets the `fit` that is under way end after this epoch, of which it leaves out what is still
    /// to come; for callbacks.
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
        if (outputs().isEmpty()) throw wrong("layers", "one or more", 0);
        Summary.print(this, out);
    }

    // Files

    /// Writes the model as Keras 2 does: layers, weights, what it was compiled with, and the
    /// optimizer's state. The file is there when it is whole.
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be written
    public final void save(Path file) {
        ModelWriter.write(file, this);
    }

    /// {@return a model that Keras 2 or [#save] wrote; if it was compiled, it is again, and `fit`
    /// goes on where it was}
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be read, or has something that is
    ///   not trained here
    public static Model load(Path file) {
        return ModelReader.read(file);
    }

    /// Writes the weights alone, for [#loadWeights].
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be written
    public final void saveWeights(Path file) {
        ModelWriter.writeWeights(file, this);
    }

    /// Takes the weights of a model of the same layers from a file that Keras 2, [#save] or
    /// [#saveWeights] wrote.
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be read or does not fit; nothing is
    ///   changed then
    public final void loadWeights(Path file) {
        ModelReader.readWeights(file, this);
    }

    static Dataset examples(String operation, List<Tensor> x, List<Tensor> y) {
        var all = new ArrayList<>(x);
        all.addAll(y);
        int[] first = all.getFirst().shape();
        for (int i = 0; i < all.size(); i++) {
            int[] shape = all.get(i).shape();
            if (first.length != 0 && shape.length != 0 && shape[0] == first[0]) continue;
            throw TrainingException.of(
                    operation,
                    i < x.size() ? "x" : "y",
                    (first.length == 0 ? "as many" : first[0]) + " examples, as x has",
                    Arrays.toString(shape));
        }
        return new TupleDataset(all.toArray(Tensor[]::new));
    }

    /// {@return `, 28, 28, 1`}
    static String extents(int[] shape) {
        return Arrays.stream(shape).mapToObj(e -> ", " + e).collect(Collectors.joining());
    }
}
