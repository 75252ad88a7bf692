package io.webdnn.train.keras;

/// A layer with the settings that every layer has, each of which gives the layer back.
///
/// @param <S> the kind of layer
public abstract class FluentLayer<S extends FluentLayer<S>> extends Layer {
    FluentLayer() {}

    @SuppressWarnings("unchecked") // S is the class itself
    final S self() {
        return (S) this;
    }

    /// Names the layer, in files and messages. Without this it is called after its kind and its
    /// number: `conv2d_1`.
    public final S named(String name) {
        choose(name);
        return self();
    }

    /// Says the shape of an example, without the batch: only the first layer of a model needs it.
    public final S inputShape(int... shape) {
        declare(shape);
        return self();
    }

    /// Says the shape of a batch: how many examples it has, and the shape of each. Layers that keep
    /// states from batch to batch need to know it.
    public final S batchInputShape(int batch, int... shape) {
        declare(shape);
        declareBatch(positive("batch size", batch));
        return self();
    }

    /// Says whether `fit` changes this layer's weights; it does at first. What was compiled before
    /// keeps to what was said then.
    public final S trainable(boolean whether) {
        train(whether);
        return self();
    }
}
