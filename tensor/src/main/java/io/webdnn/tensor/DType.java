package io.webdnn.tensor;

import java.util.Locale;

/// The element types of tensors: the complete set of ONNX, in its spelling.
///
/// A dtype says how a number is *stored*; which dtypes a target computes with is the target's own
/// statement (`io.webdnn.compiler.Target`). Types below eight bits are stored one element per byte
/// in a [Tensor].
public enum DType {
    FLOAT64(Kind.FLOAT, 64),
    FLOAT32(Kind.FLOAT, 32),
    FLOAT16(Kind.FLOAT, 16),
    BFLOAT16(Kind.FLOAT, 16),
    FLOAT8E4M3FN(Kind.FLOAT, 8),
    FLOAT8E4M3FNUZ(Kind.FLOAT, 8),
    FLOAT8E5M2(Kind.FLOAT, 8),
    FLOAT8E5M2FNUZ(Kind.FLOAT, 8),
    FLOAT8E8M0(Kind.FLOAT, 8),
    FLOAT4E2M1(Kind.FLOAT, 4),
    INT64(Kind.SIGNED, 64),
    INT32(Kind.SIGNED, 32),
    INT16(Kind.SIGNED, 16),
    INT8(Kind.SIGNED, 8),
    INT4(Kind.SIGNED, 4),
    INT2(Kind.SIGNED, 2),
    UINT64(Kind.UNSIGNED, 64),
    UINT32(Kind.UNSIGNED, 32),
    UINT16(Kind.UNSIGNED, 16),
    UINT8(Kind.UNSIGNED, 8),
    UINT4(Kind.UNSIGNED, 4),
    UINT2(Kind.UNSIGNED, 2),
    BOOL(Kind.BOOL, 8),
    COMPLEX64(Kind.COMPLEX, 64),
    COMPLEX128(Kind.COMPLEX, 128),
    STRING(Kind.STRING, 0);

    /// The families that operators ask for.
    public enum Kind {
        FLOAT,
        SIGNED,
        UNSIGNED,
        BOOL,
        COMPLEX,
        STRING
    }

    private final Kind kind;
    private final int bits;

    DType(Kind kind, int bits) {
        this.kind = kind;
        this.bits = bits;
    }

    /// {@return the family of this dtype}
    public Kind kind() {
        return kind;
    }

    /// {@return the bits of one element, 0 for strings}
    public int bits() {
        return bits;
    }

    /// {@return the bytes of one element as a [Tensor] stores it}
    public int bytes() {
        return (bits + 7) / 8;
    }

    /// {@return whether this is a floating point type}
    public boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /// {@return whether this is a signed or unsigned integer type}
    public boolean isInteger() {
        return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
    }

    /// {@return whether numbers of this type can be added and compared by value}
    public boolean isNumeric() {
        return isFloat() || isInteger();
    }

    /// {@return the name in messages and descriptors: `float32`}
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
