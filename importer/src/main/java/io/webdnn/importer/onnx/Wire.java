package io.webdnn.importer.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.DoubleConsumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// A cursor over the fields of a protocol buffer message.
///
/// Usage: `while (wire.next()) switch (wire.field()) { case 1 -> name = wire.text(); default ->
/// wire.skip(); }`. The contents stay in the file's bytes; every length is compared with what is
/// left of its message before anything is made of it.
final class Wire {
    private static final int DEEPEST = 100;

    private final CodedInputStream in;
    private final String file;
    private int tag;
    private int depth;

    Wire(byte[] bytes, String file) {
        in = CodedInputStream.newInstance(bytes);
        in.enableAliasing(true);
        this.file = file;
    }

    /// Moves to the next field; false at the end of the message.
    boolean next() {
        return reading(() -> {
            tag = in.readTag();
            return tag != 0;
        });
    }

    /// {@return the number of the current field}
    int field() {
        return WireFormat.getTagFieldNumber(tag);
    }

    /// Passes over the current field.
    void skip() {
        if (!reading(() -> in.skipField(tag)))
            throw broken("field " + field(), "a field", "the end of a group");
    }

    long varint() {
        expect(WireFormat.WIRETYPE_VARINT);
        return reading(in::readRawVarint64);
    }

    float real() {
        expect(WireFormat.WIRETYPE_FIXED32);
        return reading(in::readFloat);
    }

    String text() {
        expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return new String(reading(in::readByteArray), StandardCharsets.UTF_8);
    }

    /// {@return a view of the field's bytes, little-endian}
    ByteBuffer bytes() {
        expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return reading(in::readByteBuffer).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Reads a message that is a field of the current one.
    <T> T message(Supplier<T> body) {
        expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        if (++depth > DEEPEST) throw broken("messages within messages", "<= " + DEEPEST, depth);
        int outer = reading(() -> in.pushLimit(in.readRawVarint32()));
        var message = body.get();
        in.popLimit(outer);
        depth--;
        return message;
    }

    /// Reads one number, or several that are packed.
    void varints(LongConsumer each) {
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            each.accept(varint());
            return;
        }
        int outer = reading(() -> in.pushLimit(in.readRawVarint32()));
        while (reading(() -> !in.isAtEnd())) each.accept(reading(in::readRawVarint64));
        in.popLimit(outer);
    }

    /// Reads one float, or several that are packed.
    void reals(DoubleConsumer each) {
        if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            each.accept(real());
            return;
        }
        var packed = bytes().asFloatBuffer();
        while (packed.hasRemaining()) each.accept(packed.get());
    }

    /// {@return the bytes of one number of fixed size, or of several that are packed}
    ByteBuffer fixed(int size) {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) return bytes();
        expect(size == 4 ? WireFormat.WIRETYPE_FIXED32 : WireFormat.WIRETYPE_FIXED64);
        return ByteBuffer.wrap(reading(() -> in.readRawBytes(size))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void expect(int wireType) {
        int actual = WireFormat.getTagWireType(tag);
        if (actual != wireType) throw broken("field " + field(), "wire type " + wireType, actual);
    }

    /// {@return the complaint about what stands where the cursor is}
    FileException broken(String what, String expected, Object actual) {
        return FileException.of(
                file, "byte " + in.getTotalBytesRead() + ": " + what, expected, actual);
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> T reading(Reading<T> reading) {
        try {
            return reading.read();
        } catch (InvalidProtocolBufferException e) {
            var reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            throw FileException.saying(
                    file,
                    "byte "
                            + in.getTotalBytesRead()
                            + ": "
                            + (reason.contains(
                                            "the input ended unexpectedly") // ONNX has no end mark
                                    ? "the file is truncated or no ONNX file"
                                    : "expected a protocol buffer (ONNX), got " + reason));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e); // cannot happen: the bytes are in memory
        }
    }
}
