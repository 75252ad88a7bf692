package io.webdnn.graph.op;

/// SipHash-2-4: a hash of bytes under a key.
///
/// Source: Aumasson, Bernstein 2012.
final class SipHash {
    private long a;
    private long b;
    private long c;
    private long d;

    private SipHash(long low, long high) {
        a = low ^ 0x736f6d6570736575L;
        b = high ^ 0x646f72616e646f6dL;
        c = low ^ 0x6c7967656e657261L;
        d = high ^ 0x7465646279746573L;
    }

    /// {@return the hash}
    ///
    /// @param low the first half of the key
    /// @param high the second half
    static long of(long low, long high, byte[] bytes) {
        var state = new SipHash(low, high);
        int whole = bytes.length / 8 * 8;
        for (int i = 0; i < whole; i += 8) state.take(word(bytes, i, 8));
        long last = word(bytes, whole, bytes.length - whole);
        state.take(last | (long) bytes.length << 56);
        state.c ^= 0xff;
        for (int i = 0; i < 4; i++) state.round();
        return state.a ^ state.b ^ state.c ^ state.d;
    }

    /// {@return bytes as a number, the first one being the lowest}
    static long word(byte[] bytes, int from, int count) {
        long word = 0;
        for (int i = count - 1; i >= 0; i--) word = word << 8 | (bytes[from + i] & 0xff);
        return word;
    }

    private void take(long word) {
        d ^= word;
        round();
        round();
        a ^= word;
    }

    private void round() {
        a += b;
        b = Long.rotateLeft(b, 13) ^ a;
        a = Long.rotateLeft(a, 32);
        c += d;
        d = Long.rotateLeft(d, 16) ^ c;
        a += d;
        d = Long.rotateLeft(d, 21) ^ a;
        c += b;
        b = Long.rotateLeft(b, 17) ^ c;
        c = Long.rotateLeft(c, 32);
    }
}
