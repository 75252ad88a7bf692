package io.webdnn.train;

import io.webdnn.tensor.random.RandomStream;

/// What holds for everything that a thread does until it is changed: whether it trains, whether it
/// records for [Variable#backward], and the seed of all randomness.
///
/// A change gives a [Scope], which brings back what was there:
///
/// ```java
/// try (var _ = Configuration.training(false); var _ = Configuration.backprop(false)) {
///     loss = model.call(x, t);
/// }
/// ```
public final class Configuration {
    private static final ThreadLocal<Configuration> CURRENT =
            ThreadLocal.withInitial(Configuration::new);

    private boolean training = true;
    private boolean backprop = true;
    private boolean eager;
    private long seed;
    private long streams;

    private Configuration() {}

    /// Brings back what was configured before.
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }

    /// {@return whether functions behave as in training (dropout drops)}
    public static boolean isTraining() {
        return CURRENT.get().training;
    }

    /// Sets whether functions behave as in training; true at first.
    public static Scope training(boolean on) {
        var current = CURRENT.get();
        boolean before = current.training;
        current.training = on;
        return () -> current.training = before;
    }

    /// {@return whether histories are kept for [Variable#backward]}
    public static boolean isBackpropEnabled() {
        return CURRENT.get().backprop;
    }

    /// Sets whether histories are kept for [Variable#backward]; true at first.
    public static Scope backprop(boolean on) {
        var current = CURRENT.get();
        boolean before = current.backprop;
        current.backprop = on;
        return () -> current.backprop = before;
    }

    /// {@return whether each function is computed when it is called}
    public static boolean isEager() {
        return CURRENT.get().eager;
    }

    /// Sets whether each function is computed at once, when it is called, so that a debugger sees
    /// values; slow. False at first.
    public static Scope eager(boolean on) {
        var current = CURRENT.get();
        boolean before = current.eager;
        current.eager = on;
        return () -> current.eager = before;
    }

    /// Starts all randomness of this thread (initial weights, dropout, order of examples) anew from
    /// a seed; 0 at first.
    public static void seed(long seed) {
        var current = CURRENT.get();
        current.seed = seed;
        current.streams = 0;
    }

    /// Lets randomness come from another seed for a while; then it goes on as if nothing was drawn.
    public static Scope randomness(long seed) {
        var current = CURRENT.get();
        long seedBefore = current.seed;
        long streamsBefore = current.streams;
        seed(seed);
        return () -> {
            current.seed = seedBefore;
            current.streams = streamsBefore;
        };
    }

    /// {@return the next of the seed's independent streams of random numbers}
    public static RandomStream nextStream() {
        var current = CURRENT.get();
        return new RandomStream(current.seed, current.streams++);
    }
}
