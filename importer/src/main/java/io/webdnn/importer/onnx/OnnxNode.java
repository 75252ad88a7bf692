package io.webdnn.importer.onnx;

import io.webdnn.graph.type.GraphException;
import java.util.List;
import java.util.Map;

/// One node of an ONNX graph as the file has it; an input that is not given has the name "".
///
/// @param domain "" for ONNX's own operators
/// @param index the position in its graph
record OnnxNode(
        String operator,
        String domain,
        String name,
        int index,
        List<String> inputs,
        List<String> outputs,
        Map<String, OnnxAttribute> attributes) {
    OnnxNode {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /// {@return this node with other attributes}
    OnnxNode with(Map<String, OnnxAttribute> others) {
        return new OnnxNode(operator, domain, name, index, inputs, outputs, others);
    }

    /// {@return what to call this node in messages and dumps: few exporters leave the outputs
    /// without a name}
    String label() {
        return name.isEmpty() && !outputs.isEmpty() ? outputs.getFirst() : name;
    }

    /// {@return the complaint about an input, output or attribute}
    GraphException wrong(String argument, String expected, Object actual) {
        return GraphException.of(operator, argument, expected, actual).at("'" + label() + "'");
    }

    /// {@return the complaint in a sentence}
    GraphException saying(String sentence) {
        return GraphException.saying(operator, sentence).at("'" + label() + "'");
    }

    /// {@return where the node stands, for messages}
    String place(String file) {
        return "(" + file + ", node " + index + ")";
    }
}
