package io.webdnn.graph.interpret;

import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Reading elements of tensors.
final class Loads {
    private Loads() {}

    static Code.Real real(Tensor tensor, Code.Whole offset) {
        if (tensor.size() == 0) return f -> offset.at(f);
        return switch (tensor.storage()) {
            case float[] a -> f -> a[(int) offset.at(f)];
            case double[] a -> f -> a[(int) offset.at(f)];
            default -> f -> tensor.getDouble((int) offset.at(f));
        };
    }

    static Code.Whole whole(Tensor tensor, Code.Whole offset) {
        if (tensor.size() == 0) return offset;
        return switch (tensor.dtype()) {
            case INT64, UINT64 -> {
                var a = tensor.longs();
                yield f -> a[(int) offset.at(f)];
            }
            case INT32 -> {
                var a = tensor.ints();
                yield f -> a[(int) offset.at(f)];
            }
            default -> f -> tensor.getLong((int) offset.at(f));
        };
    }

    /// The position of an element; 0 in a tensor without elements.
    static Code.Whole offset(String name, int[] shape, List<Code.Whole> index, Bounds bounds) {
        int rank = shape.length;
        var strides = new long[rank];
        long size = 1;
        for (int d = rank - 1; d >= 0; d--) {
            strides[d] = size;
            size *= shape[d];
        }
        if (rank == 0) return _ -> 0;
        if (size == 0) {
            return switch (bounds) {
                case CLAMPED -> _ -> 0;
                case CHECKED ->
                        _ -> {
                            throw new IndexOutOfBoundsException(
                                    "Load: "
                                            + name
                                            + ": expected a tensor with elements, got shape "
                                            + Arrays.toString(shape));
                        };
            };
        }
        var at = index.toArray(Code.Whole[]::new);
        return switch (bounds) {
            case CLAMPED ->
                    f -> {
                        long offset = 0;
                        for (int d = 0; d < rank; d++) {
                            offset += Math.clamp(at[d].at(f), 0, shape[d] - 1) * strides[d];
                        }
                        return offset;
                    };
            case CHECKED ->
                    f -> {
                        long offset = 0;
                        for (int d = 0; d < rank; d++) {
                            long i = at[d].at(f);
                            if (i < 0 || i >= shape[d]) throw outside(name, shape, d, i);
                            offset += i * strides[d];
                        }
                        return offset;
                    };
        };
    }

    private static IndexOutOfBoundsException outside(
            String name, int[] shape, int axis, long index) {
        return new IndexOutOfBoundsException(
                "Load: "
                        + name
                        + ": expected 0 ... "
                        + (shape[axis] - 1)
                        + " on axis "
                        + axis
                        + " of "
                        + Arrays.toString(shape)
                        + ", got "
                        + index);
    }
}
