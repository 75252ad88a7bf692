package io.webdnn.train.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Ends the reading of a stream that gives nothing for too long. The HTTP client's own timeout ends
/// with the header of an answer, so that a server which falls silent after it would be waited for
/// without end.
final class StallWatch implements AutoCloseable {
    private final InputStream in;
    private final Duration patience;
    private final Thread watcher;
    private volatile long heard = System.nanoTime();
    private volatile boolean stalled;
    private long bytes;

    StallWatch(InputStream in, Duration patience) {
        this.in = in;
        this.patience = patience;
        watcher = Thread.ofVirtual().name("webdnn-download-watch").start(this::watch);
    }

    /// Reads what is there.
    ///
    /// @return how many bytes, or −1 at the end
    /// @throws IOException if nothing came for too long, or the stream fails
    int read(byte[] chunk) throws IOException {
        int count;
        try {
            count = in.read(chunk);
        } catch (IOException e) {
            throw stalled ? silence(e) : e;
        }
        if (count < 0 && stalled) throw silence(null);
        heard = System.nanoTime();
        bytes += Math.max(count, 0);
        return count;
    }

    private IOException silence(@Nullable IOException cause) {
        return new IOException(
                "nothing more came for %s after %d bytes".formatted(seconds(patience), bytes),
                cause);
    }

    static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString()
                + " s";
    }

    private void watch() {
        try {
            for (long left; (left = patience.toNanos() - (System.nanoTime() - heard)) > 0; ) {
                Thread.sleep(Duration.ofNanos(left));
            }
            stalled = true;
            in.close(); // wakes the reader
        } catch (InterruptedException e) {
            return; // the reading has ended
        } catch (IOException e) {
            return; // closed all the same
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
    }
}
