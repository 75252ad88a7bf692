package io.webdnn.importer.onnx;

import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Writes small ONNX files, field by field, for tests of the reader.
final class ModelFile {
    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
    private final Set<String> domains = new TreeSet<>();
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

    /// A float32 input; an extent is a number, a name, or "" for neither.
    ModelFile input(String name, String... extents) {
        return field(11, value(name, 1, extents));
    }

    ModelFile integers(String name, String... extents) {
        return field(11, value(name, 7, extents));
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

    /// A node of another domain than ONNX's own, whose opset is 1.
    ModelFile nodeOf(
            String domain,
            String operator,
            String name,
            List<String> inputs,
            List<String> outputs,
            Fields... attributes) {
        domains.add(domain);
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
            for (var domain : domains)
                out.writeByteArray(
                        8,
                        OnnxWriter.bytes(o -> {
                            o.writeString(1, domain);
                            o.writeInt64(2, 1);
                        }));
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
