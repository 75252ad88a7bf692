package io.webdnn.train.keras;

import io.webdnn.train.keras.Fit.Verbosity;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Prints how training goes, as Keras does: on a terminal a bar that moves, elsewhere a line for
/// each epoch.
final class ProgressLog implements Callback {
    private static final int WIDTH = 30;
    private static final long INTERVAL = 50_000_000; // nanoseconds between two pictures of the bar

    private final PrintWriter out;
    private final boolean bar;
    private final int samples;
    private final int batchSize;
    private final int epochs;
    private final LongSupplier clock;
    private long start;
    private long shown;
    private int printed;

    /// @param samples how many examples an epoch has
    ProgressLog(
            PrintWriter out,
            boolean bar,
            int samples,
            int batchSize,
            int epochs,
            LongSupplier clock) {
        this.out = out;
        this.bar = bar;
        this.samples = samples;
        this.batchSize = batchSize;
        this.epochs = epochs;
        this.clock = clock;
    }

    static boolean showsBar(Verbosity verbosity) {
        return switch (verbosity) {
            case BAR -> true;
            case LINE, SILENT -> false;
            case AUTO ->
                    Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        };
    }

    @Override
    public void onEpochBegin(int epoch) {
        out.println("Epoch " + (epoch + 1) + "/" + epochs);
        out.flush();
        start = clock.getAsLong();
        shown = start - INTERVAL;
        printed = 0;
    }

    @Override
    public void onBatchEnd(int batch, Map<String, Double> logs) {
        if (!bar) return;
        int done = Math.min(samples, (batch + 1) * batchSize);
        long now = clock.getAsLong();
        if (done < samples && now - shown < INTERVAL) return;
        shown = now;
        print(done, now, logs);
    }

    private void print(int done, long now, Map<String, Double> logs) {
        var seconds = (now - start) / 1e9;
        var time =
                done < samples
                        ? "ETA: " + remaining(seconds / done * (samples - done))
                        : total(seconds);
        var line = count(done) + " [" + marks(done) + "] - " + time + figures(logs);
        out.print("\r" + line + " ".repeat(Math.max(0, printed - line.length())));
        out.flush();
        printed = line.length();
    }

    private String count(int done) {
        var all = String.valueOf(samples);
        return " ".repeat(all.length() - String.valueOf(done).length()) + done + "/" + all;
    }

    private String marks(int done) {
        int width = (int) ((long) WIDTH * done / samples);
        if (width == 0) return ".".repeat(WIDTH);
        return "=".repeat(width - 1) + (done < samples ? ">" : "=") + ".".repeat(WIDTH - width);
    }

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        long now = clock.getAsLong();
        if (bar) {
            print(samples, now, logs);
            out.println();
        } else {
            out.println(" - " + total((now - start) / 1e9) + figures(logs));
        }
        out.flush();
    }

    private static String remaining(double seconds) {
        long whole = (long) seconds;
        if (whole >= 3600)
            return "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
        return whole >= 60 ? "%d:%02d".formatted(whole / 60, whole % 60) : whole + "s";
    }

    private String total(double seconds) {
        int steps = Math.ceilDiv(samples, batchSize);
        double each = seconds / steps;
        var perStep =
                each >= 1
                        ? "%.0fs".formatted(each)
                        : each >= 1e-3
                                ? "%.0fms".formatted(each * 1e3)
                                : "%.0fus".formatted(each * 1e6);
        return "%.0fs %s/step".formatted(seconds, perStep);
    }

    /// {@return ` - loss: 0.2197 - accuracy: 0.9341`}
    private static String figures(Map<String, Double> logs) {
        var text = new StringBuilder();
        logs.forEach((name, value) -> {
            var format = Math.abs(value) > 1e-3 ? " - %s: %.4f" : " - %s: %.4e";
            text.append(String.format(Locale.ROOT, format, name, value));
        });
        return text.toString();
    }
}
