package io.webdnn.compiler.layout;

import io.webdnn.graph.expr.Buffer;
import java.util.HashMap;
import java.util.Map;

/// How the buffers of a program lie on a target: fixed by whoever asks first, so that a template
/// may only choose for what no kernel has met.
public final class Layouts {
    private final boolean isTexels;
    private final int mostLayers;
    private final Map<Buffer, Layout> chosen = new HashMap<>();

    /// @param isTexels whether tensors are textures
    /// @param mostLayers how many layers an invocation can write
    public Layouts(boolean isTexels, int mostLayers) {
        this.isTexels = isTexels;
        this.mostLayers = mostLayers;
    }

    /// {@return the layout of a buffer}
    public Layout of(Buffer buffer) {
        return chosen.computeIfAbsent(buffer, this::plain);
    }

    private Layout plain(Buffer buffer) {
        var shape = buffer.type().shape();
        return isTexels ? Layout.texels(shape) : Layout.rowMajor(shape);
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
