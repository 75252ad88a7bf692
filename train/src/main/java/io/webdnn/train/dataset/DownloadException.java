package io.webdnn.train.dataset;

/// Says that a file could not be had from the network: names the file, each address that was tried
/// and why it failed, and where to put the file by hand.
public final class DownloadException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param message names the file, the addresses and why each failed
    public DownloadException(String message) {
        super(message);
    }
}
