/// Gradients: from an operator to the operators that compute its adjoint.
@NullMarked
package io.webdnn.graph.gradient;

import org.jspecify.annotations.NullMarked;
