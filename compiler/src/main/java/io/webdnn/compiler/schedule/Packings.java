package io.webdnn.compiler.schedule;

import io.webdnn.compiler.lower.Kept;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Visit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The operands that are known before the first run, in the order in which kernels read them:
/// packed when compiling, or from dequantized weights when loading. Plans of one program for
/// different devices share them: each is evaluated once, and stored once.
public final class Packings {
    /// @param later what computes the buffer when loading, or null if it is a constant
    private record Packed(Buffer buffer, @Nullable Stage later) {}

    private final Kept kept;
    private final Map<List<Object>, Packed> known = new HashMap<>();

    /// Nothing is packed yet.
    ///
    /// @param kept what is computed once, before the first run
    public Packings(Kept kept) {
        this.kept = kept;
    }

    /// {@return whether an operand is known before the first run}
    boolean isKnown(Expr factor) {
        return kept.isKnown(factor);
    }

    /// {@return whether a buffer is written once, before the first run, by a stage of its own}
    boolean isKept(Buffer buffer) {
        return kept.contains(buffer);
    }

    /// {@return the buffer that holds a packed operand}
    ///
    /// @param order all that decides what is packed, and in which order
    /// @param pack what packs it
    /// @param calls where the call is put that packs it when loading
    Buffer of(
            List<Object> order, Supplier<Stage> pack, Template.Request request, List<Call> calls) {
        var packed =
                known.computeIfAbsent(
                        order,
                        _ -> {
                            var stage =
                                    kept.fromConstants(pack.get(), request.target().maxBuffers());
                            return isLater(stage)
                                    ? new Packed(stage.outputs().getFirst().buffer(), stage)
                                    : new Packed(Materialize.arranged(stage), null);
                        });
        var later = packed.later();
        if (later != null
                && request.layouts().isOpen(packed.buffer()) // no kernel of this plan reads it yet
                && new Generic().apply(later, request.once())
                        instanceof Template.Result.Accepted(var made)) calls.addAll(made);
        return packed.buffer();
    }

    private static boolean isLater(Stage stage) {
        boolean isConstant =
                Visit.buffers(stage.outputs().getFirst().value()).stream()
                        .allMatch(b -> b.constant() != null);
        return !isConstant || Materialize.isWider(stage);
    }
}
