package io.webdnn.importer.onnx;

import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Writes small ONNX files, field by field, for tests of the reader.
final class ModelFile {
    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
    private final Map<String, Long> domains = new TreeMap<>();
    private final List<byte[]> functions = new ArrayList<>();
    private long opset = 17;

    private ModelFile field(int number, Fields fields) {
        return field(number, OnnxWriter.bytes(fields));
    }

    private ModelFile field(int number, byte[] message) {
        graph.writeBytes(OnnxWriter.bytes(out -> out.writeByteArray(number, message)));
        return this;
    }

    ModelFile opset(long version) {
        opset = version;
        return this;
    }

    /// The version of another domain's operators than ONNX's own.
    ModelFile opset(String domain, long version) {
        domains.put(domain, version);
        return this;
    }

    /// An operator that the model itself defines.
    ModelFile function(Fields function) {
        functions.add(OnnxWriter.bytes(function));
        return this;
    }

    /// A float32 input; an extent is a number, a name, or "" for neither.
    ModelFile input(String name, String... extents) {
        return field(11, value(name, 1, extents));
    }

    ModelFile integers(String name, String... extents) {
        return field(11, value(name, 7, extents));
    }

    ModelFile input(String name, TensorType type) {
        return field(11, OnnxWriter.value(name, type));
    }

    /// An input that is a map.
    ModelFile map(String name, DType key, DType value) {
        var tensor = OnnxWriter.bytes(it -> it.writeInt32(1, OnnxReader.code(value)));
        var element = OnnxWriter.bytes(it -> it.writeByteArray(1, tensor));
        var map =
                OnnxWriter.bytes(it -> {
                    it.writeInt32(1, OnnxReader.code(key));
                    it.writeByteArray(2, element);
                });
        return field(
                11,
                out -> {
                    out.writeString(1, name);
                    out.writeByteArray(2, OnnxWriter.bytes(it -> it.writeByteArray(5, map)));
                });
    }

    ModelFile output(String name) {
        return field(12, value(name, 1));
    }

    private static Fields value(String name, int dtype, String... extents) {
        var shape =
                OnnxWriter.bytes(out -> {
                    for (var extent : extents) {
                        out.writeByteArray(
                                1,
                                OnnxWriter.bytes(d -> {
                                    if (extent.matches("\\d+"))
                                        d.writeInt64(1, Long.parseLong(extent));
                                    else if (!extent.isEmpty()) d.writeString(2, extent);
                                }));
                    }
                });
        var tensor =
                OnnxWriter.bytes(out -> {
                    out.writeInt32(1, dtype);
                    out.writeByteArray(2, shape);
                });
        return out -> {
            out.writeString(1, name);
            out.writeByteArray(2, OnnxWriter.bytes(type -> type.writeByteArray(1, tensor)));
        };
    }

    ModelFile initializer(String name, Fields tensor) {
        return field(
                5,
                out -> {
                    out.writeString(8, name);
                    tensor.writeTo(out);
                });
    }

    /// An initializer of which only some elements are there.
    ModelFile sparse(Fields tensor) {
        return field(15, tensor);
    }

    ModelFile initializer(String name, Tensor tensor) {
        return field(5, OnnxWriter.tensor(name, tensor));
    }

    /// A node; each attribute is written by a function below.
    ModelFile node(
            String operator,
            String name,
            List<String> inputs,
            List<String> outputs,
            Fields... attributes) {
        return field(1, OnnxWriter.node(name, operator, inputs, outputs, List.of(attributes)));
    }

    /// {@return an attribute that is a graph: a branch, or the body of a loop}
    static Fields graph(
            String name, List<String> inputs, List<byte[]> nodes, List<String> outputs) {
        return out -> {
            out.writeString(1, name);
            out.writeByteArray(
                    6,
                    OnnxWriter.bytes(graph -> {
                        for (var node : nodes) graph.writeByteArray(1, node);
                        for (var input : inputs)
                            graph.writeByteArray(
                                    11, OnnxWriter.bytes(it -> it.writeString(1, input)));
                        for (var output : outputs)
                            graph.writeByteArray(
                                    12, OnnxWriter.bytes(it -> it.writeString(1, output)));
                    }));
            out.writeInt32(20, 5);
        };
    }

    /// A node of another domain than ONNX's own, whose opset is 1 if nothing else is said.
    ModelFile nodeOf(
            String domain,
            String operator,
            String name,
            List<String> inputs,
            List<String> outputs,
            Fields... attributes) {
        domains.putIfAbsent(domain, 1L);
        graph.writeBytes(
                OnnxWriter.bytes(out ->
                        out.writeByteArray(
                                1,
                                OnnxWriter.bytes(node -> {
                                    node.writeRawBytes(
                                            OnnxWriter.node(
                                                    name,
                                                    operator,
                                                    inputs,
                                                    outputs,
                                                    List.of(attributes)));
                                    node.writeString(7, domain);
                                }))));
        return this;
    }

    static Fields reals(String name, float... values) {
        return out -> {
            out.writeString(1, name);
            for (float value : values) out.writeFloat(7, value);
            out.writeInt32(20, 6);
        };
    }

    static Fields texts(String name, String... values) {
        return out -> {
            out.writeString(1, name);
            for (var value : values) out.writeString(9, value);
            out.writeInt32(20, 8);
        };
    }

    static Fields text(String name, String value) {
        return out -> {
            out.writeString(1, name);
            out.writeString(4, value);
            out.writeInt32(20, 3);
        };
    }

    byte[] bytes() {
        return OnnxWriter.bytes(out -> {
            out.writeInt64(1, 8);
            out.writeByteArray(8, OnnxWriter.bytes(o -> o.writeInt64(2, opset)));
            for (var domain : domains.entrySet())
                out.writeByteArray(
                        8,
                        OnnxWriter.bytes(o -> {
                            o.writeString(1, domain.getKey());
                            o.writeInt64(2, domain.getValue());
                        }));
            for (var function : functions) out.writeByteArray(25, function);
            out.writeByteArray(7, graph.toByteArray());
        });
    }

    Path write(Path directory) {
        try {
            return Files.write(directory.resolve("model.onnx"), bytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
