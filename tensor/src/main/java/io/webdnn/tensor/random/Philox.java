package io.webdnn.tensor.random;

/// Philox4×32-10: turns a counter of 128 bits and a key of 64 bits into four random words.
///
/// There is no state, so that any element of a random tensor can be computed alone, in any order,
/// on any target.
///
/// Source: Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3 (2011).
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;

    private Philox() {}

    /// Computes the four words that belong to a counter.
    ///
    /// @param words the counter, lowest word first; replaced by the result
    public static void block(int key0, int key1, int[] words) {
        int c0 = words[0];
        int c1 = words[1];
        int c2 = words[2];
        int c3 = words[3];
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * Integer.toUnsignedLong(c0);
            long product1 = MULTIPLIER_1 * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c3 = (int) product0;
            key0 += WEYL_0;
            key1 += WEYL_1;
        }
        words[0] = c0;
        words[1] = c1;
        words[2] = c2;
        words[3] = c3;
    }

    /// {@return the float in `[0, 1)` that a random word stands for: its 24 high bits}
    public static float uniform(int word) {
        return (word >>> 8) * 0x1p-24f;
    }
}
