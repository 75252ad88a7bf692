package io.webdnn.graph.expr;

import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/// What cannot be an expression, such as results whose shape depends on data: a Java function from
/// tensors to tensors. Runs on the interpreter and the JVM; other targets answer *unsupported* with
/// the name.
public record HostCall(
        String name, List<Buffer> reads, List<Buffer> writes, UnaryOperator<List<Tensor>> function)
        implements Step {
    public HostCall {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
    }
}
