package io.webdnn.cli;

import io.webdnn.train.dataset.Download;
import java.io.PrintWriter;

/// Shows on a terminal, on one line, how far a download is.
final class DownloadProgress implements Download.Progress {
    private final PrintWriter out;

    DownloadProgress(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void received(String file, int bytes, int total) {
        out.print("\r%s: %3d%%".formatted(file, 100L * bytes / total));
        if (bytes == total) out.println();
        out.flush();
    }
}
