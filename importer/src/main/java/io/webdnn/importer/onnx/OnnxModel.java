package io.webdnn.importer.onnx;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A model as the file has it.
///
/// @param opsets the version of the operator set of each domain; ONNX's own is ""
/// @param functions by domain, name and, where there is one, overload, joined by `:`
record OnnxModel(Map<String, Long> opsets, OnnxGraph graph, Map<String, Function> functions) {
    /// {@return what the model itself says a node's operator is, or null if it says nothing}
    @Nullable Function function(OnnxNode node) {
        return functions.get(node.domain() + ":" + node.operator());
    }

    /// An operator that the model itself defines.
    ///
    /// @param attributes the names of those without a default
    /// @param opsets the versions that its nodes speak of
    record Function(
            List<String> inputs,
            List<String> outputs,
            List<String> attributes,
            Map<String, OnnxAttribute> defaults,
            List<OnnxNode> nodes,
            Map<String, Long> opsets) {}
}
