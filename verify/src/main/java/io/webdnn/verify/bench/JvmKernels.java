package io.webdnn.verify.bench;

import io.webdnn.compiler.Program;
import io.webdnn.graph.Graph;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.kernel.Kernels;
import io.webdnn.tensor.kernel.Workers;
import java.util.List;

/// What each call of a network costs on this JVM, with all of its threads.
final class JvmKernels {
    private static final double WARM_UP = 3000;
    private static final int RUNS = 21;

    private JvmKernels() {}

    static KernelTable table(Graph graph, Tensor input) {
        var program = Program.compile(graph);
        for (long begin = System.nanoTime(); since(begin) < WARM_UP; ) program.run(List.of(input));
        var timings = program.profile(List.of(input), RUNS);
        return new KernelTable(
                flops() * Workers.shared().threads(),
                bandwidth(),
                timings.stream().map(timing -> KernelCost.of(timing.call())).toList(),
                timings.stream().map(Program.Timing::milliseconds).toList());
    }

    /// {@return what a thread computes at best, in GFLOP/s: a tile that lies in the first cache}
    private static double flops() {
        var kernels = Kernels.best();
        int k = 128;
        int columns = kernels.tileColumns();
        int rows = Kernels.TILE_ROWS;
        var a = new float[rows * k];
        var b = new float[columns * k];
        var c = new float[rows * columns];
        int calls = 2000;
        double best = 0;
        for (int round = 0; round < 20; round++) { // the first are not compiled
            long begin = System.nanoTime();
            for (int i = 0; i < calls; i++)
                kernels.panel(rows, rows, a, 0, b, 0, k, c, 0, columns, columns, false);
            best = Math.max(best, 2.0 * rows * columns * k * calls / since(begin) / 1e6);
        }
        return best;
    }

    /// {@return what is read and written at best, in GB/s: a copy that fits no cache}
    private static double bandwidth() {
        var from = new float[1 << 24];
        var to = new float[1 << 24];
        double best = 0;
        for (int round = 0; round < 5; round++) {
            long begin = System.nanoTime();
            System.arraycopy(from, 0, to, 0, from.length);
            best = Math.max(best, 8.0 * from.length / since(begin) / 1e6);
        }
        return best;
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }
}
