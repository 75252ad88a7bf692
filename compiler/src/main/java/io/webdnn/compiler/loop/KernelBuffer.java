package io.webdnn.compiler.loop;

/// A tensor that a kernel reads or writes. Two are the same only if they are the same object.
///
/// `lanes` is the unit in which offsets count: 1 for an array of scalars, 4 for an array of texels
/// (WebGL always, WebGPU where the data are packed so).
public final class KernelBuffer {
    /// What a kernel does with it.
    public enum Access {
        READ,
        WRITE,
        READ_WRITE
    }

    private final String name;
    private final ScalarType scalar;
    private final int lanes;
    private final Access access;

    public KernelBuffer(String name, ScalarType scalar, int lanes, Access access) {
        this.name = name;
        this.scalar = scalar;
        this.lanes = lanes;
        this.access = access;
    }

    /// {@return the name, for readers; emitters number buffers by their position}
    public String name() {
        return name;
    }

    /// {@return the type of a stored scalar; never BOOL}
    public ScalarType scalar() {
        return scalar;
    }

    /// {@return the unit of offsets: 1 or 4 scalars}
    public int lanes() {
        return lanes;
    }

    /// {@return what the kernel does with it}
    public Access access() {
        return access;
    }

    @Override
    public String toString() {
        return name;
    }
}
