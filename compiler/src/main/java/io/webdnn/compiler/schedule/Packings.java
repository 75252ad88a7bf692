package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The operands that were packed when compiling. Plans of one program for different devices share
/// them: each is evaluated once, and stored once.
public final class Packings {
    private final Map<List<Object>, Buffer> known = new HashMap<>();

    /// Nothing is packed yet.
    public Packings() {}

    /// {@return the buffer that holds a packed operand}
    ///
    /// @param order all that decides what is packed, and in which order
    Buffer of(List<Object> order, Supplier<Buffer> pack) {
        return known.computeIfAbsent(order, _ -> pack.get());
    }
}
