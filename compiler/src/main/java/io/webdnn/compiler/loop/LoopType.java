package io.webdnn.compiler.loop;

/// The type of a term: a scalar, or four of them side by side.
///
/// @param lanes 1 or 4
public record LoopType(ScalarType scalar, int lanes) {
    public static final LoopType FLOAT32 = new LoopType(ScalarType.FLOAT32, 1);
    public static final LoopType FLOAT32X4 = new LoopType(ScalarType.FLOAT32, 4);
    public static final LoopType INT32 = new LoopType(ScalarType.INT32, 1);
    public static final LoopType UINT32 = new LoopType(ScalarType.UINT32, 1);
    public static final LoopType BOOL = new LoopType(ScalarType.BOOL, 1);

    public LoopType {
        if (lanes != 1 && lanes != 4)
            throw new IllegalArgumentException("LoopType: lanes: expected 1 or 4, got " + lanes);
    }

    /// {@return the scalar type with one lane}
    public static LoopType of(ScalarType scalar) {
        return new LoopType(scalar, 1);
    }

    /// {@return this with another number of lanes}
    public LoopType withLanes(int lanes) {
        return new LoopType(scalar, lanes);
    }

    @Override
    public String toString() {
        return lanes == 1 ? scalar.toString() : scalar + "x" + lanes;
    }
}
