package io.webdnn.train.keras;

import io.webdnn.train.Chain;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A layer of a [Model].
///
/// Layers are said before they are used: what a layer needs to know of its input it takes from the
/// layer before it, or from `inputShape` if it is the first. Their parameters are made then, so
/// that a shape that does not fit is an error at the line that puts the layers together.
public abstract class Layer extends Chain {
    private String chosenName = "";
    private boolean trainable = true;
    private int @Nullable [] declaredInput;
    private boolean built;

    Layer() {}

    /// {@return Keras's name of this kind of layer}
    String kind() {
        return getClass().getSimpleName();
    }

    /// {@return the shape of an example's result}
    ///
    /// @param input the shape of an example
    /// @throws TrainingException if it does not fit
    abstract int[] outputShape(int[] input);

    /// Makes the parameters, once; [#outputShape] has accepted the input.
    void build(int[] input) {}

    /// {@return the result for a batch}
    abstract Signal apply(Signal x);

    /// {@return the parameters in the order in which Keras stores them}
    List<Weight> weights() {
        return List.of();
    }

    /// Adds what Keras's configuration says of this kind of layer.
    abstract void describe(Map<String, @Nullable Object> config);

    /// Takes an example's shape from the layer before.
    ///
    /// @return the shape of the result
    final int[] connect(int[] input) {
        int[] output = outputShape(input);
        if (!built) {
            built = true;
            build(input);
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
        connect(Arrays.copyOfRange(extents, 1, extents.length));
        return apply(Signal.of(x)).channelsLast();
    }

    final Map<String, @Nullable Object> config() {
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.put("name", name());
        config.put("trainable", trainable);
        if (declaredInput != null) {
            var shape = new ArrayList<@Nullable Object>();
            shape.add(null);
            for (int extent : declaredInput) shape.add(extent);
            config.put("batch_input_shape", shape);
            config.put("dtype", "float32");
        }
        describe(config);
        return config;
    }

    final String chosenName() {
        return chosenName;
    }

    final int @Nullable [] declaredInput() {
        return declaredInput == null ? null : declaredInput.clone();
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
