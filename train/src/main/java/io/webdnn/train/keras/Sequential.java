package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Layers in a row, each of which takes what the one before gives.
///
/// ```java
/// var model = new Sequential(
///         new Conv2D(8, 3).activation("relu").inputShape(28, 28, 1),
///         new MaxPooling2D(2), new Flatten(),
///         new Dense(10).activation("softmax"));
/// model.compile(new RMSprop(), "categorical_crossentropy", List.of("accuracy"));
/// model.fit(x, y, Fit.batchSize(128).epochs(2).validationData(xTest, yTest));
/// model.save(Path.of("keras_model.h5"));
/// ```
public final class Sequential extends Model {
    private final List<Layer> layers = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private int @Nullable [] input;
    private int[] output = {};

    /// A model of these layers.
    ///
    /// @throws TrainingException if one does not fit behind the one before
    public Sequential(Layer... layers) {
        for (var layer : layers) add(layer);
    }

    /// Adds a layer behind the others.
    ///
    /// @throws TrainingException if it does not fit
    public void add(Layer layer) {
        if (isCompiled())
            throw TrainingException.saying(toString(), "add: expected before compile");
        var first = layer.declaredInput();
        if (input == null) {
            if (first == null) {
                throw TrainingException.of(
                        layer.toString(), "input shape", "one, for the first layer", "none");
            }
            input = first;
            output = first;
        }
        var chosen = layer.name().isEmpty() ? layer.chosenName() : layer.name();
        link(chosen.isEmpty() ? automaticName(layer) : chosen, layer);
        output = layer.connect(output);
        layers.add(layer);
    }

    /// {@return Keras's name for a layer without one, such as `max_pooling2d_1`}
    private String automaticName(Layer layer) {
        var kind =
                layer.kind()
                        .replaceAll("(.)([A-Z][a-z0-9]+)", "$1_$2")
                        .replaceAll("([a-z])([A-Z])", "$1_$2")
                        .toLowerCase(Locale.ROOT);
        String name;
        do {
            name = kind + "_" + counts.merge(kind, 1, Integer::sum);
        } while (children().containsKey(name));
        return name;
    }

    @Override
    public List<Layer> layers() {
        return Collections.unmodifiableList(layers);
    }

    private int[] input() {
        if (input == null) throw TrainingException.of(toString(), "layers", "one or more", 0);
        return input;
    }

    @Override
    int[] inputExtents() {
        return input().clone();
    }

    @Override
    int[] outputExtents() {
        input();
        return output.clone();
    }

    @Override
    int[] outputShape(int[] given) {
        int[] shape = given;
        for (var layer : layers) shape = layer.outputShape(shape);
        return shape;
    }

    @Override
    Signal apply(Signal x) {
        var y = x;
        for (var layer : layers) y = layer.apply(y);
        return y;
    }

    @Override
    List<Weight> weights() {
        return layers.stream().flatMap(layer -> layer.weights().stream()).toList();
    }

    @Override
    Object configuration() {
        var all = new ArrayList<Map<String, Object>>();
        for (var layer : layers) {
            var entry = new LinkedHashMap<String, Object>();
            entry.put("class_name", layer.kind());
            entry.put("config", layer.config());
            all.add(entry);
        }
        return all;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("layers", configuration());
    }
}
