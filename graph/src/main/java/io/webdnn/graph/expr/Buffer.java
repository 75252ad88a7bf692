package io.webdnn.graph.expr;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.LongStream;
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

    /// {@return an interval that holds every element; all that is known of an int32 if they are not
    /// known, or neither int32 nor int64}
    Range range() {
        if (range == null) range = found();
        return range;
    }

    private Range found() {
        if (constant == null || constant.size() == 0) return Range.ALL;
        var elements =
                switch (constant.dtype()) {
                    case INT32 -> Arrays.stream(constant.ints()).asLongStream();
                    case INT64 -> Arrays.stream(constant.longs());
                    default -> LongStream.empty();
                };
        var extremes = elements.summaryStatistics();
        return extremes.getCount() == 0
                ? Range.ALL
                : new Range(extremes.getMin(), extremes.getMax()).limited();
    }

    @Override
    public String toString() {
        return name;
    }
}
