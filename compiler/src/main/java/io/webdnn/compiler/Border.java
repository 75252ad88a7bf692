package io.webdnn.compiler;

import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Objects;

/// Arrays as compiled code sees them, and their passage from and to tensors: bool and the narrow
/// integers are ints inside.
final class Border {
    private Border() {}

    private static ScalarType scalar(DType dtype) {
        return Objects.requireNonNull(Target.JVM.scalar(dtype, true), dtype::toString);
    }

    /// {@return whether compiled code works on a tensor's own array}
    static boolean isDirect(DType dtype) {
        return switch (dtype) {
            case FLOAT32, FLOAT64, INT32, UINT32, INT64, UINT64, STRING -> true;
            default -> false;
        };
    }

    /// {@return a new array for so many elements}
    static Object allocate(DType dtype, int elements) {
        if (dtype == DType.STRING) return new String[elements];
        return switch (scalar(dtype)) {
            case FLOAT16 -> throw new AssertionError(dtype); // the JVM has none
            case FLOAT32 -> new float[elements];
            case FLOAT64 -> new double[elements];
            case INT64, UINT64 -> new long[elements];
            case INT32, UINT32, BOOL -> new int[elements];
        };
    }

    /// {@return the array for the contents of a tensor: its own, or a converted copy}
    static Object array(Tensor tensor) {
        if (isDirect(tensor.dtype())) return tensor.storage();
        var array = allocate(tensor.dtype(), tensor.size());
        widen(tensor, array);
        return array;
    }

    /// Copies the elements of a tensor that is not direct into an array.
    static void widen(Tensor tensor, Object array) {
        switch (array) {
            case int[] ints -> {
                for (int i = 0; i < tensor.size(); i++) ints[i] = (int) tensor.getLong(i);
            }
            case float[] floats -> {
                for (int i = 0; i < tensor.size(); i++) floats[i] = (float) tensor.getDouble(i);
            }
            default -> throw new AssertionError(array.getClass());
        }
    }

    /// Copies an array into a tensor that is not direct; values are rounded or wrapped to its
    /// dtype.
    static void narrow(Object array, Tensor tensor) {
        switch (array) {
            case int[] ints -> {
                for (int i = 0; i < tensor.size(); i++) tensor.setLong(i, ints[i]);
            }
            case float[] floats -> {
                for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, floats[i]);
            }
            default -> throw new AssertionError(array.getClass());
        }
    }

    /// {@return a tensor over the first elements of an array, shared if that is possible}
    static Tensor tensor(Buffer buffer, Object array, int[] shape) {
        var dtype = buffer.type().dtype();
        long elements = 1;
        for (int extent : shape) elements *= extent;
        if (isDirect(dtype) && java.lang.reflect.Array.getLength(array) == elements)
            return Tensor.of(dtype, array, shape);
        var tensor = Tensor.zeros(dtype, shape);
        if (isDirect(dtype)) copy(array, tensor.storage(), tensor.size());
        else narrow(array, tensor);
        return tensor;
    }

    /// Copies the first elements of an array into another of the same kind.
    @SuppressWarnings("SuspiciousSystemArraycopy") // both hold one dtype
    static void copy(Object from, Object to, int elements) {
        System.arraycopy(from, 0, to, 0, elements);
    }
}
