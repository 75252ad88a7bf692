package io.webdnn.tensor.kernel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads that share the work of a kernel: the caller and `threads − 1` daemons, which wait
/// for work by spinning a while and then park.
///
/// Work is cut into pieces whose borders the caller chooses from shapes alone, so that results do
/// not depend on the number of threads; who runs which piece is a matter of luck. One caller is
/// served at a time; a second one, and a piece that asks for help itself, runs its pieces alone.
public final class Workers {
    /// One piece of the work.
    @FunctionalInterface
    public interface Piece {
        /// Runs piece `index`.
        void run(int index);
    }

    /// Long enough to bridge the gap between two kernels of a step, short enough not to burn a core
    /// while the program does something else.
    private static final int SPINS = 20_000;

    private static final Workers SHARED = new Workers(threadsWanted());

    private final int threads;
    private final Thread[] daemons;
    private final AtomicReference<@Nullable Job> current = new AtomicReference<>();
    private final AtomicInteger parked = new AtomicInteger();
    private final AtomicInteger serial = new AtomicInteger();

    /// @param threads how many share the work, the caller included
    public Workers(int threads) {
        this.threads = threads;
        daemons = new Thread[threads - 1];
        for (int i = 0; i < daemons.length; i++) {
            daemons[i] =
                    Thread.ofPlatform().daemon().name("webdnn-" + (i + 1)).unstarted(this::serve);
        }
        for (var daemon : daemons) daemon.start();
    }

    /// {@return the threads that all programs share: as many as the machine has cores, or as the
    /// system property `io.webdnn.threads` says}
    public static Workers shared() {
        return SHARED;
    }

    private static int threadsWanted() {
        var text = System.getProperty("io.webdnn.threads");
        if (text == null) return Runtime.getRuntime().availableProcessors();
        try {
            int threads = Integer.parseInt(text);
            if (threads >= 1) return threads;
        } catch (NumberFormatException e) {
            // falls through to the message below
        }
        throw new IllegalArgumentException(
                "io.webdnn.threads: expected a number >= 1, got " + text);
    }

    /// {@return how many threads share the work}
    public int threads() {
        return threads;
    }

    /// Runs pieces `0 … pieces − 1`, in any order and at the same time, and returns when all are
    /// done.
    ///
    /// @throws RuntimeException what the first failing piece threw
    public void run(int pieces, Piece piece) {
        if (pieces <= 1 || threads == 1) {
            for (int i = 0; i < pieces; i++) piece.run(i);
            return;
        }
        var job = new Job(pieces, piece);
        if (!current.compareAndSet(null, job)) {
            for (int i = 0; i < pieces; i++) piece.run(i);
            return;
        }
        serial.incrementAndGet();
        if (parked.get() > 0) for (var daemon : daemons) LockSupport.unpark(daemon);
        try {
            job.work();
            job.await();
        } finally {
            current.set(null);
        }
        job.rethrow();
    }

    private void serve() {
        int seen = 0;
        while (true) {
            int spins = 0;
            while (serial.get() == seen) {
                if (spins++ < SPINS) {
                    Thread.onSpinWait();
                } else {
                    parked.incrementAndGet();
                    if (serial.get() == seen) LockSupport.park(this);
                    parked.decrementAndGet();
                }
            }
            seen = serial.get();
            var job = current.get();
            if (job != null) job.work();
        }
    }

    private static final class Job {
        private final int pieces;
        private final Piece piece;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Job(int pieces, Piece piece) {
            this.pieces = pieces;
            this.piece = piece;
        }

        void work() {
            int i;
            while ((i = next.getAndIncrement()) < pieces) {
                try {
                    piece.run(i);
                } catch (Throwable t) {
                    failure.compareAndSet(null, t);
                }
                done.incrementAndGet();
            }
        }

        void await() {
            int spins = 0;
            while (done.get() < pieces) {
                if (spins++ < SPINS) Thread.onSpinWait();
                else LockSupport.parkNanos(1_000);
            }
        }

        void rethrow() {
            switch (failure.get()) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable t -> throw new IllegalStateException(t);
            }
        }
    }
}
