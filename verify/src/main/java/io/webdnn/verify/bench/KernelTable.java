package io.webdnn.verify.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;

/// Where the time of a run goes: its kernels, the slowest first.
///
/// @param flops what the machine computes at best, in GFLOP/s
/// @param bandwidth what it reads and writes at best, in GB/s
/// @param costs of the kernels, in the order in which they run
/// @param times of the kernels, in milliseconds
record KernelTable(double flops, double bandwidth, List<KernelCost> costs, List<Double> times) {
    KernelTable {
        if (costs.size() != times.size())
            throw new IllegalStateException(
                    "kernels: expected times of %d, got %d".formatted(costs.size(), times.size()));
    }

    /// {@return the script that takes the times of kernels in a page}
    static byte[] script() throws IOException {
        try (var in = KernelTable.class.getResourceAsStream("kernels.js")) {
            return Objects.requireNonNull(in, "kernels.js").readAllBytes();
        }
    }

    /// {@return the least time of a kernel on a machine that reaches its best, over its time}
    double share(int kernel) {
        var cost = costs.get(kernel);
        double least = Math.max(cost.flop() / flops, cost.bytes() / bandwidth) / 1e6;
        return times.get(kernel) == 0 ? 0 : least / times.get(kernel);
    }

    List<String> lines() {
        double total = times.stream().mapToDouble(time -> time).sum();
        var lines = new ArrayList<String>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%d dispatches, %.3f ms; at best %.1f GFLOP/s in registers, %.1f GB/s in memory",
                        costs.size(),
                        total,
                        flops,
                        bandwidth));
        lines.add(
                "| kernel | template | ms | of all | MFLOP | MB | FLOP/byte | GFLOP/s | of roofline |");
        lines.add("|---|---|---|---|---|---|---|---|---|");
        IntStream.range(0, costs.size())
                .boxed()
                .sorted(Comparator.comparing(times::get).reversed())
                .forEach(kernel -> lines.add(line(kernel, total)));
        return lines;
    }

    private String line(int kernel, double total) {
        var cost = costs.get(kernel);
        double time = times.get(kernel);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.3f | %.0f %% | %.2f | %.2f | %.1f | %.2f | %.0f %% |",
                cost.origin(),
                cost.template(),
                time,
                100 * time / total,
                cost.flop() / 1e6,
                cost.bytes() / 1e6,
                cost.flop() / cost.bytes(),
                time == 0 ? 0 : cost.flop() / time / 1e6,
                100 * share(kernel));
    }
}
