package io.webdnn.verify.fuzz;

import io.webdnn.tensor.random.RandomStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Makes broken files of whole ones, the same from the same seed: bytes flipped, cut off, repeated;
/// in protocol buffers also fields dropped, repeated, swapped, nested in themselves, and numbers
/// replaced by such as stand at the edges of their types; in zip archives the entries are broken
/// and packed again, so that their checksums hold.
final class Mutator {
    private static final long[] EDGES = {
        0,
        1,
        2,
        -1,
        -2,
        7,
        127,
        255,
        1000,
        65_536,
        1L << 24,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        Integer.MIN_VALUE,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };

    private final RandomStream random;

    Mutator(RandomStream random) {
        this.random = random;
    }

    /// {@return a broken copy of a file}
    byte[] mutate(byte[] file) {
        if (file.length > 3 && file[0] == 'P' && file[1] == 'K') return archive(file);
        boolean isHdf5 = file.length > 3 && file[0] == (byte) 0x89 && file[1] == 'H';
        var message = isHdf5 || random.nextInt(4) == 0 ? null : ProtoMessage.parse(file);
        if (message == null) return flat(file);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) change(message);
        return message.bytes();
    }

    private byte[] flat(byte[] file) {
        if (file.length == 0) return file;
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(file, random.nextInt(file.length));
            case 1 -> repeated(file);
            case 2, 3 -> digits(file);
            default -> {
                var copy = file.clone();
                int flips = 1 << random.nextInt(5);
                // what says how much follows stands in front more often than behind
                int range = random.nextInt(2) == 0 ? copy.length : Math.min(copy.length, 1 << 12);
                for (int i = 0; i < flips; i++) {
                    int at = random.nextInt(range);
                    copy[at] =
                            random.nextInt(2) == 0
                                    ? (byte) EDGES[random.nextInt(EDGES.length)]
                                    : (byte) (copy[at] ^ 1 << random.nextInt(8));
                }
                yield copy;
            }
        };
    }

    /// Other numbers in text, of the same length.
    private byte[] digits(byte[] file) {
        var copy = file.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(copy.length);
            int end = Math.min(copy.length, at + (1 << 12));
            while (at < end && (copy[at] < '0' || copy[at] > '9')) at++;
            if (at == end) continue;
            copy[at] = (byte) "0123456789-.e9".charAt(random.nextInt(14));
        }
        return copy;
    }

    private byte[] repeated(byte[] file) {
        int from = random.nextInt(file.length);
        int length = Math.min(1 + random.nextInt(64), file.length - from);
        var longer = new byte[file.length + length];
        System.arraycopy(file, 0, longer, 0, from + length);
        System.arraycopy(file, from, longer, from + length, file.length - from);
        return longer;
    }

    // Protocol buffers

    private void change(ProtoMessage whole) {
        var messages = whole.all();
        var message = messages.get(random.nextInt(messages.size()));
        var fields = message.fields;
        if (fields.isEmpty()) return;
        int at = random.nextInt(fields.size());
        var field = fields.get(at);
        switch (random.nextInt(9)) {
            case 0 -> fields.remove(at);
            case 1 -> fields.add(random.nextInt(fields.size() + 1), field.copy());
            case 2 -> fields.set(at, fields.set(random.nextInt(fields.size()), field));
            case 3 -> field.number = 1 + random.nextInt(30);
            case 4, 5 -> edge(field);
            case 6 -> swapLeaves(whole);
            case 7 -> {
                var other = messages.get(random.nextInt(messages.size()));
                if (!other.fields.isEmpty())
                    fields.add(other.fields.get(random.nextInt(other.fields.size())).copy());
            }
            default -> nest(field);
        }
    }

    private void edge(ProtoMessage.Field field) {
        if (field.bytes == null || random.nextInt(8) == 0) {
            field.message = null;
            field.bytes = null;
            field.varint = EDGES[random.nextInt(EDGES.length)];
        } else if (field.message == null) field.bytes = flat(field.bytes);
    }

    /// Names of operators, values and attributes take each other's places.
    private void swapLeaves(ProtoMessage whole) {
        var leaves = new ArrayList<ProtoMessage.Field>();
        for (var message : whole.all())
            for (var field : message.fields)
                if (field.message == null && field.bytes != null) leaves.add(field);
        if (leaves.isEmpty()) return;
        var a = leaves.get(random.nextInt(leaves.size()));
        var b = leaves.get(random.nextInt(leaves.size()));
        var bytes = a.bytes;
        a.bytes = b.bytes;
        if (random.nextInt(2) == 0) b.bytes = bytes;
    }

    /// A message within itself, a few hundred times.
    private void nest(ProtoMessage.Field field) {
        var message = field.message;
        if (message == null) return;
        int depth = 1 << random.nextInt(9);
        var inner = message;
        for (int i = 0; i < depth; i++) {
            var around = new ProtoMessage(new ArrayList<>());
            around.fields.add(ProtoMessage.Field.of(field.number, inner));
            inner = around;
        }
        field.message = inner;
    }

    // Archives

    private byte[] archive(byte[] file) {
        if (random.nextInt(4) == 0) return flat(file);
        try {
            var entries = new LinkedHashMap<String, byte[]>();
            try (var in = new ZipInputStream(new ByteArrayInputStream(file))) {
                for (var each = in.getNextEntry(); each != null; each = in.getNextEntry())
                    entries.put(each.getName(), in.readAllBytes());
            }
            if (entries.isEmpty()) return flat(file);
            var names = List.copyOf(entries.keySet());
            entries.computeIfPresent(
                    names.get(random.nextInt(names.size())), (_, bytes) -> flat(bytes));
            return packed(entries);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] packed(Map<String, byte[]> entries) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ZipOutputStream(bytes)) {
            out.setLevel(1);
            for (var entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
