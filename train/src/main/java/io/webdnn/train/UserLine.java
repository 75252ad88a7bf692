package io.webdnn.train;

import java.util.Set;

/// Finds the line of the user's program that is being run. Walks the stack, so it is for errors
/// only.
final class UserLine {
    private static final Set<String> OURS = Set.of("io.webdnn.train", "io.webdnn.graph");

    private UserLine() {}

    /// {@return `CNN.java:12`, or an empty text where no such line is known}
    static String find() {
        return StackWalker.getInstance()
                .walk(frames ->
                        frames.filter(f -> !isOurs(f.getClassName()))
                                .findFirst()
                                .filter(f -> f.getFileName() != null)
                                .map(f -> f.getFileName() + ":" + f.getLineNumber())
                                .orElse(""));
    }

    private static boolean isOurs(String className) {
        return className.startsWith("java.")
                || OURS.stream().anyMatch(p -> className.startsWith(p + "."));
    }
}
