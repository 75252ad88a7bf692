package io.webdnn.graph.op;

/// FarmHash's Fingerprint64 of bytes, which never changes: TensorFlow puts strings into bins by it.
///
/// Source: Pike, Alakuijala 2014.
final class Fingerprint {
    private static final long K0 = 0xc3a5c85c97cb3127L;
    private static final long K1 = 0xb492b66fbe98f273L;
    private static final long K2 = 0x9ae16a3b2f90404fL;

    private final byte[] bytes;
    private final int length;

    private Fingerprint(byte[] bytes) {
        this.bytes = bytes;
        this.length = bytes.length;
    }

    static long of(byte[] bytes) {
        var it = new Fingerprint(bytes);
        if (it.length <= 16) return it.short16();
        if (it.length <= 32) return it.short32();
        return it.length <= 64 ? it.short64() : it.blocks();
    }

    private long at(int place) {
        return SipHash.word(bytes, place, 8);
    }

    /// {@return 8 bytes that begin so far before the end}
    private long fromEnd(int count) {
        return at(length - count);
    }

    private static long turned(long x, int by) {
        return Long.rotateRight(x, by);
    }

    private static long shifted(long x) {
        return x ^ x >>> 47;
    }

    private static long both(long u, long v, long factor) {
        long a = shifted((u ^ v) * factor);
        return shifted((v ^ a) * factor) * factor;
    }

    private long short16() {
        long factor = K2 + length * 2L;
        if (length >= 8) {
            long a = at(0) + K2;
            long b = fromEnd(8);
            return both(turned(b, 37) * factor + a, (turned(a, 25) + b) * factor, factor);
        }
        if (length >= 4) {
            long first = SipHash.word(bytes, 0, 4);
            return both(length + (first << 3), SipHash.word(bytes, length - 4, 4), factor);
        }
        if (length == 0) return K2;
        long y = bytes[0] & 0xff | (bytes[length >> 1] & 0xff) << 8;
        long z = length + ((bytes[length - 1] & 0xffL) << 2);
        return shifted(y * K2 ^ z * K0) * K2;
    }

    private long short32() {
        long factor = K2 + length * 2L;
        long a = at(0) * K1;
        long b = at(8);
        long c = fromEnd(8) * factor;
        long d = fromEnd(16) * K2;
        return both(turned(a + b, 43) + turned(c, 30) + d, a + turned(b + K2, 18) + c, factor);
    }

    private long short64() {
        long factor = K2 + length * 2L;
        long a = at(0) * K2;
        long b = at(8);
        long c = fromEnd(8) * factor;
        long d = fromEnd(16) * K2;
        long y = turned(a + b, 43) + turned(c, 30) + d;
        long z = both(y, a + turned(b + K2, 18) + c, factor);
        long e = at(16) * factor;
        long f = at(24);
        long g = (y + fromEnd(32)) * factor;
        long h = (z + fromEnd(24)) * factor;
        return both(turned(e + f, 43) + turned(g, 30) + h, e + turned(f + a, 18) + g, factor);
    }

    /// Two sums of 32 bytes.
    private record Pair(long first, long second) {}

    private Pair weak(int place, long a, long b) {
        long sum = a + at(place);
        long z = at(place + 24);
        long second = turned(b + sum + z, 21);
        long more = sum + at(place + 8) + at(place + 16);
        return new Pair(more + z, second + turned(more, 44) + sum);
    }

    private long blocks() {
        long x = 81;
        long y = x * K1 + 113;
        long z = shifted(y * K2 + 113) * K2;
        var v = new Pair(0, 0);
        var w = new Pair(0, 0);
        x = x * K2 + at(0);
        int end = (length - 1) / 64 * 64;
        for (int i = 0; i < end; i += 64) {
            x = turned(x + y + v.first + at(i + 8), 37) * K1 ^ w.second;
            y = turned(y + v.second + at(i + 48), 42) * K1 + v.first + at(i + 40);
            z = turned(z + w.first, 33) * K1;
            v = weak(i, v.second * K1, x + w.first);
            w = weak(i + 32, z + w.second, y + at(i + 16));
            long other = z;
            z = x;
            x = other;
        }
        long factor = K1 + ((z & 0xff) << 1);
        int last = length - 64;
        w = new Pair(w.first + ((length - 1) & 63), w.second);
        v = new Pair(v.first + w.first, v.second);
        w = new Pair(w.first + v.first, w.second);
        x = turned(x + y + v.first + at(last + 8), 37) * factor ^ w.second * 9;
        y = turned(y + v.second + at(last + 48), 42) * factor + v.first * 9 + at(last + 40);
        z = turned(z + w.first, 33) * factor;
        v = weak(last, v.second * factor, x + w.first);
        w = weak(last + 32, z + w.second, y + at(last + 16));
        return both(
                both(v.first, w.first, factor) + shifted(y) * K0 + x,
                both(v.second, w.second, factor) + z,
                factor);
    }
}
