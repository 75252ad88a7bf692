package io.webdnn.compiler.emit.jvm;

/// What an emitted class implements: a kernel as phases, each a loop whose iterations are
/// independent, so that a caller may spread them over threads; a phase that is no such loop has one
/// iteration.
public interface KernelCode {
    /// {@return the number of iterations of a phase}
    ///
    /// @param parameters the symbolic sizes, in the order of the kernel
    int extent(int phase, int[] parameters);

    /// Runs the iterations `from … to − 1` of a phase.
    ///
    /// @param buffers the arrays, in the order of the kernel
    void run(int phase, Object[] buffers, int[] parameters, int from, int to);
}
