/// The sealed set of operators, a file for each under its ONNX name, and the five kinds of
/// lowering.
@NullMarked
package io.webdnn.graph.op;

import org.jspecify.annotations.NullMarked;
