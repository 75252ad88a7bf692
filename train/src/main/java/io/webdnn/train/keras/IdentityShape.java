package io.webdnn.train.keras;

/// A layer whose results have the shape of its input, step by step.
///
/// @param <S> the kind of layer
public abstract class IdentityShape<S extends IdentityShape<S>> extends FluentLayer<S> {
    IdentityShape() {}

    @Override
    int[] outputShape(int[] input) {
        return input;
    }

    @Override
    Masks masks() {
        return Masks.HANDED_ON;
    }
}
