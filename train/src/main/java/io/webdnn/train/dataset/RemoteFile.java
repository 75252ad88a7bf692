package io.webdnn.train.dataset;

/// A file whose contents are known before it is fetched.
///
/// @param name the name, the same on every mirror
/// @param bytes its size
/// @param sha256 the checksum in lower-case hexadecimal
record RemoteFile(String name, int bytes, String sha256) {
    /// {@return the name of what is inside}
    String plainName() {
        return name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    }
}
