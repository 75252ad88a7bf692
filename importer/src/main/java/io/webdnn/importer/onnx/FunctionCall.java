package io.webdnn.importer.onnx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A node whose operator the model itself defines: the nodes that stand for it.
///
/// A reference to an attribute of the function becomes what the calling node gives for it, else the
/// function's default; where there is neither, the node in the function has no such attribute.
///
/// Source: ONNX IR specification, `FunctionProto`.
final class FunctionCall {
    private final Map<String, OnnxAttribute> given;

    private FunctionCall(Map<String, OnnxAttribute> given) {
        this.given = given;
    }

    /// {@return the function's nodes as a call means them}
    ///
    /// @throws io.webdnn.graph.type.GraphException if the call has attributes, inputs or outputs
    ///   that the function has not
    static List<OnnxNode> nodes(OnnxNode call, OnnxModel.Function function) {
        if (call.inputs().size() > function.inputs().size())
            throw call.wrong("inputs", "at most " + function.inputs().size(), call.inputs().size());
        if (call.outputs().size() > function.outputs().size())
            throw call.wrong(
                    "outputs", "at most " + function.outputs().size(), call.outputs().size());
        for (var name : call.attributes().keySet().stream().sorted().toList()) {
            if (!function.attributes().contains(name) && !function.defaults().containsKey(name))
                throw call.wrong(
                        "attribute '" + name + "'", "one that the function declares", "another");
        }
        var given = new LinkedHashMap<>(function.defaults());
        given.putAll(call.attributes());
        return new FunctionCall(given).bound(function.nodes());
    }

    private List<OnnxNode> bound(List<OnnxNode> nodes) {
        return nodes.stream().map(this::bound).toList();
    }

    private OnnxNode bound(OnnxNode node) {
        var attributes = new LinkedHashMap<String, OnnxAttribute>();
        node.attributes()
                .forEach((name, attribute) -> {
                    switch (attribute) {
                        case OnnxAttribute.Reference(var of) -> {
                            var value = given.get(of);
                            if (value != null) attributes.put(name, value);
                        }
                        case OnnxAttribute.GraphValue(var graph) ->
                                attributes.put(name, new OnnxAttribute.GraphValue(bound(graph)));
                        default -> attributes.put(name, attribute);
                    }
                });
        return node.with(attributes);
    }

    private OnnxGraph bound(OnnxGraph graph) {
        return new OnnxGraph(
                bound(graph.nodes()), graph.initializers(), graph.inputs(), graph.outputs());
    }
}
