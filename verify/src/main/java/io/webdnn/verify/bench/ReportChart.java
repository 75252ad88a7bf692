package io.webdnn.verify.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Draws a report: for each network and setting a bar as long as our time over that of ONNX
/// Runtime, beside a line at 1.
record ReportChart(Report report) {
    private static final int LABEL = 190;
    private static final int WIDTH = 720;
    private static final int BAR = 11;
    private static final int TOP = 44;

    /// Bars end here; the number beside them tells more.
    private static final double LONGEST = 1.5;

    private record Bar(Setting setting, double ratio) {}

    String text() {
        var body = new ArrayList<String>();
        int y = TOP;
        for (var network : report.networks()) {
            var bars = bars(network);
            if (bars.isEmpty()) continue;
            int middle = y + bars.size() * (BAR + 2) / 2;
            body.add(label(LABEL - 10, middle + 4, "end", Networks.title(network)));
            for (var bar : bars) {
                int length = scaled(Math.min(bar.ratio(), LONGEST));
                var ratio = String.format(Locale.ROOT, "%.2f", bar.ratio());
                body.add(rectangle(LABEL, y, length, bar.setting().color()));
                body.add(label(LABEL + length + 5, y + BAR - 1, "start", ratio));
                y += BAR + 2;
            }
            y += BAR;
        }
        int one = LABEL + scaled(1);
        body.add(
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#888\" stroke-dasharray=\"3 3\"/>"
                        .formatted(one, TOP - 8, one, y - BAR + 4));
        body.add(label(one, TOP - 12, "middle", "as fast as ONNX Runtime; shorter is faster"));
        int x = 10;
        for (var setting : report.settings()) {
            body.add(rectangle(x, 6, BAR, setting.color()));
            body.add(label(x + 15, 15, "start", setting.title()));
            x += 36 + 6 * setting.title().length();
        }
        return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" font-family="sans-serif" font-size="11" fill="#888">
        %s
        </svg>
        """
                .formatted(WIDTH, y, WIDTH, y, String.join("\n", body));
    }

    private List<Bar> bars(String network) {
        var bars = new ArrayList<Bar>();
        for (var setting : report.settings()) {
            report.ratio(network, setting, Competitor.ONNXRUNTIME, Row::median)
                    .ifPresent(ratio -> bars.add(new Bar(setting, ratio)));
        }
        return bars;
    }

    private static int scaled(double ratio) {
        return (int) Math.round(ratio / LONGEST * (WIDTH - LABEL - 40));
    }

    private static String rectangle(int x, int y, int width, String color) {
        return "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>"
                .formatted(x, y, width, BAR, color);
    }

    private static String label(int x, int y, String anchor, String text) {
        var escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        return "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>"
                .formatted(x, y, anchor, escaped);
    }
}
