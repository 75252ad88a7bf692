package io.webdnn.importer.keras;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the whole models that Keras saves: as HDF5 (`model.save("model.h5")`, all versions), or as
/// an archive (`model.save("model.keras")`, Keras 3).
///
/// ```java
/// Graph graph = KerasImporter.read(Path.of("keras_model.h5")).graph();
/// ```
///
/// Inputs and outputs keep the order of axes that the model has, channels last as a rule. A batch
/// size that the file leaves open becomes the symbol `N`, another such extent a symbol named after
/// input and axis (`input_1.1`).
///
/// The states of stateful layers are inputs and outputs behind the model's own, `lstm_1.state_0`,
/// `[N, units]`: zeros at the first run, then the outputs of the run before.
public final class KerasImporter {
    private final ModelFile file;
    private final String name;
    private final Network network;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Map<String, CustomLayer> custom = new LinkedHashMap<>();

    private KerasImporter(Path path) {
        this.file = ModelFile.read(path);
        this.name = path.getFileName() + "";
        this.network = network(file);
        layers(CustomLayers.onClassPath());
    }

    private static Network network(ModelFile file) {
        var config = LayerConfig.of(file.name(), file.config());
        if (!Network.isModel(config))
            throw config.wrong("model", "a Sequential or a functional Model", config.kind());
        return new Network(config);
    }

    /// Reads a file.
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be read or is no model of Keras
    /// @throws GraphException if its configuration is none
    public static KerasImporter read(Path file) {
        return new KerasImporter(file);
    }

    /// {@return the names of the inputs, in order}
    public List<String> inputs() {
        return network.inputs().stream().map(Network.Declared::name).toList();
    }

    /// Gives an input a shape in the place of the declared one, which it must fit.
    public KerasImporter shape(String input, Shape shape) {
        for (var declared : network.inputs()) {
            if (!declared.name().equals(input)) continue;
            var own = declaredShape(declared);
            boolean fits = own.rank() == shape.rank();
            for (int d = 0; fits && d < own.rank(); d++) {
                fits = !own.get(d).isFixed() || own.get(d).equals(shape.get(d));
            }
            if (!fits) throw GraphException.of(name, "input '" + input + "'", own + "", shape);
            for (var extent : shape.dimensions())
                if (extent.is(0))
                    throw GraphException.of(name, "input '" + input + "'", "extents >= 1", shape);
            shapes.put(input, shape);
            return this;
        }
        throw GraphException.of(name, "input", "one of " + inputs(), "'" + input + "'");
    }

    /// Also takes layers that Keras does not have, or in the place of its own: [CustomLayer]s on
    /// the class path are known without this.
    public KerasImporter layers(Iterable<? extends CustomLayer> more) {
        for (var layer : more) custom.put(layer.kind(), layer);
        return this;
    }

    /// {@return the layers of Keras that are known, by their names}
    public static Set<String> layers() {
        return Layers.names();
    }

    private static Shape declaredShape(Network.Declared declared) {
        var extents = new ArrayList<Dimension>();
        for (var extent : declared.shape()) {
            if (extent != null) extents.add(Dimension.of(extent));
            else if (extents.isEmpty()) extents.add(Dimension.symbol("N"));
            else extents.add(Dimension.symbol(declared.name() + "." + extents.size()));
        }
        return new Shape(extents);
    }

    /// {@return the graph}
    ///
    /// @throws GraphException for what this importer does not take; names layer and argument
    public Graph graph() {
        try {
            var inputs = new ArrayList<Value>();
            for (var declared : network.inputs()) {
                var shape = shapes.getOrDefault(declared.name(), declaredShape(declared));
                var dtype = declared.isText() ? DType.STRING : DType.FLOAT32;
                inputs.add(Value.input(declared.name(), new TensorType(dtype, shape)));
            }
            var version = KerasVersion.of(file.version(), file.backend());
            var context = ImportContext.of(version, custom, this::weights);
            var outputs = new LinkedHashMap<>(network.outputs(inputs, this::weights, context));
            inputs.addAll(context.states().inputs());
            outputs.putAll(context.states().outputs());
            return new Graph(inputs, List.copyOf(outputs.values()), List.copyOf(outputs.keySet()));
        } catch (GraphException e) {
            throw e.at("(" + name + ")");
        }
    }

    private LayerWeights weights(String layer) {
        return new LayerWeights(file.weights().getOrDefault(layer, List.of()));
    }
}
