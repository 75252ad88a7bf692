package io.webdnn.verify.conformance;

import io.webdnn.graph.Graph;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The files of one run of a model.
public sealed interface DataSet {
    /// {@return the tensors that there are, by the names that the graph will have for them}
    ///
    /// @param importer is told what sequences and optionals hold
    Map<String, Tensor> inputs(OnnxImporter importer);

    /// {@return the graph that takes these inputs}
    ///
    /// @throws GraphException for what the importer does not take
    Graph graph(OnnxImporter importer, Map<String, Tensor> inputs);

    /// {@return what the outputs of the graph should be}
    List<Tensor> outputs(OnnxImporter importer, Graph graph);

    /// {@return how far the outputs of a graph may be from that}
    ///
    /// @param target what the target is held to on a single operator
    Tolerance tolerance(Graph graph, Tolerance target);

    /// Files in the model's order, as the ONNX backend suite has them.
    ///
    /// @param isNetwork whether they are of a whole network, which is given more room
    record Numbered(List<Path> inputs, List<Path> outputs, boolean isNetwork) implements DataSet {
        @Override
        public Map<String, Tensor> inputs(OnnxImporter importer) {
            var inputs = new LinkedHashMap<String, Tensor>();
            var declared = importer.inputs();
            boolean isWhole = declared.stream().allMatch(input -> input.dtype() != null);
            for (int i = 0; i < Math.min(declared.size(), this.inputs.size()); i++) {
                var name = declared.get(i).name();
                var tensors = importer.readInput(name, this.inputs.get(i));
                if (tensors == null) {
                    importer.nothing(name);
                } else if (declared.get(i).dtype() != null) {
                    inputs.put(name, tensors.getFirst());
                    // elements have the shapes that they have, so symbols would not meet them
                    if (!isWhole) importer.shape(name, tensors.getFirst().toShape());
                } else {
                    var types = tensors.stream().map(t -> new TensorType(t.dtype(), t.toShape()));
                    importer.elements(name, types.toList());
                    for (int e = 0; e < tensors.size(); e++)
                        inputs.put(name + "." + e, tensors.get(e));
                }
            }
            return inputs;
        }

        @Override
        public Graph graph(OnnxImporter importer, Map<String, Tensor> inputs) {
            return importer.bindWhereNeeded(inputs).graph();
        }

        @Override
        public List<Tensor> outputs(OnnxImporter importer, Graph graph) {
            var tensors = new ArrayList<Tensor>();
            for (int i = 0; i < outputs.size(); i++) {
                var output = importer.readOutput(i, outputs.get(i));
                if (output != null) tensors.addAll(output);
            }
            return tensors;
        }

        @Override
        public Tolerance tolerance(Graph graph, Tolerance target) {
            return isNetwork ? Tolerance.ofNetwork(graph) : target;
        }
    }

    /// What a network gives for inputs that rise evenly from 0 to 1, element by element, as the
    /// runner of the ONNX backend suite makes them for its networks with constant weights.
    record Ramp(Numbered files) implements DataSet {
        @Override
        public Map<String, Tensor> inputs(OnnxImporter importer) {
            var inputs = new LinkedHashMap<String, Tensor>();
            for (var input : importer.inputs()) {
                if (input.dtype() != DType.FLOAT32 || input.shape() == null)
                    throw GraphException.of(
                            input.name(), "dtype", "a float32 tensor", input.kind());
                var extents = input.shape().dimensions().stream().mapToInt(d -> (int) d.valueAt(1));
                var tensor = Tensor.zeros(DType.FLOAT32, extents.toArray());
                int size = tensor.size();
                for (int i = 0; i < size; i++) tensor.floats()[i] = (float) ((double) i / size);
                inputs.put(input.name(), tensor);
            }
            return inputs;
        }

        @Override
        public Graph graph(OnnxImporter importer, Map<String, Tensor> inputs) {
            return files.graph(importer, inputs);
        }

        @Override
        public List<Tensor> outputs(OnnxImporter importer, Graph graph) {
            return files.outputs(importer, graph);
        }

        @Override
        public Tolerance tolerance(Graph graph, Tolerance target) {
            return files.tolerance(graph, target);
        }
    }

    /// A directory with `in_NAME.npy` and `out_NAME.npy`, as a run of a whole network in another
    /// runtime left them; in names, what is no letter, digit, dot or dash is an underscore.
    record Named(Path directory) implements DataSet {
        @Override
        public Map<String, Tensor> inputs(OnnxImporter importer) {
            var inputs = new LinkedHashMap<String, Tensor>();
            for (var input : importer.inputs()) {
                var file = file("in_", input.name());
                if (Files.exists(file)) inputs.put(input.name(), Npy.read(file));
            }
            return inputs;
        }

        /// As declared: symbols are bound by the inputs of a run.
        @Override
        public Graph graph(OnnxImporter importer, Map<String, Tensor> inputs) {
            return importer.graph();
        }

        @Override
        public List<Tensor> outputs(OnnxImporter importer, Graph graph) {
            return graph.outputNames().stream().map(name -> Npy.read(file("out_", name))).toList();
        }

        private Path file(String prefix, String name) {
            return directory.resolve(prefix + name.replaceAll("[^A-Za-z0-9_.-]", "_") + ".npy");
        }

        @Override
        public Tolerance tolerance(Graph graph, Tolerance target) {
            return Tolerance.ofNetwork(graph);
        }
    }
}
