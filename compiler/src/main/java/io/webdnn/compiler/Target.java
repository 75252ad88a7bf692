package io.webdnn.compiler;

import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.tensor.DType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What code is made for, and what it can do: everything that scheduling asks about a target stands
/// here.
public enum Target {
    /// Java classes; arrays of the JVM.
    JVM(true, false, true, Integer.MAX_VALUE),
    /// WebAssembly modules with SIMD; one linear memory.
    WEBASSEMBLY(true, false, true, 64),
    /// Fragment shaders; every tensor is a texture of four-lane texels, a shader writes its own
    /// texel only.
    WEBGL(false, true, false, 16),
    /// Compute shaders; whole buffers.
    WEBGPU(false, false, false, 8);

    private final boolean isLoops;
    private final boolean isTexels;
    private final boolean sharesRows;
    private final int maxBuffers;

    Target(boolean isLoops, boolean isTexels, boolean sharesRows, int maxBuffers) {
        this.isLoops = isLoops;
        this.isTexels = isTexels;
        this.sharesRows = sharesRows;
        this.maxBuffers = maxBuffers;
    }

    /// {@return whether a kernel loops over its output itself, instead of being invoked for each
    /// element of a grid; such targets also evaluate only the chosen side of a select that holds
    /// loads, and must not load out of range}
    public boolean isLoops() {
        return isLoops;
    }

    /// {@return whether tensors are textures of four-lane texels}
    public boolean isTexels() {
        return isTexels;
    }

    /// {@return whether any kernel can compute a value once for the elements of a row}
    public boolean sharesRows() {
        return sharesRows;
    }

    /// {@return whether what depends on constants only is computed once, before the first run}
    public boolean keepsBuffers() {
        return this != JVM;
    }

    /// {@return whether float16 is stored in 16 bits, where the device can}
    public boolean storesHalves() {
        return this == WEBGL || this == WEBGPU;
    }

    /// {@return how many buffers a kernel may bind}
    public int maxBuffers() {
        return maxBuffers;
    }

    /// {@return how many layers of a texture a kernel may write at once; 1 where there are none}
    public int mostLayers() {
        return isTexels ? 8 : 1;
    }

    /// {@return the scalar type that a dtype is stored and computed in, or null if this target
    /// cannot hold it}
    ///
    /// @param isWide whether int64 and uint64 have their 64 bits, which targets that loop can do
    public @Nullable ScalarType scalar(DType dtype, boolean isWide) {
        return switch (dtype) {
            case FLOAT32, FLOAT16, BFLOAT16, FLOAT4E2M1 -> ScalarType.FLOAT32;
            case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ, FLOAT8E8M0 ->
                    ScalarType.FLOAT32;
            case FLOAT64 -> isLoops ? ScalarType.FLOAT64 : null;
            case INT8, INT16, INT32, UINT8, UINT16 -> ScalarType.INT32;
            case INT4, INT2, UINT4, UINT2 -> ScalarType.INT32;
            case UINT32 -> ScalarType.UINT32;
            case BOOL -> ScalarType.BOOL;
            case INT64 -> isWide ? ScalarType.INT64 : ScalarType.INT32;
            case UINT64 -> isWide ? ScalarType.UINT64 : ScalarType.UINT32;
            case COMPLEX64, COMPLEX128, STRING -> null;
        };
    }

    /// {@return whether values of a dtype may come in, go out and pass through functions of the
    /// host}
    public boolean holds(DType dtype) {
        return scalar(dtype, false) != null || this == JVM && dtype == DType.STRING;
    }

    /// {@return the name in options and reports: `webgpu`}
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
