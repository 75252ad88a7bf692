package io.webdnn.compiler.descriptor;

import com.fasterxml.jackson.core.JsonGenerator;
import io.webdnn.tensor.file.AtomicFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// What a plan says of a file beside it.
///
/// @param parts hashes of its pieces of [#PART] bytes, none if it is one piece
record FileEntry(String name, long bytes, String sha256, List<String> parts) {
    /// What a reader checks while the next piece is on its way: it takes a few milliseconds.
    private static final int PART = 1 << 22;

    FileEntry {
        parts = List.copyOf(parts);
    }

    static FileEntry of(String name, AtomicFile.Content content) {
        var hashes = new Hashes();
        try {
            content.writeTo(hashes);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // hashing does not fail
        }
        return hashes.entry(name);
    }

    void write(JsonGenerator json, String field) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeStringField("file", name);
        json.writeNumberField("bytes", bytes);
        json.writeStringField("sha256", sha256);
        if (!parts.isEmpty()) {
            json.writeObjectFieldStart("parts");
            json.writeNumberField("bytes", PART);
            json.writeArrayFieldStart("sha256");
            for (var part : parts) json.writeString(part);
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /// Hashes what is written to it, as a whole and in parts.
    private static final class Hashes extends OutputStream {
        private final MessageDigest whole = sha256();
        private final MessageDigest part = sha256();
        private final List<String> parts = new ArrayList<>();
        private long bytes;

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every JDK has SHA-256", e);
            }
        }

        @Override
        public void write(int value) {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            whole.update(from, offset, length);
            for (int at = 0; at < length; ) {
                int count = (int) Math.min(length - at, PART - bytes % PART);
                part.update(from, offset + at, count);
                bytes += count;
                at += count;
                if (bytes % PART == 0) parts.add(hex(part));
            }
        }

        private static String hex(MessageDigest digest) {
            return HexFormat.of().formatHex(digest.digest());
        }

        FileEntry entry(String name) {
            if (bytes % PART != 0) parts.add(hex(part));
            return new FileEntry(name, bytes, hex(whole), parts.size() > 1 ? parts : List.of());
        }
    }
}
