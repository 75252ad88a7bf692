package io.webdnn.importer.onnx;

import com.google.protobuf.CodedOutputStream;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.util.List;

/// Writes the messages of an ONNX file; the numbers of their fields are those of [OnnxReader].
final class OnnxWriter {
    private OnnxWriter() {}

    /// Writes the fields of a message.
    @FunctionalInterface
    interface Fields {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    /// {@return a message}
    static byte[] bytes(Fields fields) {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            fields.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }

    static byte[] node(
            String name,
            String operator,
            List<String> inputs,
            List<String> outputs,
            List<Fields> attributes) {
        return bytes(out -> {
            for (var input : inputs) out.writeString(1, input);
            for (var output : outputs) out.writeString(2, output);
            out.writeString(3, name);
            out.writeString(4, operator);
            for (var attribute : attributes) out.writeByteArray(5, bytes(attribute));
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

    static Fields real(String name, float value) {
        return out -> {
            out.writeString(1, name);
            out.writeFloat(2, value);
            out.writeInt32(20, 1);
        };
    }

    static byte[] tensor(String name, Tensor tensor) {
        return bytes(out -> {
            for (int extent : tensor.shape()) out.writeInt64(1, extent);
            out.writeInt32(2, OnnxReader.code(tensor.dtype()));
            out.writeString(8, name);
            out.writeByteArray(9, elements(tensor));
        });
    }

    /// Elements below eight bits share bytes, the first one in the lowest bits.
    private static byte[] elements(Tensor tensor) {
        var bytes = RawElements.bytes(tensor, ByteOrder.LITTLE_ENDIAN);
        int bits = tensor.dtype().bits();
        if (bits >= 8) return bytes;
        int mask = (1 << bits) - 1;
        int perByte = 8 / bits;
        var packed = new byte[Math.ceilDiv(bytes.length, perByte)];
        for (int i = 0; i < bytes.length; i++)
            packed[i / perByte] |= (byte) ((bytes[i] & mask) << (i % perByte * bits));
        return packed;
    }

    /// {@return the type of an input or output; an extent that is not fixed is written as its text}
    static byte[] value(String name, TensorType type) {
        var shape =
                bytes(out -> {
                    for (var extent : type.shape().dimensions()) {
                        out.writeByteArray(
                                1,
                                bytes(it -> {
                                    if (extent.isFixed()) it.writeInt64(1, extent.value());
                                    else it.writeString(2, extent.toString());
                                }));
                    }
                });
        var tensor =
                bytes(out -> {
                    out.writeInt32(1, OnnxReader.code(type.dtype()));
                    out.writeByteArray(2, shape);
                });
        return bytes(out -> {
            out.writeString(1, name);
            out.writeByteArray(2, bytes(it -> it.writeByteArray(1, tensor)));
        });
    }
}
