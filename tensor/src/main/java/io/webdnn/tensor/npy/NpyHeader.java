package io.webdnn.tensor.npy;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.file.FileException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text in front of an array in an `.npy` file: `{'descr': '<f4', 'fortran_order': False,
/// 'shape': (2, 3), }`.
///
/// @param dtype the element type
/// @param characters for strings: the UTF-32 characters of each element
/// @param order the byte order of the elements
/// @param columnMajor whether the first axis varies fastest
/// @param shape the extents
/// @param bytes the length of magic, version and text
record NpyHeader(
        DType dtype,
        int characters,
        ByteOrder order,
        boolean columnMajor,
        List<Integer> shape,
        int bytes) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST = 1 << 20;

    private static final Map<String, DType> DTYPES =
            Map.ofEntries(
                    Map.entry("f2", DType.FLOAT16),
                    Map.entry("f4", DType.FLOAT32),
                    Map.entry("f8", DType.FLOAT64),
                    Map.entry("i1", DType.INT8),
                    Map.entry("i2", DType.INT16),
                    Map.entry("i4", DType.INT32),
                    Map.entry("i8", DType.INT64),
                    Map.entry("u1", DType.UINT8),
                    Map.entry("u2", DType.UINT16),
                    Map.entry("u4", DType.UINT32),
                    Map.entry("u8", DType.UINT64),
                    Map.entry("b1", DType.BOOL),
                    Map.entry("c8", DType.COMPLEX64),
                    Map.entry("c16", DType.COMPLEX128));

    private static final Pattern TEXT =
            Pattern.compile(
                    "\\{\\s*(?:(?:'descr':\\s*'(?<descr>[^']*)'"
                            + "|'fortran_order':\\s*(?<order>True|False)"
                            + "|'shape':\\s*\\((?<shape>[0-9L,\\s]*)\\))\\s*,?\\s*){3}\\}\\s*");

    /// {@return the bytes of one element}
    int elementBytes() {
        return dtype == DType.STRING ? 4 * characters : dtype.bytes();
    }

    /// {@return the number of elements; may be more than a tensor can hold}
    double elements() {
        return shape.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
    }

    /// Reads magic, version and text, and nothing after them.
    static NpyHeader read(InputStream in, String file) throws IOException {
        var start = need(in, 8);
        if (!Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
            throw FileException.of(
                    file, "start of the file", "\\x93NUMPY", printable(Arrays.copyOf(start, 6)));
        }
        int version = start[6];
        if (version < 1 || version > 3) {
            throw FileException.of(file, "npy version", "1.0, 2.0 or 3.0", version + ".0");
        }
        int width = version == 1 ? 2 : 4;
        var size = ByteBuffer.wrap(need(in, width)).order(ByteOrder.LITTLE_ENDIAN);
        long length =
                version == 1 ? Short.toUnsignedInt(size.getShort()) : size.getInt() & 0xffffffffL;
        if (length > LONGEST) {
            throw FileException.of(file, "length of the header", "<= " + LONGEST, length);
        }
        var charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        var text = new String(need(in, (int) length), charset);
        return parse(text.strip(), 8 + width + (int) length, file);
    }

    private static NpyHeader parse(String text, int bytes, String file) {
        var fields = TEXT.matcher(text);
        if (!fields.matches() || missing(fields)) {
            throw FileException.of(
                    file,
                    "header",
                    "{'descr': '<f4', 'fortran_order': False, 'shape': (...)}",
                    text.length() > 120 ? text.substring(0, 120) + "..." : text);
        }
        var descr = fields.group("descr");
        boolean text32 = descr.matches("[<>=|]U\\d{1,7}");
        var dtype = descr.isEmpty() ? null : DTYPES.get(descr.substring(1));
        if (text32) dtype = DType.STRING;
        if (dtype == null || "<>=|".indexOf(descr.charAt(0)) < 0) {
            throw FileException.of(
                    file, "dtype", "a number, bool or unicode string", "'" + descr + "'");
        }
        return new NpyHeader(
                dtype,
                text32 ? Integer.parseInt(descr.substring(2)) : 0,
                order(descr.charAt(0)),
                fields.group("order").equals("True"),
                extents(fields.group("shape"), file),
                bytes);
    }

    private static boolean missing(Matcher fields) {
        return fields.group("descr") == null
                || fields.group("order") == null
                || fields.group("shape") == null;
    }

    private static ByteOrder order(char mark) {
        return switch (mark) {
            case '>' -> ByteOrder.BIG_ENDIAN;
            case '=' -> ByteOrder.nativeOrder();
            default -> ByteOrder.LITTLE_ENDIAN;
        };
    }

    private static List<Integer> extents(String text, String file) {
        try {
            return Arrays.stream(text.replace("L", "").split(","))
                    .map(String::strip)
                    .filter(s -> !s.isEmpty())
                    .map(Integer::valueOf)
                    .toList();
        } catch (NumberFormatException _) {
            throw FileException.of(file, "shape", "extents below 2^31", "(" + text + ")");
        }
    }

    private static byte[] need(InputStream in, int count) throws IOException {
        var bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the header ends after " + bytes.length + " of " + count);
        }
        return bytes;
    }

    private static String printable(byte[] bytes) {
        var text = new StringBuilder();
        for (byte b : bytes)
            text.append(b >= 32 && b < 127 ? String.valueOf((char) b) : "\\x%02x".formatted(b));
        return text.toString();
    }

    /// {@return the bytes of a header of version 1.0, or 2.0 if it is too long for that; the data
    /// after it starts at a multiple of 64, as NumPy writes it}
    static byte[] write(DType dtype, int characters, int[] shape) {
        var extents = new StringBuilder();
        for (int extent : shape) extents.append(extent).append(", ");
        if (shape.length > 1) extents.setLength(extents.length() - 2);
        else if (shape.length == 1) extents.setLength(extents.length() - 1);
        var text =
                "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
                        .formatted(descr(dtype, characters), extents);
        int width = text.length() + 65 > 0xffff ? 4 : 2;
        int unpadded = 8 + width + text.length() + 1;
        int total = (unpadded + 63) / 64 * 64;
        var header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).put((byte) (width == 2 ? 1 : 2)).put((byte) 0);
        if (width == 2) header.putShort((short) (total - 10));
        else header.putInt(total - 12);
        header.put(text.getBytes(StandardCharsets.ISO_8859_1));
        while (header.position() < total - 1) header.put((byte) ' ');
        return header.put((byte) '\n').array();
    }

    private static String descr(DType dtype, int characters) {
        if (dtype == DType.STRING) return "<U" + characters;
        for (var entry : DTYPES.entrySet())
            if (entry.getValue() == dtype) return (dtype.bytes() == 1 ? "|" : "<") + entry.getKey();
        throw new IllegalArgumentException("Npy: dtype: expected one that NumPy has, got " + dtype);
    }
}
