package io.webdnn.graph.expr;

import java.util.List;

/// One thing to be done, in the order of a list: what lowerings consist of, what the interpreter
/// runs and what is fused.
public sealed interface Step permits Stage, Push, Recurrence, Measure, HostCall {
    /// {@return the buffers that this step writes}
    List<Buffer> writes();
}
