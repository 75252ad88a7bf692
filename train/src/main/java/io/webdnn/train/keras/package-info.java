/// Networks as Keras's users write them: layers in a row, `compile`, `fit`, `evaluate`, `save`.
///
/// A thin layer over links, variables and optimizers: a step of `fit` is the same compiled program
/// as any other. Arrays are in Keras's order, channels last.
@NullMarked
package io.webdnn.train.keras;

import org.jspecify.annotations.NullMarked;
