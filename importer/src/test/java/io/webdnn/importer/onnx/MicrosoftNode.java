package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Runs one node of the domain `com.microsoft` on the interpreter.
final class MicrosoftNode {
    /// The place of an input that is not given.
    static final Tensor ABSENT = Tensor.zeros(DType.BOOL, 0);

    private MicrosoftNode() {}

    /// {@return the outputs of one node on its inputs}
    static List<Tensor> run(
            Path directory, String operator, List<Tensor> inputs, int outputs, Fields... of) {
        var results = new ArrayList<String>();
        for (int i = 0; i < outputs; i++) results.add("y" + i);
        return run(directory, operator, inputs, results, of);
    }

    /// {@return the outputs of one node that have a name}
    static List<Tensor> run(
            Path directory,
            String operator,
            List<Tensor> inputs,
            List<String> results,
            Fields... attributes) {
        return Interpreter.run(graph(directory, operator, inputs, results, attributes), List.of());
    }

    /// {@return the graph of one node}
    static Graph graph(
            Path directory,
            String operator,
            List<Tensor> inputs,
            List<String> results,
            Fields... attributes) {
        var model = new ModelFile();
        var names = new ArrayList<String>();
        for (var input : inputs) {
            names.add(input.size() == 0 ? "" : "x" + names.size());
            if (input.size() > 0) model.initializer(names.getLast(), input);
        }
        model.nodeOf("com.microsoft", operator, "n", names, results, attributes);
        results.stream().filter(name -> !name.isEmpty()).forEach(model::output);
        return OnnxImporter.read(model.write(directory)).graph();
    }

    /// {@return random float32 numbers in `−1 … 1`}
    static Tensor random(long seed, int... shape) {
        var random = new RandomStream(seed, 7);
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, random.nextDouble(-1, 1));
        return tensor;
    }

    /// {@return random integers of a dtype in `low … high − 1`}
    static Tensor whole(long seed, DType dtype, int low, int high, int... shape) {
        var random = new RandomStream(seed, 7);
        var tensor = Tensor.zeros(dtype, shape);
        for (int i = 0; i < tensor.size(); i++)
            tensor.setLong(i, (long) Math.floor(random.nextDouble(low, high)));
        return tensor;
    }
}
