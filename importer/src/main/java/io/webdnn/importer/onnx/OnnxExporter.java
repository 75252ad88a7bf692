package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxWriter.integer;
import static io.webdnn.importer.onnx.OnnxWriter.integers;
import static io.webdnn.importer.onnx.OnnxWriter.real;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.BatchNormalization;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.GlobalAveragePool;
import io.webdnn.graph.op.Identity;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.Log;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.MaxPool;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.ReduceMin;
import io.webdnn.graph.op.Reduction;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Sub;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Window;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.file.AtomicFile;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Writes a graph as an ONNX file of opset 17, for other runtimes.
///
/// ```java
/// OnnxExporter.write(graph, Path.of("model.onnx"));
/// ```
///
/// It knows the operators of convolutional networks. Inputs and outputs keep their names, symbols
/// become named extents, constants become initializers; values in between get names of their own.
public final class OnnxExporter {
    /// The newest in which a reduction's axes are an attribute, as every runtime reads them.
    private static final int OPSET = 17;

    private static final int IR_VERSION = 8;

    private final Graph graph;
    private final List<Fields> fields = new ArrayList<>();
    private final IdentityHashMap<Value, String> names = new IdentityHashMap<>();
    private final Set<String> taken = new HashSet<>();

    private OnnxExporter(Graph graph) {
        this.graph = graph;
    }

    /// Writes a file; it is whole, or not there.
    ///
    /// @throws GraphException for an operator, or a form of one, that is not written; names the
    ///   node
    /// @throws FileException if the file cannot be written
    public static void write(Graph graph, Path file) {
        var content = bytes(graph);
        try {
            AtomicFile.write(file, content);
        } catch (IOException e) {
            throw FileException.writing(file, e);
        }
    }

    /// {@return the content of the file}
    ///
    /// @throws GraphException for an operator, or a form of one, that is not written; names the
    ///   node
    public static byte[] bytes(Graph graph) {
        var content = new OnnxExporter(graph).graph();
        return OnnxWriter.bytes(model -> {
            model.writeInt64(1, IR_VERSION);
            model.writeString(2, "webdnn");
            model.writeByteArray(7, content);
            model.writeByteArray(8, OnnxWriter.bytes(opset -> opset.writeInt64(2, OPSET)));
        });
    }

    private byte[] graph() {
        for (var input : graph.inputs()) name(input, input.name());
        taken.addAll(graph.outputNames());
        var again = new ArrayList<Integer>(); // outputs whose value has another name already
        for (int i = 0; i < graph.outputs().size(); i++) {
            var output = graph.outputs().get(i);
            if (output.producer() == null || names.containsKey(output)) again.add(i);
            else names.put(output, graph.outputNames().get(i));
        }
        for (var node : graph.nodes()) node(node);
        for (int i : again) {
            var from = nameOf(graph.outputs().get(i));
            var to = graph.outputNames().get(i);
            fields.add(out ->
                    out.writeByteArray(
                            1,
                            OnnxWriter.node(
                                    "", "Identity", List.of(from), List.of(to), List.of())));
        }
        return OnnxWriter.bytes(out -> {
            for (var field : fields) field.writeTo(out);
            out.writeString(2, "webdnn");
            for (var input : graph.inputs())
                out.writeByteArray(11, OnnxWriter.value(nameOf(input), input.type()));
            for (int i = 0; i < graph.outputs().size(); i++) {
                var type = graph.outputs().get(i).type();
                out.writeByteArray(12, OnnxWriter.value(graph.outputNames().get(i), type));
            }
        });
    }

    private void name(Value value, String name) {
        names.put(value, name);
        taken.add(name);
    }

    /// {@return the name of a value; a constant becomes an initializer with its first use}
    private String nameOf(Value value) {
        if (value.isAbsent()) return "";
        var known = names.get(value);
        if (known != null) return known;
        var wish = value.name().isEmpty() ? "constant" : value.name();
        var name = wish;
        for (int i = 1; taken.contains(name); i++) name = wish + "_" + i;
        name(value, name);
        var constant = value.constant();
        if (constant != null) {
            var tensor = OnnxWriter.tensor(name, constant);
            fields.add(out -> out.writeByteArray(5, tensor));
        }
        return name;
    }

    private void node(Node node) {
        var inputs = new ArrayList<Value>(node.inputs());
        var attributes = attributes(node, inputs);
        var in = new ArrayList<String>(inputs.stream().map(this::nameOf).toList());
        while (!in.isEmpty() && in.getLast().isEmpty()) in.removeLast();
        var out = node.outputs().stream().map(this::nameOf).toList();
        var bytes = OnnxWriter.node(node.name(), node.op().name(), in, out, attributes);
        fields.add(to -> to.writeByteArray(1, bytes));
    }

