package io.webdnn.compiler;

/// Says that a graph cannot be compiled for a target: names the node, the target, what was expected
/// and what to do instead.
public final class CompileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param origin the node: `NonZero 'mask'`
    /// @param detail what was expected, what was found
    public CompileException(String origin, Target target, String detail) {
        super(origin + ": " + target + ": " + detail);
    }
}
