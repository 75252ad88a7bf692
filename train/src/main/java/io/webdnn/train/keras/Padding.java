package io.webdnn.train.keras;

import io.webdnn.graph.op.Window;
import java.util.List;
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

    /// {@return the windows over two axes of an example `[H, W, C]`}
    List<Window> windows(int[] input, int[] kernel, int[] strides, int[] dilation) {
        return List.of(
                window(input[0], kernel[0], strides[0], dilation[0]),
                window(input[1], kernel[1], strides[1], dilation[1]));
    }

    private Window window(int extent, int kernel, int stride, int dilation) {
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
