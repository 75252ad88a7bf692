package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The states of stateful layers: inputs of the graph, and outputs of the same names that hold what
/// goes into them at the next run.
final class States {
    private final Map<String, Value> before = new LinkedHashMap<>();
    private final Map<String, Value> after = new LinkedHashMap<>();

    /// {@return the states of a layer as the run before left them}
    ///
    /// @throws GraphException if the layer was asked before; which of its calls comes first is not
    ///   said by a model
    List<Value> before(LayerConfig layer, int count, Shape shape) {
        var states = new ArrayList<Value>();
        for (int i = 0; i < count; i++) {
            var name = name(layer, i);
            var state = Value.input(name, new TensorType(DType.FLOAT32, shape));
            if (before.put(name, state) != null)
                throw layer.wrong("stateful", "one call of the layer", "another");
            states.add(state);
        }
        return states;
    }

    /// Notes the states of a layer as this run leaves them.
    void after(LayerConfig layer, List<Value> states) {
        for (int i = 0; i < states.size(); i++) after.put(name(layer, i), states.get(i));
    }

    private static String name(LayerConfig layer, int number) {
        return layer.name() + ".state_" + number;
    }

    /// {@return the inputs that the states of all layers are}
    List<Value> inputs() {
        return List.copyOf(before.values());
    }

    /// {@return the outputs, in the order of the inputs}
    Map<String, Value> outputs() {
        var outputs = new LinkedHashMap<String, Value>();
        for (var name : before.keySet()) {
            var state = after.get(name);
            if (state == null) throw new IllegalStateException(name + " is never set");
            outputs.put(name, state);
        }
        return outputs;
    }
}
