package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads ONNX models: opset 7 to 28, and older ones as far as their operators say the same.
///
/// ```java
/// Graph graph = OnnxImporter.read(Path.of("model.onnx")).graph();
/// ```
///
/// An extent that has a name in the file becomes a symbol of that name, one without a value becomes
/// a symbol named after input and axis (`x.0`). Inputs whose *values* shape the graph (the axes of
/// a reduction) must be constants; [#bind] and [#bindWhereNeeded] make them so.
public final class OnnxImporter {
    private final Path file;
    private final OnnxModel model;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final Map<String, List<TensorType>> elements = new LinkedHashMap<>();
    private final Set<String> absent = new LinkedHashSet<>();
    private final Map<String, Tensor> keys = new LinkedHashMap<>();
    private final Map<String, Tensor> bound = new LinkedHashMap<>();
    private final Map<String, Tensor> offered = new LinkedHashMap<>();

    private OnnxImporter(Path file) {
        this.file = file;
        this.model = OnnxReader.model(file);
    }

    /// Reads a file.
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be read or is no ONNX file
    public static OnnxImporter read(Path file) {
        return new OnnxImporter(file);
    }

    /// {@return the tensor in a file that holds one and nothing else, as the ONNX suite's
    /// `input_0.pb` do}
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be read or is broken
    public static Tensor readTensor(Path file) {
        return OnnxReader.tensor(file).toTensor();
    }

    /// An input as the model declares it.
    ///
    /// @param dtype null if the input is no tensor
    /// @param shape null if the input is no tensor, or one without a declared rank
    /// @param kind what it is if it is no tensor: `a sequence`
    public record Input(String name, @Nullable DType dtype, @Nullable Shape shape, String kind) {}

    /// {@return the inputs that are not initializers, in the order of the file}
    public List<Input> inputs() {
        var inputs = new ArrayList<Input>();
        for (var input : model.graph().inputs()) {
            if (model.graph().initializers().containsKey(input.name())) continue;
            var tensor = input.type() instanceof OnnxType.Of declared ? declared : null;
            inputs.add(
                    new Input(
                            input.name(),
                            tensor == null ? null : tensor.dtype(),
                            tensor == null ? null : tensor.shape(input.name()),
                            input.type().kind()));
        }
        return inputs;
    }

    /// Gives an input a shape in the place of the declared one.
    public OnnxImporter shape(String input, Shape shape) {
        expectInput(input);
        shapes.put(input, shape);
        return this;
    }

    /// Says what an input that is a sequence or an optional holds: it becomes one input of the
    /// graph for each element, called `name.0`, `name.1` ….
    public OnnxImporter elements(String input, List<TensorType> types) {
        expectInput(input);
        elements.put(input, List.copyOf(types));
        return this;
    }

    /// Says what keys an input that is a map has: its values, in this order, become an input of the
    /// graph, of its name. An output that is a map, or a sequence of maps with the same keys, is
    /// its values too: `[keys]` or `[maps, keys]`.
    ///
    /// @param names strings or int64, `[keys]`
    public OnnxImporter keys(String input, Tensor names) {
        expectInput(input);
        if (names.rank() != 1) throw GraphException.of(input, "keys", "a vector", names);
        keys.put(input, names);
        return this;
    }

    /// Says that an optional input holds nothing.
    public OnnxImporter nothing(String input) {
        expectInput(input);
        elements.remove(input);
        absent.add(input);
        return this;
    }

    /// {@return the tensors in a file that holds a value of an input: one, or as many as a sequence
    /// has; null if it is an optional that holds nothing}
    ///
    /// @throws io.webdnn.tensor.file.FileException if it cannot be read or holds anything else
    public @Nullable List<Tensor> readInput(String input, Path from) {
        for (var declared : model.graph().inputs())
            if (declared.name().equals(input)) return contents(from, declared.type());
        throw GraphException.of(file.toString(), "input", "an input", "'" + input + "'");
    }

    /// {@return as [#readInput], for an output}
    public @Nullable List<Tensor> readOutput(int output, Path from) {
        return contents(from, model.graph().outputs().get(output).type());
    }

    private static @Nullable List<Tensor> contents(Path from, OnnxType type) {
        var tensors = OnnxReader.contents(from, type);
        return tensors == null ? null : tensors.stream().map(OnnxTensor::toTensor).toList();
    }

    /// Makes an input a constant, or an element of one (`name.0`).
    public OnnxImporter bind(String input, Tensor value) {
        if (elements.keySet().stream().noneMatch(name -> input.startsWith(name + ".")))
            expectInput(input);
        bound.put(input, value);
        return this;
    }

    /// Makes those of the given inputs constants whose values shape the graph.
    public OnnxImporter bindWhereNeeded(Map<String, Tensor> values) {
        offered.putAll(values);
        return this;
    }

    private void expectInput(String name) {
        var names = inputs().stream().map(Input::name).toList();
        if (!names.contains(name))
            throw GraphException.of(file.toString(), "input", "one of " + names, "'" + name + "'");
    }

    /// {@return the graph; inputs that were bound are not inputs of it}
    ///
    /// @throws GraphException for what this importer does not take; names file, node, operator and
    ///   argument
    public Graph graph() {
        var constants = new LinkedHashMap<>(bound);
        while (true) {
            var given =
                    new Importing.Given(
                            shapes, elements, absent, keys, constants, offered.keySet());
            var importing = new Importing(file.getFileName() + "", model, given);
            try {
                return importing.graph();
            } catch (GraphException e) {
                var needed = importing.needed();
                if (needed.isEmpty() || !offered.keySet().containsAll(needed)) throw e;
                needed.forEach(name -> constants.put(name, give(name)));
            }
        }
    }

    private Tensor give(String name) {
        var value = offered.get(name);
        if (value == null) throw new AssertionError(name);
        return value;
    }

    /// {@return the version of ONNX's own operator set that the model asks for, 0 if it names none}
    public long opset() {
        return model.opsets().getOrDefault("", 0L);
    }

    /// {@return the names of the operators of the model's nodes, those of graphs within nodes and
    /// of functions that the model defines included; of another domain than ONNX's own as
    /// `domain.Name`}
    public Set<String> operatorsUsed() {
        var names = new TreeSet<String>();
        addOperators(model.graph().nodes(), names);
        for (var function : model.functions().values()) addOperators(function.nodes(), names);
        return names;
    }

    private void addOperators(List<OnnxNode> nodes, Set<String> names) {
        for (var node : nodes) {
            if (model.function(node) != null) continue;
            names.add(
                    node.domain().isEmpty()
                            ? node.operator()
                            : node.domain() + "." + node.operator());
            for (var attribute : node.attributes().values())
                if (attribute instanceof OnnxAttribute.GraphValue(var inner))
                    addOperators(inner.nodes(), names);
        }
    }

    /// {@return the names of all operators that this importer reads; of another domain than ONNX's
    /// own as `domain.Name`}
    public static Set<String> operators() {
        return OnnxOperators.names();
    }
}
