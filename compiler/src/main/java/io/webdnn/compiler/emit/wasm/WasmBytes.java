package io.webdnn.compiler.emit.wasm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Bytes of the WebAssembly binary format that are being written.
final class WasmBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    WasmBytes u8(int value) {
        out.write(value);
        return this;
    }

    /// Writes an unsigned LEB128 number.
    WasmBytes u32(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.write(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.write(rest);
        return this;
    }

    /// Writes a signed LEB128 number.
    WasmBytes s64(long value) {
        long rest = value;
        while (rest < -64 || rest > 63) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>= 7;
        }
        out.write((int) (rest & 0x7f));
        return this;
    }

    /// Writes four bytes, lowest first.
    WasmBytes i32(int bits) {
        for (int shift = 0; shift < 32; shift += 8) out.write(bits >>> shift);
        return this;
    }

    /// Writes eight bytes, lowest first.
    WasmBytes i64(long bits) {
        return i32((int) bits).i32((int) (bits >>> 32));
    }

    /// Writes a name.
    WasmBytes name(String text) {
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        u32(utf8.length);
        out.writeBytes(utf8);
        return this;
    }

    /// Writes other bytes as they are.
    WasmBytes raw(WasmBytes other) {
        out.writeBytes(other.toBytes());
        return this;
    }

    /// Writes other bytes after their number.
    WasmBytes sized(WasmBytes other) {
        u32(other.out.size());
        return raw(other);
    }

    /// Writes a section.
    WasmBytes section(int id, WasmBytes content) {
        return u8(id).sized(content);
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
