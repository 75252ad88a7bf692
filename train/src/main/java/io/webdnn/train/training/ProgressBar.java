package io.webdnn.train.training;

import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Shows on a terminal how far training is, every hundred iterations.
public final class ProgressBar implements Extension {
    /// The escape sequence that clears the terminal from the cursor to its end.
    static final String CLEAR_BELOW = "\033[J";

    private static final String UP_FOUR_LINES = "\033[4A";
    private static final int INTERVAL = 100;
    private static final int LENGTH = 50;

    private final PrintWriter out;
    private final LongSupplier nanoseconds;
    private final ArrayDeque<Timing> recent = new ArrayDeque<>();

    private record Timing(int iteration, double epoch, long nanoseconds) {}

    /// @param out a terminal
    public ProgressBar(PrintWriter out) {
        this(out, System::nanoTime);
    }

    ProgressBar(PrintWriter out, LongSupplier nanoseconds) {
        this.out = out;
        this.nanoseconds = nanoseconds;
    }

    @Override
    public void run(Trainer trainer) {
        var updater = trainer.updater();
        if (updater.iteration() % INTERVAL != 0) return;
        var now = new Timing(updater.iteration(), updater.epochDetail(), nanoseconds.getAsLong());
        recent.add(now);
        var old = recent.getFirst();
        double seconds = (now.nanoseconds - old.nanoseconds) / 1e9;
        double speed = (now.iteration - old.iteration) / seconds;
        double epochSpeed = (now.epoch - old.epoch) / seconds;
        double left = seconds == 0 ? 0 : Math.max(0, (trainer.epochs() - now.epoch) / epochSpeed);
        out.print(CLEAR_BELOW);
        out.print(bar("     total", Math.min(now.epoch / trainer.epochs(), 1)));
        out.print(bar("this epoch", now.epoch - Math.floor(now.epoch)));
        out.print(
                "%10d iter, %d epoch / %d epochs\n"
                        .formatted(now.iteration, updater.epoch(), trainer.epochs()));
        out.print(
                "%s iters/sec. Estimated time to finish: %s.\n"
                        .formatted(speed(seconds, speed), duration(left)));
        out.print(UP_FOUR_LINES);
        out.flush();
        if (recent.size() > 100) recent.removeFirst();
    }

    private static String bar(String title, double share) {
        int marks = (int) (share * LENGTH);
        return String.format(
                Locale.ROOT,
                "%s [%s%s] %5.2f%%\n",
                title,
                "#".repeat(marks),
                ".".repeat(LENGTH - marks),
                100 * share);
    }

    private static String speed(double seconds, double speed) {
        var text = seconds == 0 ? "inf" : PythonNumbers.general(speed, 5);
        return " ".repeat(Math.max(0, 10 - text.length())) + text;
    }

    private static String duration(double seconds) {
        long whole = (long) seconds;
        return "%d:%02d:%02d".formatted(whole / 3600, whole / 60 % 60, whole % 60);
    }

    @Override
    public void finish() {
        out.print(CLEAR_BELOW);
        out.flush();
    }
}
