package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.importer.keras.Layers.Layer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The table of operations that functional models call on tensors: TensorFlow's functions, which
/// Keras 2 wraps in layers (`tf.nn.relu(x)`, `x + 1`), and the operations of Keras 3 (`ops.relu`).
///
/// A name stands for both: `nn.leaky_relu` and `LeakyRelu` are one row.
final class Operations {
    /// The layers in which Keras 2 wraps functions of TensorFlow.
    static final Set<String> OF_TENSORFLOW =
            Set.of("TFOpLambda", "SlicingOpLambda", RawOperations.KIND);

    /// Where TensorFlow has the functions of the table; others (`sparse.add`) are not meant.
    private static final Set<String> MODULES =
            Set.of("", "math", "nn", "linalg", "image", "__operators__", "keras.activations");

    private static final String WAY_OUT =
            " that is known here (write it as a class of a layer, and a CustomLayer for that)";

    /// What becomes of a call.
    @FunctionalInterface
    interface Operation {
        /// {@return the first output; [LayerCall#alsoGive] gives others}
        Value translate(OperationCall call);
    }

    private static final Map<String, Operation> TABLE = table();

    private Operations() {}

    private static Map<String, Operation> table() {
        var table = new TreeMap<String, Operation>();
        ElementOperations.addTo(table);
        MatrixOperations.addTo(table);
        ReductionOperations.addTo(table);
        ShapeOperations.addTo(table);
        return table;
    }

    /// Adds an operation.
    ///
    /// @param names all that it is called, with spaces between
    static void put(Map<String, Operation> table, String names, Operation operation) {
        for (var name : names.split(" ", -1)) {
            if (table.put(key(name), operation) != null) throw new IllegalArgumentException(name);
        }
    }

    /// {@return `leakyrelu` for both `leaky_relu` and `LeakyRelu`}
    private static String key(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /// {@return the translation of a call, null if this is no known operation of Keras 3, and the
    /// file does not say that it is one}
    static @Nullable Layer translation(LayerCall call) {
        var config = call.config();
        boolean isOfTensorFlow = OF_TENSORFLOW.contains(config.kind());
        var raw = config.kind().equals(RawOperations.KIND) ? RawOperations.of(call) : null;
        var said = isOfTensorFlow ? config.text("function", "") : config.kind();
        var name = raw == null ? said : raw.name();
        var own = raw != null ? raw.function() : isOfTensorFlow ? ownName(name) : name;
        var arguments = raw == null ? call.arguments() : raw.arguments();
        var operation = own == null ? null : TABLE.get(key(own));
        if (operation != null)
            return _ -> {
                var operationCall = new OperationCall(call, name, arguments);
                var output = operation.translate(operationCall);
                operationCall.ignore("name");
                config.ignoreNulls();
                operationCall.expectNoOther();
                return output;
            };
        if (!config.isOperation()) return null;
        throw config.wrong(
                "operation",
                (isOfTensorFlow ? "a function of TensorFlow" : "an operation of Keras") + WAY_OUT,
                "'" + name + "'");
    }

    /// {@return `relu` for `nn.relu`, null for a name from elsewhere}
    private static @Nullable String ownName(String name) {
        var later = name.startsWith("compat.v1.") ? name.substring("compat.v1.".length()) : name;
        int dot = later.lastIndexOf('.');
        var module = dot < 0 ? "" : later.substring(0, dot);
        return MODULES.contains(module) ? later.substring(dot + 1) : null;
    }
}
