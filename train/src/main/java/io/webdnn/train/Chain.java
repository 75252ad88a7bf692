package io.webdnn.train;

/// A link that is made of others.
///
/// ```java
/// final class Digits extends Chain {
///     final Convolution2D conv = link("conv", new Convolution2D(32, 3));
///     final Linear fc = link("fc", new Linear(10));
///
///     @Override
///     public Variable call(Variable x) {
///         return fc.call(F.maxPooling2d(F.relu(conv.call(x)), 2));
///     }
/// }
/// ```
public abstract class Chain extends Link {
    /// For subclasses.
    protected Chain() {}

    /// Makes a link part of this chain.
    ///
    /// @param name the name in paths, as in `conv/W`
    /// @return the link
    protected final <L extends Link> L link(String name, L link) {
        child(name, link);
        return link;
    }
}
