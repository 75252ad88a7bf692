package io.webdnn.compiler.loop;

import io.webdnn.tensor.Dimension;
import java.util.List;

/// A function that reads and writes buffers: what emitters print. Kernels that are printed the same
/// are shipped once.
///
/// @param name for readers, made from what it computes: `conv1_relu`
/// @param template the template that made it, for `--explain`
/// @param buffers in the order in which they are bound
/// @param parameters symbolic sizes, evaluated by the host, in the order in which they are passed
/// @param arrays arrays of its own
/// @param grid the invocations, on targets with a grid
public record Kernel(
        String name,
        String template,
        List<KernelBuffer> buffers,
        List<Dimension> parameters,
        List<LocalArray> arrays,
        Grid grid,
        Stmt.Block body) {
    public Kernel {
        buffers = List.copyOf(buffers);
        parameters = List.copyOf(parameters);
        arrays = List.copyOf(arrays);
    }
}
