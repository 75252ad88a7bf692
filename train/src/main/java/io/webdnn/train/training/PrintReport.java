package io.webdnn.train.training;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Prints a table with a row for each epoch of [LogReport].
public final class PrintReport implements Extension {
    private final List<String> entries;
    private final PrintWriter out;
    private final boolean terminal;
    private boolean headerPrinted;
    private int printed;

    /// @param entries the names of the figures, one per column
    /// @param terminal whether `out` understands escape sequences
    public PrintReport(List<String> entries, PrintWriter out, boolean terminal) {
        this.entries = List.copyOf(entries);
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public void run(Trainer trainer) {
        if (!headerPrinted) {
            out.print(header());
            headerPrinted = true;
        }
        var log = trainer.extension(LogReport.class, "PrintReport").log();
        for (; printed < log.size(); printed++) {
            if (terminal) out.print(ProgressBar.CLEAR_BELOW);
            out.print(row(log.get(printed)));
        }
        out.flush();
    }

    private static int width(String entry) {
        return Math.max(10, entry.length());
    }

    private String header() {
        return entries.stream()
                        .map(entry -> padded(entry, width(entry)))
                        .collect(Collectors.joining("  "))
                + "\n";
    }

    private String row(Map<String, Number> values) {
        var row = new StringBuilder();
        for (var entry : entries) {
            var value = values.get(entry);
            var text = value == null ? "" : PythonNumbers.general(value.doubleValue(), 6);
            row.append(padded(text, width(entry))).append("  ");
        }
        return row.append('\n').toString();
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
