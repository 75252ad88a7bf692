package io.webdnn.importer.onnx;

import com.google.protobuf.CodedOutputStream;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes small ONNX files, field by field, for tests of the reader.
final class ModelFile {
    /// Writes the fields of a message.
    interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private final ByteArrayOutputStream graph = new ByteArrayOutputStream();
    private long opset = 17;

    static byte[] message(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            fields.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private ModelFile field(int number, Fields fields) {
        graph.writeBytes(message(out -> out.writeByteArray(number, message(fields))));
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
                message(out -> {
                    for (var extent : extents) {
                        out.writeByteArray(
                                1,
                                message(d -> {
                                    if (extent.matches("\\d+"))
                                        d.writeInt64(1, Long.parseLong(extent));
                                    else if (!extent.isEmpty()) d.writeString(2, extent);
                                }));
                    }
                });
        var tensor =
                message(out -> {
                    out.writeInt32(1, dtype);
                    out.writeByteArray(2, shape);
                });
        return out -> {
            out.writeString(1, name);
            out.writeByteArray(2, message(type -> type.writeByteArray(1, tensor)));
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
        return initializer(
                name,
                out -> {
                    for (int extent : tensor.shape()) out.writeInt64(1, extent);
                    out.writeInt32(2, tensor.dtype() == DType.FLOAT32 ? 1 : 7);
                    var bytes = new ByteArrayOutputStream();
                    RawElements.write(tensor, ByteOrder.LITTLE_ENDIAN, bytes);
                    out.writeByteArray(9, bytes.toByteArray());
                });
    }

    /// A node; each attribute is written by a function below.
    ModelFile node(
            String operator,
            String name,
            List<String> inputs,
            List<String> outputs,
            Fields... attributes) {
        return field(
                1,
                out -> {
                    for (var input : inputs) out.writeString(1, input);
                    for (var output : outputs) out.writeString(2, output);
                    out.writeString(3, name);
                    out.writeString(4, operator);
                    for (var attribute : attributes) out.writeByteArray(5, message(attribute));
                });
    }

    static Fields integer(String name, long value) {
        return out -> {
            out.writeString(1, name);
            out.writeInt64(3, value);
            out.writeInt32(20, 2);
        };
    }

    static Fields integers(String name, long... values) {
        return out -> {
            out.writeString(1, name);
            for (long value : values) out.writeInt64(8, value);
            out.writeInt32(20, 7);
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
        return message(out -> {
            out.writeInt64(1, 8);
            out.writeByteArray(8, message(o -> o.writeInt64(2, opset)));
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
