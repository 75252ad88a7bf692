package io.webdnn.compiler.loop;

/// The scalar types that kernels compute with. Narrower dtypes are stored and computed in one of
/// these and wrapped or rounded at the store; bool lives in registers only, in buffers it is an
/// int32 of 0 or 1.
///
/// So does float16, on GPUs: to convert to it is to round half to even, to compute with it is to
/// round each result, if the device has it, and to compute in float32 if it has not.
public enum ScalarType {
    FLOAT16(2),
    FLOAT32(4),
    FLOAT64(8),
    INT32(4),
    INT64(8),
    UINT32(4),
    UINT64(8),
    BOOL(4);

    private final int bytes;

    ScalarType(int bytes) {
        this.bytes = bytes;
    }

    /// {@return the bytes of one element in a buffer}
    public int bytes() {
        return bytes;
    }

    /// {@return whether this is an integer type without negative numbers}
    public boolean isUnsigned() {
        return this == UINT32 || this == UINT64;
    }

    /// {@return whether elements have 64 bits; such types have no lanes}
    public boolean isWide() {
        return bytes == 8;
    }

    /// {@return whether this is a floating point type}
    public boolean isFloat() {
        return this == FLOAT16 || this == FLOAT32 || this == FLOAT64;
    }
}
