package io.webdnn.tensor.hdf5;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;

/// Writes HDF5 files of groups, attributes and whole arrays: a superblock, then each object's
/// header, arrays with their numbers behind it.
///
/// jHDF, which reads the files, writes some too, but none with empty lists, and it overwrites a
/// group without arrays that comes last.
///
/// Source: HDF5 File Format Specification 3.0, superblock version 2, object headers version 2.
final class Hdf5Writer {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    private static final int SUPERBLOCK = 48;
    private static final long UNDEFINED = -1;

    private static final int DATASPACE = 0x01;
    private static final int LINK_INFO = 0x02;
    private static final int DATATYPE = 0x03;
    private static final int FILL_VALUE = 0x05;
    private static final int LINK = 0x06;
    private static final int LAYOUT = 0x08;
    private static final int GROUP_INFO = 0x0A;
    private static final int ATTRIBUTE = 0x0C;
    private static final int ATTRIBUTE_INFO = 0x15;

    private final IdentityHashMap<Object, Long> addresses = new IdentityHashMap<>();
    private final List<Object> inOrder = new ArrayList<>();
    private long end = SUPERBLOCK;

    private Hdf5Writer() {}

    static void write(Hdf5Group root, OutputStream out) throws IOException {
        new Hdf5Writer().file(root, out);
    }

    private void file(Hdf5Group root, OutputStream out) throws IOException {
        place(root);
        out.write(superblock(root));
        for (var object : inOrder) {
            out.write(header(object));
            if (object instanceof Tensor tensor)
                RawElements.write(tensor, ByteOrder.LITTLE_ENDIAN, out);
        }
    }

    /// Gives an object and those below it their addresses, which do not change a header's size.
    private void place(Object object) {
        inOrder.add(object);
        addresses.put(object, end);
        end += header(object).length;
        if (object instanceof Tensor tensor) end += bytes(tensor);
        if (object instanceof Hdf5Group group) group.children().values().forEach(this::place);
    }

    private static long bytes(Tensor tensor) {
        return (long) tensor.size() * tensor.dtype().bytes();
    }

    private byte[] superblock(Hdf5Group root) {
        var bytes = new LittleEndian();
        bytes.put(SIGNATURE);
        bytes.put(2).put(8).put(8).put(0);
        bytes.put64(0).put64(UNDEFINED).put64(end).put64(address(root));
        return withChecksum(bytes);
    }

    private long address(Object object) {
        return addresses.getOrDefault(object, UNDEFINED);
    }

    private byte[] header(Object object) {
        var messages = new LittleEndian();
        if (object instanceof Hdf5Group group) {
            var info = new LittleEndian().put(0).put(0).put64(UNDEFINED).put64(UNDEFINED);
            message(messages, LINK_INFO, info.toArray());
            message(messages, GROUP_INFO, new byte[2]);
            group.children().forEach((name, child) -> message(messages, LINK, link(name, child)));
            if (!group.attributes().isEmpty()) message(messages, ATTRIBUTE_INFO, info.toArray());
            group.attributes()
                    .forEach((name, value) -> message(messages, ATTRIBUTE, attribute(name, value)));
        } else if (object instanceof Tensor tensor) {
            message(messages, DATATYPE, type(tensor.dtype()));
            message(messages, DATASPACE, space(tensor.shape()));
            message(messages, FILL_VALUE, new byte[] {3, 0x0A}); // late, only if one is set
            var layout = new LittleEndian().put(3).put(1); // in one piece
            long address = address(tensor);
            layout.put64(address == UNDEFINED ? 0 : address + dataOffset(tensor));
            layout.put64(bytes(tensor));
            message(messages, LAYOUT, layout.toArray());
        }
        byte[] content = messages.toArray();
        var header = new LittleEndian();
        header.put("OHDR".getBytes(StandardCharsets.US_ASCII));
        header.put(2).put(2); // version; the size below has four bytes
        header.put32(content.length).put(content);
        return withChecksum(header);
    }

    /// {@return the size of an array's header}
    private static int dataOffset(Tensor tensor) {
        int messages = type(tensor.dtype()).length + space(tensor.shape()).length + 2 + 18;
        return 10 + 4 * 4 + messages + 4;
    }

    private static void message(LittleEndian to, int type, byte[] content) {
        to.put(type).put16(content.length).put(0).put(content);
    }

