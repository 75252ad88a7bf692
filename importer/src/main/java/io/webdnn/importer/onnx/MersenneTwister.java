package io.webdnn.importer.onnx;

/// The random numbers that ONNX's reference implementation draws: NumPy's `RandomState(seed)`,
/// which is MT19937.
///
/// Source: Matsumoto, Nishimura 1998.
final class MersenneTwister {
    private static final int WORDS = 624;
    private static final int SHIFT = 397;

    private final int[] state = new int[WORDS];
    private int next = WORDS;

    MersenneTwister(int seed) {
        state[0] = seed;
        for (int i = 1; i < WORDS; i++)
            state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
    }

    /// {@return a number in [0, 1), of 53 random bits}
    double nextDouble() {
        int high = nextInt() >>> 5;
        int low = nextInt() >>> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    private int nextInt() {
        if (next == WORDS) twist();
        int y = state[next++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9d2c5680;
        y ^= y << 15 & 0xefc60000;
        return y ^ y >>> 18;
    }

    private void twist() {
        for (int i = 0; i < WORDS; i++) {
            int y = state[i] & 0x80000000 | state[(i + 1) % WORDS] & 0x7fffffff;
            state[i] = state[(i + SHIFT) % WORDS] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }
        next = 0;
    }
}
