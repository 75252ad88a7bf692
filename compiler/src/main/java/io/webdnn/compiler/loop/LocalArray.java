package io.webdnn.compiler.loop;

/// A small array of a kernel's own: in registers, or shared by a workgroup. Two are the same only
/// if they are the same object. A register array whose indices are all literals (after unrolling)
/// becomes plain locals in the emitters.
public final class LocalArray {
    /// Where it lives.
    public enum Storage {
        REGISTER,
        WORKGROUP
    }

    private final String name;
    private final LoopType type;
    private final int size;
    private final Storage storage;

    public LocalArray(String name, LoopType type, int size, Storage storage) {
        this.name = name;
        this.type = type;
        this.size = size;
        this.storage = storage;
    }

    /// {@return the name, for readers}
    public String name() {
        return name;
    }

    /// {@return the type of an element}
    public LoopType type() {
        return type;
    }

    /// {@return the number of elements}
    public int size() {
        return size;
    }

    /// {@return where it lives}
    public Storage storage() {
        return storage;
    }

    @Override
    public String toString() {
        return name;
    }
}
