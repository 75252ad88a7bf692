/// Packing of weights into the layout that a kernel reads, and their encodings.
@NullMarked
package io.webdnn.compiler.weights;

import org.jspecify.annotations.NullMarked;
