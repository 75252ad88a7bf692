/// Conformance: cases laid out as the ONNX backend suite lays them out, run on each target.
@NullMarked
package io.webdnn.verify.conformance;

import org.jspecify.annotations.NullMarked;
