package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.List;
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
        var ends = outputs();
        var before = ends.isEmpty() ? input(layer) : ends.getFirst();
        adopt(layer);
        var results = layer.callAll(List.of(before));
        if (results.size() != 1)
            throw TrainingException.of(toString(), layer + ": outputs", "one", results.size());
        var after = results.getFirst();
        include(after.call());
        replaceEnds(ends.isEmpty() ? before : inputs().getFirst(), after);
        expectBatchSize(layer);
    }

    private static Output input(Layer first) {
        var input = new Input(inputShape(first));
        input.declareBatch(
                first instanceof Model model ? model.batchSize() : first.declaredBatch());
        return input.output();
    }

    private static int[] inputShape(Layer first) {
        var declared = first.declaredInput();
        if (declared != null) return declared;
        if (first instanceof Model model && model.inputs().size() == 1)
            return model.inputs().getFirst().shape();
        throw TrainingException.of(
                first.toString(), "input shape", "one, for the first layer", "none");
    }

    @Override
    String kind() {
        return "Sequential";
    }

    @Override
    Object configuration() {
        return NetworkConfig.row(this);
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.remove("trainable"); // Keras says it of layers that are no models
        config.put("layers", configuration());
    }
}
