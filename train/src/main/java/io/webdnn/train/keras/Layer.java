package io.webdnn.train.keras;

import io.webdnn.train.Chain;
import io.webdnn.train.Parameter;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A layer of a [Model].
///
/// Layers are said before they are used: what a layer needs to know of its input it takes from the
/// layer before it, or from `inputShape` if it is the first. Their parameters are made then, so
/// that a shape that does not fit is an error at the line that puts the layers together.
public abstract class Layer extends Chain {
    private final List<Weight> weights = new ArrayList<>();
    private String chosenName = "";
    private boolean trainable = true;
    private int @Nullable [] declaredInput;
    private int declaredBatch;
    private boolean built;

    Layer() {}

    /// {@return the names of the layers that can be trained, as files have them}
    public static Set<String> trainedKinds() {
        return LayerTable.names();
    }

    /// {@return Keras's name of this kind of layer}
    String kind() {
        return getClass().getSimpleName();
    }

    /// {@return what Keras calls such a layer without a number: `max_pooling2d`}
    String automaticName() {
        return kind().replaceAll("(.)([A-Z][a-z0-9]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }

    // A layer with one input and one output says the first three, another one the next three.

    /// {@return the shape of an example's result}
    ///
    /// @param input the shape of an example
    /// @throws TrainingException if it does not fit
    int[] outputShape(int[] input) {
        throw wrong("inputs", "another number", 1);
    }

    /// Makes the parameters, once; [#outputShape] has accepted the input.
    void build(int[] input) {}

    /// {@return the result for a batch}
    Signal apply(Signal x) {
        throw wrong("inputs", "another number", 1);
    }

    /// {@return the shapes of an example's results}
    List<int[]> outputShapes(List<int[]> inputs) {
        return List.of(outputShape(only(inputs)));
    }

    /// Makes the parameters, once; [#outputShapes] has accepted the inputs.
    void buildFor(List<int[]> inputs) {
        build(only(inputs));
    }

    /// {@return the results for a batch}
    List<Signal> applyTo(List<Signal> inputs) {
        return List.of(apply(only(inputs)));
    }

    private <T> T only(List<T> inputs) {
        if (inputs.size() != 1) throw wrong("inputs", "one", inputs.size());
        return inputs.getFirst();
    }

    /// {@return the weights in the order in which Keras stores them}
    List<Weight> weights() {
        return Collections.unmodifiableList(weights);
    }

    /// Makes a weight.
    ///
    /// @param order axis `d` of Keras's array is axis `order[d]` of the parameter; empty if they
    ///   stand alike
    /// @param fileShape the shape of Keras's array
    final Parameter make(WeightRole role, List<Integer> order, int... fileShape) {
        return make(role, true, order, fileShape);
    }

    final Parameter make(
            WeightRole role, boolean isTrained, List<Integer> order, int... fileShape) {
        var weight = Weight.draw(this, role, isTrained, order, fileShape);
        weights.add(weight);
        return register(weight.parameter());
    }

    /// What becomes of a mask of steps.
    enum Masks {
        /// The layer treats each step alone, or changes no number: the mask is the result's, too.
        HANDED_ON,
        /// The layer makes its own of it.
        READ,
        REFUSED
    }

    /// {@return what becomes of a mask}
    Masks masks() {
        return Masks.REFUSED;
    }

    /// {@return the results for a batch, with their masks}
    final List<Signal> run(List<Signal> inputs) {
        var results = applyTo(inputs);
        if (masks() == Masks.READ) return results;
        Variable mask = null;
        for (var input : inputs) if (mask == null) mask = input.mask();
        if (mask == null) return results;
        if (masks() == Masks.REFUSED)
            throw wrong("input", "a sequence without a mask", "one that hides steps");
        var steps = mask;
        return results.stream().map(result -> result.masked(steps)).toList();
    }

    /// {@return what of the result is added to the loss, null for nothing}
    @Nullable Regularizer activityRegularizer() {
        return null;
    }

    /// Adds what Keras's configuration says of this kind of layer.
    abstract void describe(Map<String, @Nullable Object> config);

    /// Takes what [#describe] said, but for what the constructor takes.
    void read(Settings settings) {}

    /// {@return what Keras calls the inputs behind the first, where it is given them by name; none
    /// where they stand in a list}
    List<String> argumentNames() {
        return List.of();
    }

    /// {@return what else Keras is told at each call, by name}
    Map<String, Object> callSettings() {
        return Map.of();
    }

    /// Takes what [#callSettings] said.
    void readCallSetting(String argument, Object value) {
        throw wrong("call argument '" + argument + "'", "none", value);
    }

    /// {@return what becomes of something in a model}
    public final Output call(Output... inputs) {
        return callAll(List.of(inputs)).getFirst();
    }

    /// {@return all that becomes of something in a model, for models as layers}
    public final List<Output> callAll(List<Output> inputs) {
        var shapes = connect(inputs.stream().map(Output::shape).toList());
        return new Call(this, inputs, shapes).outputs();
    }

    /// Takes an example's shapes from the layers before.
    ///
    /// @return the shapes of the results
    final List<int[]> connect(List<int[]> inputs) {
        var output = outputShapes(inputs);
        if (!built) {
            built = true;
            buildFor(inputs);
        }
        return output;
    }

    final boolean isBuilt() {
        return built;
    }

    /// Applies the layer to a batch in Keras's order, `[N, …, C]`.
    @Override
    public Variable call(Variable x) {
        var shape = x.shape();
        if (shape.rank() < 1 || !shape.isFixed())
            throw TrainingException.of(toString(), "x", "a batch of examples", x.type());
        int[] extents = shape.toInts();
        connect(List.of(Arrays.copyOfRange(extents, 1, extents.length)));
        return applyTo(List.of(Signal.of(x))).getFirst().channelsLast();
    }

    /// {@return whether this keeps states from batch to batch}
    boolean isStateful() {
        return below().anyMatch(Layer::isStateful);
    }

    /// Keeps the states that a batch ended with, once it is computed.
    void settleStates() {
        below().forEach(Layer::settleStates);
    }

    /// Lets the next batch start from zeros, in all layers below that keep states.
    public void resetStates() {
        below().forEach(Layer::resetStates);
    }

    private Stream<Layer> below() {
        return children().values().stream().filter(Layer.class::isInstance).map(Layer.class::cast);
    }

    /// {@return how files describe this layer}
    final Map<String, Object> described() {
        var described = new LinkedHashMap<String, Object>();
        described.put("class_name", kind());
        described.put("config", config());
        return described;
    }

    final Map<String, @Nullable Object> config() {
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.put("name", name().isEmpty() ? chosenName : name());
        config.put("trainable", trainable);
        if (declaredInput != null) {
            var shape = new ArrayList<@Nullable Object>();
            shape.add(declaredBatch == 0 ? null : declaredBatch);
            for (int extent : declaredInput) shape.add(extent);
            config.put("batch_input_shape", shape);
            config.put("dtype", "float32");
        }
        describe(config);
        return config;
    }

    /// Takes what [#config] said.
    final void configure(Settings settings) {
        chosenName = settings.text("name", "");
        trainable = settings.flag("trainable", true);
        var shape = settings.batchShape();
        if (shape != null) {
            declare(shape);
            declareBatch(settings.batchSize());
        }
        read(settings);
    }

    final String chosenName() {
        return chosenName;
    }

    final int @Nullable [] declaredInput() {
        return declaredInput == null ? null : declaredInput.clone();
    }

    /// {@return how many examples a batch has, 0 for any number}
    final int declaredBatch() {
        return declaredBatch;
    }

    final void declareBatch(int size) {
        if (size < 0) throw wrong("batch size", ">= 1, or 0 for any", size);
        declaredBatch = size;
    }

    final boolean isTrainable() {
        return trainable;
    }

    final void choose(String name) {
        expectNotBuilt("name");
        chosenName = name;
    }

    final void declare(int... shape) {
        expectNotBuilt("input shape");
        for (int extent : shape) {
            if (extent < 1)
                throw wrong(
                        "input shape", "extents >= 1, without the batch", Arrays.toString(shape));
        }
        declaredInput = shape.clone();
    }

    final void train(boolean whether) {
        trainable = whether;
    }

    /// Complains about settings of a layer whose parameters exist.
    final void expectNotBuilt(String argument) {
        if (built) {
            throw TrainingException.saying(
                    toString(), argument + ": expected before the layer is part of a model");
        }
    }

    /// {@return the complaint about an argument}
    final TrainingException wrong(String argument, String expected, Object actual) {
        return TrainingException.of(toString(), argument, expected, actual);
    }

    /// {@return the argument, which must be 1 or more}
    final int positive(String argument, int value) {
        if (value < 1) throw wrong(argument, ">= 1", value);
        return value;
    }

    /// {@return the shape, which must have so many axes}
    final int[] expectRank(int[] input, int rank, String form) {
        if (input.length != rank) throw wrong("input", form, Arrays.toString(input));
        return input;
    }

    @Override
    public String toString() {
        var name = name().isEmpty() ? chosenName : name();
        return kind() + (name.isEmpty() ? "" : " '" + name + "'");
    }
}
