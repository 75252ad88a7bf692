package io.webdnn.train.keras;

import io.webdnn.graph.op.Window;
import java.util.Locale;

/// What happens at the edges of images.
enum Padding {
    /// Windows stay within.
    VALID,
    /// Zeros around, so that a stride of 1 keeps the extents.
    SAME;

    static Padding of(Layer layer, String name) {
        for (var known : values()) if (known.keras().equals(name)) return known;
        throw layer.wrong("padding", "valid or same", name);
    }

    String keras() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// {@return the window along an axis}
    Window window(int extent, int kernel, int stride, int dilation) {
        return this == SAME
                ? Window.same(extent, kernel, stride, dilation, true)
                : new Window(stride, dilation, 0, 0);
    }

    /// {@return how many places windows have along an axis, 0 or less if there is no room}
    int places(int extent, int kernel, int stride, int dilation) {
        return this == SAME
                ? Math.ceilDiv(extent, stride)
                : Math.floorDiv(extent - (kernel - 1) * dilation - 1, stride) + 1;
    }
}