    private byte[] link(String name, Object child) {
        var bytes = Hdf5Group.bytes(name);
        var link = new LittleEndian();
        link.put(1).put(0x11).put(1); // a name in UTF-8, two bytes its length
        link.put16(bytes.length).put(bytes).put64(address(child));
        return link.toArray();
    }

    private static byte[] attribute(String name, Hdf5Group.Attribute value) {
        var key = Hdf5Group.bytes(name);
        byte[] type;
        byte[] space;
        byte[] content;
        switch (value) {
            case Hdf5Group.Text(var text) -> {
                var one = Hdf5Group.bytes(text);
                content = Arrays.copyOf(one, Math.max(1, one.length));
                type = text(content, content.length);
                space = scalar();
            }
            case Hdf5Group.Texts(var texts) -> {
                var all = texts.stream().map(Hdf5Group::bytes).toList();
                int length = all.stream().mapToInt(one -> one.length).max().orElse(0);
                length = Math.max(1, length);
                space = space(all.size());
                content = new byte[all.size() * length];
                for (int i = 0; i < all.size(); i++) {
                    var one = all.get(i);
                    System.arraycopy(one, 0, content, i * length, one.length);
                }
                type = text(content, length);
            }
            case Hdf5Group.Nothing _ -> {
                type = type(DType.FLOAT64);
                space = space(0);
                content = new byte[0];
            }
        }
        var message = new LittleEndian();
        message.put(3).put(0).put16(key.length + 1);
        message.put16(type.length).put16(space.length).put(1);
        message.put(key).put(0).put(type).put(space).put(content);
        return message.toArray();
    }

    private static byte[] scalar() {
        return new byte[] {2, 0, 0, 0};
    }

    private static byte[] space(int... shape) {
        if (shape.length == 0) return scalar();
        var space = new LittleEndian();
        space.put(2).put(shape.length).put(0).put(1);
        for (int extent : shape) space.put64(extent);
        return space.toArray();
    }

    /// Texts that are filled with zeros, said to be ASCII where they are, as Python writes them.
    private static byte[] text(byte[] content, int length) {
        boolean ascii = true;
        for (byte one : content) ascii &= one >= 0;
        int flags = ascii ? 0x01 : 0x11;
        return new LittleEndian().put(0x13).put(flags).put16(0).put32(length).toArray();
    }

    private static byte[] type(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> real(31, 23, 8, 127);
            case FLOAT64 -> real(63, 52, 11, 1023);
            case INT64 ->
                    new LittleEndian()
                            .put(0x10)
                            .put(8) // with a sign
                            .put16(0)
                            .put32(8)
                            .put16(0)
                            .put16(64)
                            .toArray();
            default -> throw new AssertionError("no array of " + dtype);
        };
    }

    /// IEEE numbers, little endian.
    private static byte[] real(int sign, int mantissa, int exponent, int bias) {
        var type = new LittleEndian().put(0x11).put(0x20).put(sign).put(0);
        type.put32((sign + 1) / 8).put16(0).put16(sign + 1);
        type.put(mantissa).put(exponent).put(0).put(mantissa);
        return type.put32(bias).toArray();
    }

    private static byte[] withChecksum(LittleEndian bytes) {
        return bytes.put32(checksum(bytes.toArray())).toArray();
    }

    /// Jenkins's lookup3, as HDF5 uses it.
    ///
    /// Source: Bob Jenkins, lookup3 (2006).
    static int checksum(byte[] bytes) {
        int length = bytes.length;
        int a = 0xdeadbeef + length;
        int b = a;
        int c = a;
        int at = 0;
        for (; length - at > 12; at += 12) {
            a += word(bytes, at);
            b += word(bytes, at + 4);
            c += word(bytes, at + 8);
            a = (a - c) ^ Integer.rotateLeft(c, 4);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 6);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 8);
            b += a;
            a = (a - c) ^ Integer.rotateLeft(c, 16);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 19);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 4);
            b += a;
        }
        if (at == length) return c;
        a += word(bytes, at);
        b += word(bytes, at + 4);
        c += word(bytes, at + 8);
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }

    /// {@return four bytes, zeros behind the end}
    private static int word(byte[] bytes, int at) {
        int word = 0;
        for (int i = 0; i < 4 && at + i < bytes.length; i++)
            word |= (bytes[at + i] & 255) << (8 * i);
        return word;
    }
}
