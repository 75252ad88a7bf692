package io.webdnn.tensor.kernel;

/// Calls every inner loop so often that the virtual machine compiles it.
///
/// A call is a few microseconds of compiled code; a virtual machine compiles a method for good
/// after some thousands of calls, but on a busy machine it takes its time: so each loop is called
/// until it has become fast, or patience ends.
final class Priming {
    private static final int CALLS = 6_000;
    private static final int MOST_CALLS = 60_000;
    private static final long FAST_NANOSECONDS = 1_500;

    private static boolean done;

    private Priming() {}

    static synchronized void run(Kernels kernels) {
        if (done) return;
        done = true;
        int lanes = kernels.lanes();
        int wide = kernels.tileColumns();
        int k = 4;
        var a = new float[64 * lanes];
        var b = new float[64 * lanes];
        var c = new float[64 * lanes];
        var steps = new int[] {0, wide, 2 * wide, 3 * wide};
        var rows = new int[] {0, lanes, 2 * lanes, 3 * lanes};
        for (int height : new int[] {8, 4}) {
            for (int columns : new int[] {wide, lanes}) {
                repeat(() -> {
                    kernels.tile(height, height, a, 0, b, 0, steps, k, c, 0, wide, columns, false);
                    kernels.tile(height, height, a, 0, b, 0, steps, k, c, 0, wide, columns, true);
                });
                repeat(() -> {
                    kernels.panel(height, height, a, 0, b, 0, k, c, 0, wide, columns, false);
                    kernels.panel(height, height, a, 0, b, 0, k, c, 0, wide, columns, true);
                });
            }
        }
        repeat(() -> kernels.tile(4, 1, a, 0, b, 0, steps, k, c, 0, 5 * lanes, 5 * lanes, false));
        repeat(() -> kernels.maxima(a, 0, steps, c, 0, 4 * lanes - 1));
        // half vectors within an array and at its end: the virtual machine takes different ways
        int half = lanes / 2;
        int last = a.length - rows[3] - steps[1] - half;
        int end = a.length - 2 * wide - lanes - half;
        repeat(() ->
                kernels.dot(a, 0, rows, 0, steps, b, 0, rows, 0, steps, 0, 2, 2 * lanes, c, 0));
        repeat(() -> {
            kernels.dot(a, 0, rows, 0, steps, b, 0, rows, 0, steps, 0, 2, half, c, 0);
            kernels.dot(a, last, rows, 0, steps, b, last, rows, 0, steps, 0, 2, half, c, 0);
        });
        repeat(() -> kernels.sum(a, 0, 9 * lanes + half));
        repeat(() -> {
            kernels.copyRows(a, 0, wide, b, 0, wide, 3, lanes + half);
            kernels.copyRows(a, end, wide, b, end, wide, 3, lanes + half);
        });
        repeat(() -> {
            kernels.gatherRows(a, 0, steps, 3, b, 0, wide, lanes + half);
            kernels.gatherRows(a, end, steps, 3, b, end, wide, lanes + half);
        });
    }

    private static void repeat(Runnable call) {
        for (int i = 0; i < CALLS; i++) call.run();
        for (int i = CALLS; i < MOST_CALLS; i++) {
            long start = System.nanoTime();
            call.run();
            if (System.nanoTime() - start < FAST_NANOSECONDS) return;
        }
    }
}
