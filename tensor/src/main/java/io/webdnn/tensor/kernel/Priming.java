package io.webdnn.tensor.kernel;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/// Calls inner loops so often that the virtual machine compiles them.
///
/// Until then a call is interpreted, a thousand times slower, and the loops of a real one are long:
/// the virtual machine would see too few calls for a second. So each is called on tiny arrays,
/// until it has become fast, or patience ends.
final class Priming {
    static final Priming SHARED = new Priming(Kernels.best());

    private static final int HEIGHT = Kernels.TILE_ROWS;

    /// The length of the loop in a call. In a long one the virtual machine first compiles the loop
    /// alone, for the call that it is in, which takes as long again.
    private static final int STEPS = 16;

    /// Compiled, a call takes less than a microsecond; interpreted, about a millisecond.
    private static final long FAST_NANOSECONDS = 8_000;

    private static final int FAST_CALLS = 3;
    private static final long PATIENCE_NANOSECONDS = 2_000_000_000L;

    private final Kernels kernels;
    private final int lanes;
    private final int wide;
    private final float[] a;
    private final float[] b;
    private final float[] c;
    private final int[] steps = new int[STEPS];
    private final Map<Kernels.Loop, FutureTask<Boolean>> tasks = new EnumMap<>(Kernels.Loop.class);
    private final AtomicBoolean isStarted = new AtomicBoolean();

    Priming(Kernels kernels) {
        this.kernels = kernels;
        lanes = kernels.lanes();
        wide = kernels.tileColumns();
        a = new float[STEPS * Math.max(Kernels.TILE_ROWS, lanes)];
        b = new float[STEPS * wide];
        c = new float[STEPS * wide];
        Arrays.setAll(steps, s -> s * wide);
        put(Kernels.Loop.PANEL, this::panels);
        put(Kernels.Loop.TILE, this::tiles);
        put(Kernels.Loop.DOT, this::dots);
    }

    private void put(Kernels.Loop loop, Runnable calls) {
        tasks.put(loop, new FutureTask<>(calls, true));
    }

    /// Starts to call the loop that most programs spend their time in, on a thread of its own,
    /// unless that was done before.
    void start() {
        if (isStarted.getAndSet(true)) return;
        Thread.ofPlatform().daemon().name("webdnn-priming").start(() -> await(Kernels.Loop.PANEL));
    }

    /// Returns when a loop is fast.
    void await(Kernels.Loop loop) {
        var task = tasks.get(loop);
        if (task == null) throw new AssertionError(loop);
        task.run(); // does nothing if another thread does it
        try {
            task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // then it is slow
        } catch (ExecutionException e) {
            throw new IllegalStateException("Priming: " + loop, e.getCause());
        }
    }

    private void panels() {
        alternately((rows, add) ->
                kernels.panel(HEIGHT, rows, a, 0, b, 0, STEPS, c, 0, wide, wide, add));
    }

    private void tiles() {
        alternately((rows, add) ->
                kernels.tile(HEIGHT, rows, a, 0, b, 0, steps, STEPS, c, 0, wide, wide, add));
    }

    private void dots() {
        int half = lanes / 2;
        var rows = new int[] {0, lanes, 2 * lanes, 3 * lanes};
        int last = a.length - rows[3] - steps[1] - half;
        repeat(() ->
                kernels.dot(a, 0, rows, 0, steps, b, 0, rows, 0, steps, 0, 2, 2 * lanes, c, 0));
        repeat(() -> {
            kernels.dot(a, 0, rows, 0, steps, b, 0, rows, 0, steps, 0, 2, half, c, 0);
            kernels.dot(a, last, rows, 0, steps, b, last, rows, 0, steps, 0, 2, half, c, 0);
        });
        repeat(() -> kernels.sum(a, 0, 9 * lanes + half));
    }

    /// A call of a kernel that computes tiles.
    @FunctionalInterface
    private interface TileCall {
        void run(int rows, boolean accumulate);
    }

    /// With all rows and with fewer, from 0 and from what is there: what the virtual machine has
    /// never seen it leaves out of its code.
    private static void alternately(TileCall call) {
        repeat(() -> {
            call.run(HEIGHT, false);
            call.run(HEIGHT / 2 + 1, true);
            call.run(HEIGHT, true);
            call.run(HEIGHT - 1, false);
        });
    }

    private static void repeat(Runnable call) {
        long begin = System.nanoTime();
        for (int fast = 0; fast < FAST_CALLS; ) {
            long start = System.nanoTime();
            call.run();
            long end = System.nanoTime();
            fast = end - start < FAST_NANOSECONDS ? fast + 1 : 0;
            if (end - begin > PATIENCE_NANOSECONDS) return;
        }
    }
}
