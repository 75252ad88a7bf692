/// Data types, shapes (integers and named symbols) and tensors: the vocabulary of every other
/// module.
@NullMarked
package io.webdnn.tensor;

import org.jspecify.annotations.NullMarked;
