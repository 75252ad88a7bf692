package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The operators that are read: name to translation, family by family.
final class OnnxOperators {
    /// How a node of one operator becomes nodes of the graph.
    @FunctionalInterface
    interface Operator {
        /// {@return the node's outputs; trailing ones that nobody wants may be left out}
        List<Value> translate(Translation node);
    }

    /// As [Operator], for one output.
    @FunctionalInterface
    interface Single {
        Value translate(Translation node);
    }

    private static final Map<String, Operator> TABLE = table();

    private OnnxOperators() {}

    private static Map<String, Operator> table() {
        var table = new HashMap<String, Operator>();
        ActivationOperators.addTo(table);
        AttentionOperators.addTo(table);
        ControlFlow.addTo(table);
        ElementwiseOperators.addTo(table);
        IndexOperators.addTo(table);
        NormalizationOperators.addTo(table);
        PlacementOperators.addTo(table);
        QuantizationOperators.addTo(table);
        RandomOperators.addTo(table);
        MachineLearningOperators.addTo(table);
        RecurrentOperators.addTo(table);
        TrainingOperators.addTo(table);
        SequenceOperators.addTo(table);
        ReductionOperators.addTo(table);
        SignalOperators.addTo(table);
        LayoutOperators.addTo(table);
        TextOperators.addTo(table);
        WindowOperators.addTo(table);
        NetworkOperators.addTo(table);
        return Map.copyOf(table);
    }

    static Operator single(Single single) {
        return node -> List.of(single.translate(node));
    }

    static Operator find(OnnxNode node) {
        var operator =
                node.domain().equals(MicrosoftOperators.DOMAIN)
                        ? MicrosoftOperators.TABLE.get(node.operator())
                        : TABLE.get(key(node.domain(), node.operator()));
        if (operator == null) {
            throw node.saying(
                    "unknown operator"
                            + (node.domain().isEmpty() ? "" : " of domain " + node.domain()));
        }
        return operator;
    }

    /// {@return how the table calls an operator: by its name alone if it is of ONNX's own domain}
    private static String key(String domain, String operator) {
        return domain.isEmpty() ? operator : domain + ":" + operator;
    }

    static Set<String> names() {
        var names = new TreeSet<String>();
        for (var name : TABLE.keySet()) names.add(name.replace(':', '.'));
        for (var name : MicrosoftOperators.TABLE.keySet())
            names.add(MicrosoftOperators.DOMAIN + "." + name);
        return names;
    }
}
