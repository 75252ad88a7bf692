package io.webdnn.train.dataset;

import io.webdnn.tensor.Tensor;
import java.util.List;

/// Grey images of bytes with a label each. A batch is `[N, 1, H, W]`, float32 in 0 … 1, and `[N]`,
/// int32.
public final class LabelledImages implements Dataset {
    private static final float[] SCALED = new float[256];

    static {
        for (int i = 0; i < 256; i++) SCALED[i] = i / 255f;
    }

    private final byte[] pixels;
    private final byte[] labels;
    private final int height;
    private final int width;

    /// @param pixels the images one after the other, rows from the top
    LabelledImages(byte[] pixels, byte[] labels, int height, int width) {
        if (pixels.length != labels.length * height * width)
            throw new IllegalArgumentException("expected as many images as labels");
        this.pixels = pixels;
        this.labels = labels;
        this.height = height;
        this.width = width;
    }

    @Override
    public int size() {
        return labels.length;
    }

    /// {@return the label of an example}
    public int label(int index) {
        return labels[index];
    }

    /// {@return a pixel of an example, 0 … 255}
    public int pixel(int index, int y, int x) {
        return pixels[(index * height + y) * width + x] & 255;
    }

    /// {@return all images, channels last as in Keras: `[N, H, W, 1]`, float32 in 0 … 1}
    public Tensor images() {
        float[] x = new float[pixels.length];
        for (int i = 0; i < x.length; i++) x[i] = SCALED[pixels[i] & 255];
        return Tensor.of(x, labels.length, height, width, 1);
    }

    /// {@return all labels: `[N]`, int32}
    public Tensor labels() {
        int[] t = new int[labels.length];
        for (int i = 0; i < t.length; i++) t[i] = labels[i];
        return Tensor.of(t, t.length);
    }

    @Override
    public List<Tensor> batch(int[] indices) {
        int area = height * width;
        float[] x = new float[indices.length * area];
        int[] t = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            int from = indices[i] * area;
            int to = i * area;
            for (int k = 0; k < area; k++) x[to + k] = SCALED[pixels[from + k] & 255];
            t[i] = labels[indices[i]];
        }
        return List.of(Tensor.of(x, indices.length, 1, height, width), Tensor.of(t, t.length));
    }
}
