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
        READ_WRITE,
        /// What an iteration of a parallel loop reads of it, it has written itself.
        KEPT
    }

    /// How its scalars are stored.
    public enum Storage {
        /// As they are computed with.
        WHOLE,
        /// In 16 bits, float32 when they are loaded: what is stored is a float16 already. A device
        /// that cannot store 16 bits takes 32.
        HALVES,
        /// In 16 bits on every device, two to a word: numbers that are only read.
        PAIRS
    }

    private final String name;
    private final ScalarType scalar;
    private final int lanes;
    private final Access access;
    private final int layers;
    private final long texels;
    private final Storage storage;

    public KernelBuffer(String name, ScalarType scalar, int lanes, Access access) {
        this(name, scalar, lanes, access, 1, 0, Storage.WHOLE);
    }

    /// @param layers how many texels one offset of a written buffer stands for, each in a layer of
    ///   its own
    /// @param texels how many of them a layer has; 0 if that is not known
    /// @param storage how the scalars are stored; other than whole ones are FLOAT32
    public KernelBuffer(
            String name,
            ScalarType scalar,
            int lanes,
            Access access,
            int layers,
            long texels,
            Storage storage) {
        if (storage != Storage.WHOLE && scalar != ScalarType.FLOAT32)
            throw new IllegalArgumentException(
                    "KernelBuffer: " + name + ": expected halves of FLOAT32, got " + scalar);
        this.name = name;
        this.scalar = scalar;
        this.lanes = lanes;
        this.access = access;
        this.layers = layers;
        this.texels = texels;
        this.storage = storage;
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

    /// {@return in how many layers the texels lie: texel `t` in layer `t mod layers`}
    public int layers() {
        return layers;
    }

    /// {@return the number of texels of a layer, 0 if that is not known when compiling}
    public long texels() {
        return texels;
    }

    /// {@return how the scalars are stored}
    public Storage storage() {
        return storage;
    }

    @Override
    public String toString() {
        return name;
    }
}
