package io.webdnn.tensor.random;

/// One of 2⁶⁴ independent sequences of random numbers that belong to a seed.
///
/// Number `i` of stream `s` under seed `k` is a function of (k, s, i) alone ([Philox]): what one
/// part of a program draws does not change what another draws, and a sequence can be resumed from
/// its [#position]. Not safe for use by several threads.
public final class RandomStream {
    private final long seed;
    private final long stream;
    private final int[] words = new int[4];
    private long block = -1;
    private long position;

    /// Starts at the first number of a stream.
    public RandomStream(long seed, long stream) {
        this(seed, stream, 0);
    }

    /// Starts where another left off.
    public RandomStream(long seed, long stream, long position) {
        this.seed = seed;
        this.stream = stream;
        this.position = position;
    }

    /// {@return how many words were drawn}
    public long position() {
        return position;
    }

    /// Goes on after so many words, as if they had been drawn.
    public void seek(long newPosition) {
        position = newPosition;
    }

    /// {@return 32 random bits}
    public int nextInt() {
        long wanted = position >>> 2;
        if (block != wanted) {
            words[0] = (int) wanted;
            words[1] = (int) (wanted >>> 32);
            words[2] = (int) stream;
            words[3] = (int) (stream >>> 32);
            Philox.block((int) seed, (int) (seed >>> 32), words);
            block = wanted;
        }
        return words[(int) (position++ & 3)];
    }

    /// {@return a whole number in `0 … bound − 1`, each as likely}
    ///
    /// @param bound positive
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("RandomStream: bound: expected > 0, got " + bound);
        }
        long product = Integer.toUnsignedLong(nextInt()) * bound;
        if ((product & 0xFFFFFFFFL)
                < bound) { // the few words that would make some results likelier
            long unfair = (0x1_0000_0000L - bound) % bound;
            while ((product & 0xFFFFFFFFL) < unfair) {
                product = Integer.toUnsignedLong(nextInt()) * bound;
            }
        }
        return (int) (product >>> 32);
    }

    /// {@return a number in `[0, 1)`, of 24 bits}
    public float nextFloat() {
        return Philox.uniform(nextInt());
    }

    /// {@return a number in `[low, high)`}
    public double nextDouble(double low, double high) {
        return low + (high - low) * nextFloat();
    }

    /// {@return a number of the standard normal distribution, from two words}
    public double nextGaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - (double) nextFloat()));
        return radius * StrictMath.cos(2 * StrictMath.PI * nextFloat());
    }

    /// Puts an array in random order, each order as likely.
    public void shuffle(int[] array) {
        for (int i = array.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = array[i];
            array[i] = array[j];
            array[j] = swapped;
        }
    }
}
