package io.webdnn.verify.fuzz;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A protocol buffer message of any kind, to be changed: bytes that could be a message are taken
/// for one.
final class ProtoMessage {
    private static final int DEEPEST = 20;
    private static final int MOST_FIELDS = 31; // ONNX's messages have no higher numbers

    final List<Field> fields;

    ProtoMessage(List<Field> fields) {
        this.fields = fields;
    }

    /// A field: a message, bytes that are none, or a number.
    static final class Field {
        int number;
        long varint;
        byte @Nullable [] bytes;
        @Nullable ProtoMessage message;
        private int wireType;

        private Field(int number, int wireType) {
            this.number = number;
            this.wireType = wireType;
        }

        static Field of(int number, ProtoMessage message) {
            var field = new Field(number, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            field.bytes = new byte[0];
            field.message = message;
            return field;
        }

        Field copy() {
            var copy = new Field(number, wireType);
            copy.varint = varint;
            copy.bytes = bytes;
            copy.message = message == null ? null : message.copy();
            return copy;
        }

        private void writeTo(CodedOutputStream out) throws IOException {
            if (message != null) out.writeByteArray(number, message.bytes());
            else if (bytes != null) out.writeByteArray(number, bytes);
            else if (wireType == WireFormat.WIRETYPE_FIXED32)
                out.writeFixed32(number, (int) varint);
            else if (wireType == WireFormat.WIRETYPE_FIXED64) out.writeFixed64(number, varint);
            else out.writeInt64(number, varint);
        }
    }

    /// {@return the message, or null if the bytes are none}
    static @Nullable ProtoMessage parse(byte[] bytes) {
        return parse(bytes, 0);
    }

    private static @Nullable ProtoMessage parse(byte[] bytes, int depth) {
        if (bytes.length == 0 || depth > DEEPEST) return null;
        var fields = new ArrayList<Field>();
        var in = CodedInputStream.newInstance(bytes);
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int number = WireFormat.getTagFieldNumber(tag);
                if (number > MOST_FIELDS) return null;
                var field = new Field(number, WireFormat.getTagWireType(tag));
                switch (field.wireType) {
                    case WireFormat.WIRETYPE_VARINT -> field.varint = in.readRawVarint64();
                    case WireFormat.WIRETYPE_FIXED32 -> field.varint = in.readFixed32();
                    case WireFormat.WIRETYPE_FIXED64 -> field.varint = in.readFixed64();
                    case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                        field.bytes = in.readByteArray();
                        field.message = parse(field.bytes, depth + 1);
                    }
                    default -> {
                        return null;
                    }
                }
                fields.add(field);
            }
        } catch (IOException e) { // not a message
            return null;
        }
        return new ProtoMessage(fields);
    }

    private ProtoMessage copy() {
        return new ProtoMessage(new ArrayList<>(fields.stream().map(Field::copy).toList()));
    }

    /// {@return this and all messages within}
    List<ProtoMessage> all() {
        var all = new ArrayList<ProtoMessage>();
        all.add(this);
        for (int i = 0; i < all.size(); i++)
            for (var field : all.get(i).fields) if (field.message != null) all.add(field.message);
        return all;
    }

    byte[] bytes() {
        var bytes = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(bytes);
        try {
            for (var field : fields) field.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return bytes.toByteArray();
    }
}
