package io.webdnn.graph.expr;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A tensor that steps read and write: an input of an operator, the result of a stage, or a
/// constant that a lowering owns (Resize's tables, weights). Two buffers are the same only if they
/// are the same object. Each buffer has one writer.
public final class Buffer {
    private final String name;
    private final TensorType type;
    private final @Nullable Tensor constant;
    private @Nullable Range range;

    private Buffer(String name, TensorType type, @Nullable Tensor constant) {
        this.name = name;
        this.type = type;
        this.constant = constant;
    }

    /// {@return a buffer that a step will write, or that is bound from outside}
    public static Buffer of(String name, TensorType type) {
        return new Buffer(name, type, null);
    }

    /// {@return a buffer whose contents are known}
    public static Buffer constant(String name, Tensor tensor) {
        return new Buffer(name, new TensorType(tensor.dtype(), tensor.toShape()), tensor);
    }

    /// {@return the name, for readers; it need not be unique}
    public String name() {
        return name;
    }

    /// {@return dtype and shape}
    public TensorType type() {
        return type;
    }

    /// {@return the contents, or null if they are not known when compiling}
    public @Nullable Tensor constant() {
        return constant;
    }

    /// {@return an interval that holds every element; the whole of int32 if they are not known or
    /// not int32}
    Range range() {
        if (constant == null || constant.dtype() != DType.INT32 || constant.size() == 0)
            return Range.ALL;
        if (range == null) {
            var elements = Arrays.stream(constant.ints()).summaryStatistics();
            range = new Range(elements.getMin(), elements.getMax());
        }
        return range;
    }

    @Override
    public String toString() {
        return name;
    }
}
