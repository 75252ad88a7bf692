package io.webdnn.cli;

/// Ends a command with a message for the user; names the thing, what was expected and what to do.
public final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int exitCode;

    private CommandException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /// The job failed: exit code 1.
    public static CommandException failed(String message) {
        return new CommandException(1, message);
    }

    /// Wrong use, or something is missing on the machine: exit code 2.
    public static CommandException wrongUse(String message) {
        return new CommandException(2, message);
    }

    int exitCode() {
        return exitCode;
    }
}
