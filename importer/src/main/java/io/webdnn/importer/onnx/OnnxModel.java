package io.webdnn.importer.onnx;

import java.util.List;
import java.util.Map;

/// A model as the file has it.
///
/// @param opsets the version of the operator set of each domain; ONNX's own is ""
/// @param functions by domain, name and, where there is one, overload, joined by `:`
record OnnxModel(Map<String, Long> opsets, OnnxGraph graph, Map<String, Function> functions) {
    /// An operator that the model itself defines.
    record Function(
            List<String> inputs,
            List<String> outputs,
            Map<String, OnnxAttribute> defaults,
            List<OnnxNode> nodes,
            Map<String, Long> opsets) {}
}