    /// {@return the attributes of an operator; operands that opset 17 has as attributes leave the
    /// inputs}
    private static List<Fields> attributes(Node node, List<Value> inputs) {
        return switch (node.op()) {
            case Conv(var windows, int group) ->
                    windows(node, windows, kernel(node), true, integer("group", group));
            case MaxPool(var kernel, var windows, boolean up, boolean columnMajor, _) ->
                    windows(
                            node,
                            windows,
                            kernel,
                            true,
                            integer("ceil_mode", up ? 1 : 0),
                            integer("storage_order", columnMajor ? 1 : 0));
            case AveragePool(var kernel, var windows, boolean up, boolean countPads) ->
                    windows(
                            node,
                            windows,
                            kernel,
                            false,
                            integer("ceil_mode", up ? 1 : 0),
                            integer("count_include_pad", countPads ? 1 : 0));
            case Gemm(float alpha, float beta, boolean transA, boolean transB) ->
                    List.of(
                            real("alpha", alpha),
                            real("beta", beta),
                            integer("transA", transA ? 1 : 0),
                            integer("transB", transB ? 1 : 0));
            case BatchNormalization(float epsilon) -> List.of(real("epsilon", epsilon));
            case LeakyRelu(float alpha) -> List.of(real("alpha", alpha));
            case Softmax(int axis) -> List.of(integer("axis", axis));
            case Concat(int axis) -> List.of(integer("axis", axis));
            case Flatten(int axis) -> List.of(integer("axis", axis));
            case Reshape(boolean allowzero) -> List.of(integer("allowzero", allowzero ? 1 : 0));
            case Transpose(var permutation) ->
                    List.of(integers("perm", permutation.stream().mapToLong(p -> p).toArray()));
            case ReduceMean mean -> axes(node, mean, inputs);
            case ReduceMax max -> axes(node, max, inputs);
            case ReduceMin min -> axes(node, min, inputs);
            case Abs _,
                    Add _,
                    Clip _,
                    Div _,
                    Exp _,
                    GlobalAveragePool _,
                    Identity _,
                    Log _,
                    MatMul _,
                    Max _,
                    Min _,
                    Mul _,
                    Neg _,
                    Relu _,
                    Sigmoid _,
                    Sqrt _,
                    Sub _,
                    Tanh _ ->
                    List.of();
            case Op other ->
                    throw wrong(node, "operator", "one of convolutional networks", other.name());
        };
    }

    private static GraphException wrong(Node node, String what, Object expected, Object actual) {
        var failure =
                GraphException.of(
                        "ONNX export: " + node.op().name(), what, String.valueOf(expected), actual);
        return node.name().isEmpty() ? failure : failure.at("'" + node.name() + "'");
    }

    private static List<Integer> kernel(Node node) {
        var shape = node.input(1).type().shape();
        return IntStream.range(2, shape.rank()).mapToObj(shape::size).toList();
    }

    /// {@return the attributes of windows, and others behind them}
    private static List<Fields> windows(
            Node node,
            List<Window> windows,
            List<Integer> kernel,
            boolean dilates,
            Fields... others) {
        var attributes = new ArrayList<Fields>();
        attributes.add(integers("kernel_shape", kernel.stream().mapToLong(k -> k).toArray()));
        attributes.add(integers("strides", windows.stream().mapToLong(Window::stride).toArray()));
        var begin = windows.stream().mapToLong(Window::padBegin);
        var end = windows.stream().mapToLong(Window::padEnd);
        attributes.add(integers("pads", LongStream.concat(begin, end).toArray()));
        var dilations = windows.stream().mapToLong(Window::dilation).toArray();
        if (dilates) attributes.add(integers("dilations", dilations));
        else if (windows.stream().anyMatch(w -> w.dilation() != 1))
            throw wrong(node, "dilation", "1, as opset " + OPSET + " has it", windows);
        attributes.addAll(List.of(others));
        return attributes;
    }

    private static List<Fields> axes(Node node, Reduction reduction, List<Value> inputs) {
        var axes = reduction.axes(node.operands()).stream().mapToLong(a -> a).toArray();
        if (axes.length == 0)
            throw wrong(node, "axes", "some, as opset " + OPSET + " has no other form", "none");
        inputs.subList(1, inputs.size()).clear();
        return List.of(integers("axes", axes), integer("keepdims", reduction.keepdims() ? 1 : 0));
    }
}
