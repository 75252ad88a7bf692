package io.webdnn.compiler.schedule;

import io.webdnn.compiler.loop.Kernel;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// What a program does, in order.
public sealed interface Call {
    /// {@return the nodes that this comes from}
    String origin();

    /// One run of a kernel.
    ///
    /// @param buffers what its [io.webdnn.compiler.loop.KernelBuffer]s are bound to
    /// @param declined why templates before the one that took it did not, for `--explain`
    record Run(Kernel kernel, List<Buffer> buffers, String origin, List<String> declined)
            implements Call {
        public Run {
            buffers = List.copyOf(buffers);
            declined = List.copyOf(declined);
        }
    }

    /// A Java function.
    record Host(HostCall call, String origin) implements Call {}

    /// Calls that are repeated: the kernels in the body take the number of the repetition as the
    /// size `symbol`.
    record Repeat(String symbol, Dimension extent, List<Call> body, String origin) implements Call {
        public Repeat {
            body = List.copyOf(body);
        }
    }
}
