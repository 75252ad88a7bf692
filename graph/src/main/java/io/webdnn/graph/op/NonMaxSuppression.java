package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Boxes that overlap no better one of their class: a row `[batch, class, box]` for each.
///
/// | | shape | dtype |
/// |---|---|---|
/// | boxes | `[B, N, 4]`: two opposite corners `y, x, y, x`, or `x, y` of the centre, width, height | float32 |
/// | scores | `[B, C, N]` | float32 |
/// | most, may be absent (0) | one element: boxes of a class at most | int64 |
/// | iou, may be absent (0) | one element | float32 |
/// | least, may be absent (none) | one element | float32 |
/// | selected | `[count, 3]` | int64 |
///
/// In each batch and class, boxes whose score is above `least` are taken in descending order of
/// their scores, of equal ones the first, unless the intersection with one taken before is more
/// than `iou` of the union of the two; a box without area overlaps nothing. How many there are
/// depends on data, so it is a symbol. Runs on the host.
///
/// Source: ONNX NonMaxSuppression-11.
///
/// @param count the name of the symbol
public record NonMaxSuppression(boolean centerPointBox, String count) implements HostOperator {
    public NonMaxSuppression {
        if (count.isEmpty())
            throw GraphException.of(
                    "NonMaxSuppression", "count", "a name for the number of boxes", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 5);
        var boxes = expect.input(0, "boxes").dtype(DType.FLOAT32).rank(3);
        boxes.extent(2, Dimension.of(4), "coordinates");
        expect.input(1, "scores")
                .dtype(DType.FLOAT32)
                .rank(3)
                .extent(0, in.extent(0, 0), "B")
                .extent(2, in.extent(0, 1), "N");
        expect.optional(2, "most").dtype(DType.INT64).single();
        expect.optional(3, "iou").dtype(DType.FLOAT32).single();
        expect.optional(4, "least").dtype(DType.FLOAT32).single();
        var shape = io.webdnn.tensor.Shape.of(Dimension.symbol(count), Dimension.of(3));
        return List.of(new TensorType(DType.INT64, shape));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var boxes = Objects.requireNonNull(in.get(0));
        var scores = Objects.requireNonNull(in.get(1));
        long most = (long) number(in, 2, 0);
        float iou = (float) number(in, 3, 0);
        double least = number(in, 4, Double.NEGATIVE_INFINITY);
        int classes = scores.shape()[1];
        int n = scores.shape()[2];
        var selected = new ArrayList<long[]>();
        for (int row = 0; row < scores.shape()[0] * classes; row++) {
            int batch = row / classes;
            int start = row * n;
            var kept = new ArrayList<Integer>();
            for (int box : candidates(scores.floats(), start, n, least)) {
                if (kept.size() >= most) break;
                var candidate = corners(boxes, batch * n + box);
                if (kept.stream()
                        .noneMatch(k -> overlap(candidate, corners(boxes, batch * n + k)) > iou))
                    kept.add(box);
            }
            for (int box : kept) selected.add(new long[] {batch, row % classes, box});
        }
        var rows = new long[3 * selected.size()];
        for (int i = 0; i < rows.length; i++) rows[i] = selected.get(i / 3)[i % 3];
        return List.of(Tensor.of(rows, selected.size(), 3));
    }

    private static double number(List<? extends @Nullable Tensor> in, int i, double otherwise) {
        var tensor = i < in.size() ? in.get(i) : null;
        return tensor == null ? otherwise : tensor.getDouble(0);
    }

    private static List<Integer> candidates(float[] scores, int start, int n, double least) {
        var candidates = new ArrayList<Integer>();
        for (int i = 0; i < n; i++) if (scores[start + i] > least) candidates.add(i);
        candidates.sort(Comparator.comparingDouble(i -> -scores[start + i])); // stable
        return candidates;
    }

    /// {@return top, left, bottom, right}
    private float[] corners(Tensor boxes, int box) {
        float[] b = new float[4];
        System.arraycopy(boxes.floats(), 4 * box, b, 0, 4);
        if (centerPointBox) {
            float halfWidth = b[2] / 2;
            float halfHeight = b[3] / 2;
            return new float[] {
                b[1] - halfHeight, b[0] - halfWidth, b[1] + halfHeight, b[0] + halfWidth
            };
        }
        return new float[] {
            Math.min(b[0], b[2]), Math.min(b[1], b[3]), Math.max(b[0], b[2]), Math.max(b[1], b[3])
        };
    }

    /// {@return the intersection over the union, 0 if one has no area}
    private static float overlap(float[] a, float[] b) {
        float height = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
        float width = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
        float areaOfA = area(a);
        float areaOfB = area(b);
        if (areaOfA <= 0 || areaOfB <= 0 || height <= 0 || width <= 0) return 0;
        float both = height * width;
        return both / (areaOfA + areaOfB - both);
    }

    private static float area(float[] a) {
        return (a[2] - a[0]) * (a[3] - a[1]);
    }
}
