package io.webdnn.train;

/// Says that training cannot go on: names operation, argument, what was expected and what was
/// found, and the user's line where that helps.
public final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private TrainingException(String message) {
        super(message);
    }

    /// {@return `operation: argument: expected …, got …`}
    public static TrainingException of(
            String operation, String argument, String expected, Object actual) {
        return saying(operation, argument + ": expected " + expected + ", got " + actual);
    }

    /// {@return `operation: sentence`, for what does not fit *expected, got*}
    public static TrainingException saying(String operation, String sentence) {
        return new TrainingException(operation + ": " + sentence);
    }
}
