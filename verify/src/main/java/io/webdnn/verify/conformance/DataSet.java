package io.webdnn.verify.conformance;

import io.webdnn.graph.Graph;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The files of one run of a model.
public sealed interface DataSet {
    /// {@return the inputs that there are, by name}
    ///
    /// @param names the model's, in its order
    Map<String, Tensor> inputs(List<String> names);

    /// {@return the graph that takes these inputs}
    ///
    /// @throws GraphException for what the importer does not take
    Graph graph(OnnxImporter importer, Map<String, Tensor> inputs);

    /// {@return what the outputs should be}
    ///
    /// @param names the model's, in its order
    List<Tensor> outputs(List<String> names);

    /// {@return how far the outputs of a graph may be from that}
    ///
    /// @param target what the target is held to on a single operator
    Tolerance tolerance(Graph graph, Tolerance target);

    /// Files in the model's order, as the ONNX backend suite has them.
    ///
    /// @param isNetwork whether they are of a whole network, which is given more room
    record Numbered(List<Path> inputs, List<Path> outputs, boolean isNetwork) implements DataSet {
        @Override
        public Map<String, Tensor> inputs(List<String> names) {
            var inputs = new LinkedHashMap<String, Tensor>();
            for (int i = 0; i < Math.min(names.size(), this.inputs.size()); i++)
                inputs.put(names.get(i), OnnxImporter.readTensor(this.inputs.get(i)));
            return inputs;
        }

        @Override
        public Graph graph(OnnxImporter importer, Map<String, Tensor> inputs) {
            return importer.bindWhereNeeded(inputs).graph();
        }

        @Override
        public List<Tensor> outputs(List<String> names) {
            return outputs.stream().map(OnnxImporter::readTensor).toList();
        }

        @Override
        public Tolerance tolerance(Graph graph, Tolerance target) {
            return isNetwork ? Tolerance.ofNetwork(graph) : target;
        }
    }

    /// A directory with `in_NAME.npy` and `out_NAME.npy`, as a run of a whole network in another
    /// runtime left them; in names, what is no letter, digit, dot or dash is an underscore.
    record Named(Path directory) implements DataSet {
        @Override
        public Map<String, Tensor> inputs(List<String> names) {
            var inputs = new LinkedHashMap<String, Tensor>();
            for (var name : names) {
                var file = file("in_", name);
                if (Files.exists(file)) inputs.put(name, Npy.read(file));
            }
            return inputs;
        }

        /// As declared; where a network computes with its extents what is no polynomial of them,
        /// with the shapes that the inputs have.
        @Override
        public Graph graph(OnnxImporter importer, Map<String, Tensor> inputs) {
            try {
                return importer.graph();
            } catch (GraphException e) {
                inputs.forEach((name, tensor) -> importer.shape(name, tensor.toShape()));
                return importer.graph();
            }
        }

        @Override
        public List<Tensor> outputs(List<String> names) {
            return names.stream().map(name -> Npy.read(file("out_", name))).toList();
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
