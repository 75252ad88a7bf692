package io.webdnn.tensor;

import java.util.Arrays;
import java.util.Objects;

/// A dense array of numbers in row-major order, with its dtype and shape.
///
/// The storage is one Java array: `float[]` (float32), `double[]` (float64), `int[]` (int32,
/// uint32), `long[]` (int64, uint64), `short[]` (other 16-bit types, as bits), `byte[]` (bool as 0
/// or 1, 8-bit types and below, one element per byte, as bits) or `String[]`; complex numbers are
/// pairs in a `float[]` or `double[]`. The tensor *shares* the array it is given.
public final class Tensor {
    private final DType dtype;
    private final int[] shape;
    private final Object storage;

    private Tensor(DType dtype, int[] shape, Object storage) {
        this.dtype = dtype;
        this.shape = shape.clone();
        this.storage = storage;
        var expected = elements(shape) * (dtype.kind() == DType.Kind.COMPLEX ? 2 : 1);
        var actual = java.lang.reflect.Array.getLength(storage);
        if (actual != expected) {
            throw new IllegalArgumentException(
                    "Tensor: storage: expected "
                            + expected
                            + " elements for shape "
                            + Arrays.toString(shape)
                            + ", got "
                            + actual);
        }
    }

    private static long elements(int[] shape) {
        boolean isEmpty = false;
        for (int extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException(
                        "Tensor: shape: expected extents >= 0, got " + Arrays.toString(shape));
            }
            isEmpty |= extent == 0;
        }
        if (isEmpty) return 0; // the other extents may have a product beyond 64 bits
        long n = 1;
        for (int extent : shape) n = Math.multiplyExact(n, (long) extent);
        return n;
    }

    /// {@return a tensor of zeros (empty strings)}
    public static Tensor zeros(DType dtype, int... shape) {
        int n = Math.toIntExact(elements(shape) * (dtype.kind() == DType.Kind.COMPLEX ? 2 : 1));
        Object storage =
                switch (dtype) {
                    case FLOAT32, COMPLEX64 -> new float[n];
                    case FLOAT64, COMPLEX128 -> new double[n];
                    case INT32, UINT32 -> new int[n];
                    case INT64, UINT64 -> new long[n];
                    case FLOAT16, BFLOAT16, INT16, UINT16 -> new short[n];
                    case STRING -> {
                        var strings = new String[n];
                        Arrays.fill(strings, "");
                        yield strings;
                    }
                    case BOOL, INT8, UINT8, INT4, UINT4, INT2, UINT2 -> new byte[n];
                    case FLOAT8E4M3FN,
                            FLOAT8E4M3FNUZ,
                            FLOAT8E5M2,
                            FLOAT8E5M2FNUZ,
                            FLOAT8E8M0,
                            FLOAT4E2M1 ->
                            new byte[n];
                };
        return new Tensor(dtype, shape, storage);
    }

    /// {@return a float32 tensor over the given array}
    public static Tensor of(float[] storage, int... shape) {
        return new Tensor(DType.FLOAT32, shape, storage);
    }

    /// {@return a float64 tensor over the given array}
    public static Tensor of(double[] storage, int... shape) {
        return new Tensor(DType.FLOAT64, shape, storage);
    }

    /// {@return an int32 tensor over the given array}
    public static Tensor of(int[] storage, int... shape) {
        return new Tensor(DType.INT32, shape, storage);
    }

    /// {@return an int64 tensor over the given array}
    public static Tensor of(long[] storage, int... shape) {
        return new Tensor(DType.INT64, shape, storage);
    }

    /// {@return a bool tensor}
    public static Tensor of(boolean[] values, int... shape) {
        var bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (values[i] ? 1 : 0);
        return new Tensor(DType.BOOL, shape, bytes);
    }

    /// {@return a tensor over an array of the kind that the dtype is stored in}
    public static Tensor of(DType dtype, Object storage, int... shape) {
        var expected = zeros(dtype, 0).storage.getClass();
        if (storage.getClass() != expected) {
            throw new IllegalArgumentException(
                    "Tensor: storage: expected "
                            + expected.getSimpleName()
                            + " for "
                            + dtype
                            + ", got "
                            + storage.getClass().getSimpleName());
        }
        return new Tensor(dtype, shape, storage);
    }

    /// {@return a scalar of the given dtype}
    public static Tensor scalar(DType dtype, double value) {
        var tensor = zeros(dtype);
        tensor.setDouble(0, value);
        return tensor;
    }

    /// {@return the element type}
    public DType dtype() {
        return dtype;
    }

    /// {@return a copy of the extents}
    public int[] shape() {
        return shape.clone();
    }

    /// {@return the extents as a [Shape]}
    public Shape toShape() {
        return Shape.of(shape);
    }

    /// {@return the number of axes}
    public int rank() {
        return shape.length;
    }

    /// {@return the number of elements}
    public int size() {
        return Math.toIntExact(elements(shape));
    }

    /// {@return the array behind this tensor, of the kind that the class comment names}
    public Object storage() {
        return storage;
    }

    /// {@return the array of a float32 tensor}
    public float[] floats() {
        return as(float[].class);
    }

    /// {@return the array of a float64 tensor}
    public double[] doubles() {
        return as(double[].class);
    }

    /// {@return the array of an int32 or uint32 tensor}
    public int[] ints() {
        return as(int[].class);
    }

    /// {@return the array of an int64 or uint64 tensor}
    public long[] longs() {
        return as(long[].class);
    }

    /// {@return the array of a tensor that is stored in bytes}
    public byte[] bytes() {
        return as(byte[].class);
    }

    /// {@return the array of a tensor that is stored in shorts}
    public short[] shorts() {
        return as(short[].class);
    }

    /// {@return the array of a string tensor}
    public String[] strings() {
        return as(String[].class);
    }

    private <T> T as(Class<T> kind) {
        if (!kind.isInstance(storage)) {
            throw new IllegalStateException(
                    "Tensor: expected storage "
                            + kind.getSimpleName()
                            + ", got a "
                            + dtype
                            + " tensor");
        }
        return kind.cast(storage);
    }

    /// {@return the same storage under another shape with as many elements}
    public Tensor reshape(int... newShape) {
        return new Tensor(dtype, newShape, storage);
    }

    /// {@return a tensor with its own copy of the storage}
    public Tensor copy() {
        Object copied =
                switch (storage) {
                    case float[] a -> a.clone();
                    case double[] a -> a.clone();
                    case int[] a -> a.clone();
                    case long[] a -> a.clone();
                    case short[] a -> a.clone();
                    case byte[] a -> a.clone();
                    case String[] a -> a.clone();
                    default -> throw new AssertionError(storage.getClass());
                };
        return new Tensor(dtype, shape, copied);
    }

    /// {@return the element at a flat position as a double; for int64 beyond 2⁵³ use [#getLong]}
    public double getDouble(int i) {
        return switch (dtype) {
            case FLOAT32 -> floats()[i];
            case FLOAT64 -> doubles()[i];
            case FLOAT16 -> Float.float16ToFloat(shorts()[i]);
            case BFLOAT16 -> NarrowFloat.decode(dtype, shorts()[i]);
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                    NarrowFloat.decode(dtype, bytes()[i]);
            case UINT64 -> {
                long value = longs()[i];
                yield value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
            }
            default -> getLong(i);
        };
    }

    /// {@return the element at a flat position as a long; floats are truncated, uint64 keeps its
    /// bits}
    public long getLong(int i) {
        return switch (dtype) {
            case INT64, UINT64 -> longs()[i];
            case INT32 -> ints()[i];
            case UINT32 -> Integer.toUnsignedLong(ints()[i]);
            case INT16 -> shorts()[i];
            case UINT16 -> Short.toUnsignedLong(shorts()[i]);
            case INT8, INT4, INT2 -> bytes()[i];
            case UINT8, UINT4, UINT2, BOOL -> Byte.toUnsignedLong(bytes()[i]);
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> (long) getDouble(i);
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                    (long) getDouble(i);
            case COMPLEX64, COMPLEX128, STRING -> throw unsupported();
        };
    }

    /// Sets the element at a flat position; integers are truncated to their width, bool is 1 for
    /// any value but 0; float8 and float4 saturate, but for ∞ in a float8e5m2, which has it.
    public void setDouble(int i, double value) {
        switch (dtype) {
            case FLOAT32 -> floats()[i] = (float) value;
            case FLOAT64 -> doubles()[i] = value;
            case FLOAT16 -> shorts()[i] = Float.floatToFloat16((float) value);
            case BFLOAT16 -> shorts()[i] = (short) NarrowFloat.encode(dtype, value, true);
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                    bytes()[i] = (byte) NarrowFloat.encode(dtype, value, !hasInfinity(value));
            case BOOL -> bytes()[i] = (byte) (value != 0 ? 1 : 0);
            default -> setLong(i, (long) value);
        }
    }

    private boolean hasInfinity(double value) {
        return dtype == DType.FLOAT8E5M2 && Double.isInfinite(value);
    }

    /// Sets the element at a flat position; integers are truncated to their width.
    public void setLong(int i, long value) {
        switch (dtype) {
            case INT64, UINT64 -> longs()[i] = value;
            case INT32, UINT32 -> ints()[i] = (int) value;
            case INT16, UINT16 -> shorts()[i] = (short) value;
            case INT8, UINT8 -> bytes()[i] = (byte) value;
            case INT4 -> bytes()[i] = (byte) (value << 60 >> 60);
            case INT2 -> bytes()[i] = (byte) (value << 62 >> 62);
            case UINT4 -> bytes()[i] = (byte) (value & 15);
            case UINT2 -> bytes()[i] = (byte) (value & 3);
            case BOOL -> bytes()[i] = (byte) (value != 0 ? 1 : 0);
            case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> setDouble(i, (double) value);
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0, FLOAT4E2M1 ->
                    setDouble(i, (double) value);
            case COMPLEX64, COMPLEX128, STRING -> throw unsupported();
        }
    }

    private UnsupportedOperationException unsupported() {
        return new UnsupportedOperationException(
                "Tensor: expected a dtype with a numeric value, got " + dtype);
    }

    /// {@return dtype and shape, never the contents: `float32[2, 3]`}
    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }

    /// {@return whether dtype, shape and every bit of the contents agree}
    public boolean contentEquals(Tensor other) {
        return dtype == other.dtype
                && Arrays.equals(shape, other.shape)
                && Objects.deepEquals(storage, other.storage);
    }
}
