package io.webdnn.train.optimizer;

import io.webdnn.train.Variable;

/// What an optimizer makes smaller.
@FunctionalInterface
public interface Loss {
    /// {@return the loss for examples and their labels, a scalar}
    Variable call(Variable x, Variable t);
}
