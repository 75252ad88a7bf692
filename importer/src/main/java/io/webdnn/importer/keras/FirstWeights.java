package io.webdnn.importer.keras;

import io.webdnn.importer.keras.ModelFile.StoredWeight;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Weights of older files as Keras 2 has them: other orders of axes, a matrix for each gate, and
/// kernels that Theano turns round.
final class FirstWeights {
    /// Keras 1 stores the gates of an LSTM as i, c, f, o; Keras 2 as i, f, c, o.
    private static final int[] MEMORY_GATES = {0, 2, 1, 3};

    private static final Set<String> CONVOLUTIONS =
            Set.of("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D");

    private FirstWeights() {}

    /// {@return the weights of a layer of a file of a version}
    static List<StoredWeight> converted(
            LayerConfig layer, List<StoredWeight> stored, KerasVersion version) {
        var weights = version.major() == 1 ? ofFirst(layer, stored) : stored;
        return version.isOfTheano() && CONVOLUTIONS.contains(layer.kind())
                ? turnedRound(layer, weights)
                : weights;
    }

    private static List<StoredWeight> ofFirst(LayerConfig layer, List<StoredWeight> stored) {
        if (stored.isEmpty()) return stored;
        boolean isFirst = "th".equals(layer.get("dim_ordering"));
        return switch (layer.kind()) {
            case "Conv1D" -> kernel(stored, FirstWeights::ofOneAxis);
            // [M, C, k…] as [k…, C, M]
            case "Conv2D" -> isFirst ? kernel(stored, w -> permuted(w, 2, 3, 1, 0)) : stored;
            case "Conv3D" -> isFirst ? kernel(stored, w -> permuted(w, 2, 3, 4, 1, 0)) : stored;
            case "Conv2DTranspose" ->
                    kernel(
                            stored,
                            w -> isFirst ? permuted(w, 2, 3, 0, 1) : permuted(w, 0, 1, 3, 2));
            case "GRU" -> stored.size() == 9 ? gathered(stored, 0, 1, 2) : stored;
            case "LSTM" -> stored.size() == 12 ? gathered(stored, MEMORY_GATES) : stored;
            case "ConvLSTM2D" ->
                    stored.size() == 12 ? gathered(stored, MEMORY_GATES, isFirst) : stored;
            default -> stored;
        };
    }

    /// Changes one array.
    @FunctionalInterface
    private interface Change {
        Tensor of(Tensor weight);
    }

    private static List<StoredWeight> kernel(List<StoredWeight> stored, Change change) {
        var weights = new ArrayList<>(stored);
        var kernel = weights.getFirst();
        weights.set(0, new StoredWeight(kernel.path(), change.of(kernel.value())));
        return weights;
    }

    /// {@return `[k, 1, C, M]`, or before Keras 1.1 `[M, C, k, 1]`, as `[k, C, M]`}
    private static Tensor ofOneAxis(Tensor weight) {
        int[] shape = weight.shape();
        if (shape.length != 4) return weight;
        var later = shape[1] == 1 ? weight : permuted(weight, 2, 3, 1, 0);
        int[] extents = later.shape();
        return later.reshape(extents[0], extents[2], extents[3]);
    }

    /// {@return an array whose axis `d` is axis `order[d]` of the other; itself if it has another
    /// rank, which the layer will complain about}
    private static Tensor permuted(Tensor weight, int... order) {
        int[] shape = weight.shape();
        if (shape.length != order.length) return weight;
        int rank = shape.length;
        int[] to = new int[rank];
        int[] steps = new int[rank]; // in the other, along each axis of the result
        for (int d = 0; d < rank; d++) {
            to[d] = shape[order[d]];
            steps[d] = 1;
            for (int e = order[d] + 1; e < rank; e++) steps[d] *= shape[e];
        }
        float[] from = weight.floats();
        var values = new float[from.length];
        for (int i = 0; i < values.length; i++) {
            int place = 0;
            int rest = i;
            for (int d = rank - 1; d >= 0; d--) {
                place += rest % to[d] * steps[d];
                rest /= to[d];
            }
            values[i] = from[place];
        }
        return Tensor.of(values, to);
    }

    /// {@return kernel, recurrent kernel and bias, of those of each gate, joined on the last axis}
    private static List<StoredWeight> gathered(List<StoredWeight> stored, int... gates) {
        return gathered(stored, gates, false);
    }

    private static List<StoredWeight> gathered(
            List<StoredWeight> stored, int[] gates, boolean isFirst) {
        var weights = new ArrayList<StoredWeight>();
        for (int role = 0; role < 3; role++) {
            var parts = new ArrayList<Tensor>();
            for (int gate : gates) {
                var part = stored.get(3 * gate + role).value();
                parts.add(isFirst ? permuted(part, 2, 3, 1, 0) : part);
            }
            weights.add(new StoredWeight(stored.get(role).path(), joined(parts)));
        }
        return weights;
    }

    private static Tensor joined(List<Tensor> parts) {
        int[] shape = parts.getFirst().shape();
        int width = shape.length == 0 ? 1 : shape[shape.length - 1];
        int count = parts.size();
        int size = parts.getFirst().size();
        var values = new float[size * count];
        for (int p = 0; p < count; p++) {
            float[] part = parts.get(p).floats();
            // parts of other shapes: the layer will say what it expected
            for (int i = 0; i < Math.min(size, part.length); i++)
                values[i / width * width * count + p * width + i % width] = part[i];
        }
        int[] to = shape.clone();
        if (to.length > 0) to[to.length - 1] = width * count;
        return Tensor.of(values, to);
    }

    /// Theano convolves, the others correlate.
    private static List<StoredWeight> turnedRound(LayerConfig layer, List<StoredWeight> stored) {
        var weights = new ArrayList<StoredWeight>();
        int kernels = layer.kind().equals("ConvLSTM2D") ? 2 : 1;
        for (int i = 0; i < stored.size(); i++) {
            var weight = stored.get(i);
            weights.add(
                    i < kernels
                            ? new StoredWeight(weight.path(), turnedRound(weight.value()))
                            : weight);
        }
        return weights;
    }

    /// {@return `[k…, in, out]` from the last tap to the first}
    private static Tensor turnedRound(Tensor kernel) {
        int[] shape = kernel.shape();
        if (shape.length < 3) return kernel;
        int block = shape[shape.length - 1] * shape[shape.length - 2];
        int taps =
                IntStream.range(0, shape.length - 2).map(d -> shape[d]).reduce(1, (a, b) -> a * b);
        float[] from = kernel.floats();
        var values = new float[from.length];
        for (int tap = 0; tap < taps; tap++)
            System.arraycopy(from, tap * block, values, (taps - 1 - tap) * block, block);
        return Tensor.of(values, shape);
    }
}
