package io.webdnn.importer.keras;

/// The version of Keras that wrote a file, where defaults depend on it.
///
/// @param major 1, 2 or 3
/// @param isOfTheano whether Theano computed, whose convolutions turn kernels round
record KerasVersion(int major, boolean isOfTheano) {
    static KerasVersion of(String text, String backend) {
        char first = text.isEmpty() ? '1' : text.charAt(0);
        return new KerasVersion(
                Character.isDigit(first) ? first - '0' : 2, backend.equals("theano"));
    }
}
