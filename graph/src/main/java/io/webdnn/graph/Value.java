package io.webdnn.graph;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tensor in a graph: an input, a constant, or an output of a node. Two values are the same only
/// if they are the same object.
public final class Value implements Operand {
    /// Stands for an optional input that is not given.
    public static final Value ABSENT =
            new Value("", new TensorType(DType.FLOAT32, Shape.SCALAR), null, null);

    private final String name;
    private final TensorType type;
    private final @Nullable Node producer;
    private final @Nullable Tensor constant;
    private final @Nullable List<Dimension> extents;

    private Value(
            String name, TensorType type, @Nullable Node producer, @Nullable Tensor constant) {
        this(name, type, producer, constant, null);
    }

    private Value(
            String name,
            TensorType type,
            @Nullable Node producer,
            @Nullable Tensor constant,
            @Nullable List<Dimension> extents) {
        this.name = name;
        this.type = type;
        this.producer = producer;
        this.constant = constant;
        this.extents = extents;
    }

    /// {@return a value that is given from outside}
    public static Value input(String name, TensorType type) {
        return new Value(name, type, null, null);
    }

    /// {@return a value that is known}
    public static Value constant(String name, Tensor tensor) {
        return new Value(name, new TensorType(tensor.dtype(), tensor.toShape()), null, tensor);
    }

    static Value output(
            String name, TensorType type, Node producer, @Nullable List<Dimension> extents) {
        return new Value(name, type, producer, null, extents);
    }

    /// {@return the name; unique within a graph for inputs and outputs of the graph}
    public String name() {
        return name;
    }

    @Override
    public TensorType type() {
        return type;
    }

    /// {@return the node whose output this is, or null for inputs and constants}
    public @Nullable Node producer() {
        return producer;
    }

    /// {@return a new buffer of its name that holds what this does}
    public Buffer toBuffer() {
        return constant == null ? Buffer.of(name, type) : Buffer.constant(name, constant);
    }

    /// {@return the contents, or null if this is not a constant}
    public @Nullable Tensor constant() {
        return constant;
    }

    /// {@return the elements of a vector where they are known in terms of symbols, else null}
    public @Nullable List<Dimension> extents() {
        return extents;
    }

    @Override
    public boolean isAbsent() {
        return this == ABSENT;
    }

    /// {@return an operand of a graph as the value that it is}
    public static Value of(Operand operand) {
        if (operand instanceof Value value) return value;
        throw GraphException.of("Graph", "operand", "a Value", operand.getClass().getSimpleName());
    }

    @Override
    public String toString() {
        return isAbsent() ? "-" : name + ": " + type;
    }
}
