package io.webdnn.compiler.layout;

import io.webdnn.compiler.Target;
import io.webdnn.compiler.loop.KernelBuffer.Storage;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.tensor.DType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the buffers of a program lie on a target: fixed by whoever asks first, so that a template
/// may only choose for what no kernel has met.
public final class Layouts {
    private final Target target;
    private final int mostLayers;
    private final boolean isWide;
    private final boolean hasHalfWeights;
    private final Map<Buffer, Layout> chosen = new HashMap<>();

    /// @param mostLayers how many layers an invocation can write
    /// @param isWide whether int64 and uint64 have 64 bits
    /// @param hasHalfWeights whether float32 constants are stored as float16
    public Layouts(Target target, int mostLayers, boolean isWide, boolean hasHalfWeights) {
        this.target = target;
        this.mostLayers = mostLayers;
        this.isWide = isWide;
        this.hasHalfWeights = hasHalfWeights;
    }

    /// {@return whether int64 and uint64 have 64 bits}
    public boolean isWide() {
        return isWide;
    }

    /// {@return the type of the elements of a dtype, or null if the target cannot hold it}
    public @Nullable ScalarType scalar(DType dtype) {
        return target.scalar(dtype, isWide);
    }

    /// {@return how the scalars of a buffer are stored}
    public Storage storage(Buffer buffer) {
        boolean isConstant = buffer.constant() != null;
        boolean isHalf =
                switch (buffer.type().dtype()) {
                    case FLOAT16 -> true;
                    case FLOAT32 -> isConstant && hasHalfWeights;
                    default -> false;
                };
        if (!isHalf || !target.storesHalves()) return Storage.WHOLE;
        return isConstant && !target.isTexels() ? Storage.PAIRS : Storage.HALVES;
    }

    /// {@return the layout of a buffer}
    public Layout of(Buffer buffer) {
        return chosen.computeIfAbsent(buffer, this::plain);
    }

    private Layout plain(Buffer buffer) {
        var shape = buffer.type().shape();
        return target.isTexels() ? Layout.texels(shape) : Layout.rowMajor(shape);
    }

    /// {@return whether no kernel has met a buffer, so that it may be put in layers}
    public boolean isOpen(Buffer buffer) {
        return !chosen.containsKey(buffer);
    }

    /// Puts the texels of a buffer that no kernel has met in layers.
    public void putInLayers(Buffer buffer, int layers) {
        var before = chosen.putIfAbsent(buffer, plain(buffer).inLayers(layers));
        if (before != null)
            throw new IllegalStateException(
                    "Layouts: " + buffer + ": expected a buffer that no kernel has met");
    }

    /// {@return how many layers an invocation can write}
    public int mostLayers() {
        return mostLayers;
    }
}
