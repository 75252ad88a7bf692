package io.webdnn.importer.onnx;

import java.util.List;
import java.util.Map;

/// A graph as the file has it.
///
/// @param initializers in the order of the file
record OnnxGraph(
        List<OnnxNode> nodes,
        Map<String, OnnxTensor> initializers,
        List<Named> inputs,
        List<Named> outputs) {
    /// A value with its declared type.
    record Named(String name, OnnxType type) {}
}
