package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The inputs of one use of an operator, as inference and lowering see them: types, and values
/// where they are known.
public final class Operands {
    private final String operation;
    private final List<@Nullable Buffer> buffers;
    private final Map<Integer, List<Dimension>> extents;

    /// @param operation the operator's name, for messages
    /// @param buffers one per input, null for an optional input that is not given; trailing ones
    ///   may be left out
    public Operands(String operation, List<? extends @Nullable Buffer> buffers) {
        this(operation, buffers, Map.of());
    }

    /// @param extents by input, the elements of vectors that are known in terms of symbols
    public Operands(
            String operation,
            List<? extends @Nullable Buffer> buffers,
            Map<Integer, List<Dimension>> extents) {
        this.extents = Map.copyOf(extents);
        this.operation = operation;
        this.buffers = Collections.unmodifiableList(new ArrayList<>(buffers));
    }

    /// {@return operands of the given types, none of them known}
    public static Operands of(String operation, TensorType... types) {
        var buffers = new ArrayList<Buffer>();
        for (var type : types) buffers.add(Buffer.of("x" + buffers.size(), type));
        return new Operands(operation, buffers);
    }

    /// {@return the operator's name}
    public String operation() {
        return operation;
    }

    /// {@return the number of inputs, absent ones in the middle included}
    public int count() {
        return buffers.size();
    }

    /// {@return the first `count` inputs, as the inputs of another operation}
    public Operands first(int count, String otherOperation) {
        return new Operands(
                otherOperation, buffers.subList(0, Math.min(count, buffers.size())), extents);
    }

    /// {@return whether the input is given}
    public boolean has(int i) {
        return i < buffers.size() && buffers.get(i) != null;
    }

    /// {@return the buffer that stands for an input}
    public Buffer buffer(int i) {
        var buffer = i < buffers.size() ? buffers.get(i) : null;
        if (buffer == null)
            throw GraphException.saying(
                    operation, "expected input " + i + ", got " + count() + " inputs");
        return buffer;
    }

    /// {@return the type of an input}
    public TensorType type(int i) {
        return buffer(i).type();
    }

    /// {@return the shape of an input}
    public Shape shape(int i) {
        return type(i).shape();
    }

    /// {@return the extent of an axis of an input}
    public Dimension extent(int i, int axis) {
        return shape(i).get(axis);
    }

    /// {@return the element of an input at the given indices}
    public Expr load(int i, List<? extends Expr> index) {
        return new Load(buffer(i), List.copyOf(index));
    }

    /// {@return the element of an input at the given indices}
    public Expr load(int i, Expr... index) {
        return load(i, List.of(index));
    }

    /// {@return the element at the given indices, or 0 where one is outside its axis}
    public Expr loadOrZero(int i, List<? extends Expr> index) {
        return loadOr(i, index, Expr.of(type(i).dtype(), 0));
    }

    /// {@return the element at the given indices, or `outside` where one is outside its axis}
    public Expr loadOr(int i, List<? extends Expr> index, Expr outside) {
        Expr inside = io.webdnn.graph.expr.Literal.of(true);
        for (int d = 0; d < index.size(); d++)
            inside = inside.and(index.get(d).isWithin(extent(i, d)));
        return inside.select(load(i, index), outside);
    }

    /// {@return the value of an input that must be known when compiling, such as a shape}
    ///
    /// @throws GraphException naming the argument if it is not known
    public Tensor constant(int i, String argument) {
        var value = buffer(i).constant();
        if (value == null) {
            throw GraphException.unknown(operation, argument, i);
        }
        return value;
    }

    /// {@return the value of an input if it is known, else null}
    public @Nullable Tensor constantOrNull(int i) {
        return has(i) ? buffer(i).constant() : null;
    }

    /// {@return the values of an integer input that must be known when compiling}
    public long[] longs(int i, String argument) {
        var tensor = constant(i, argument);
        var values = new long[tensor.size()];
        for (int k = 0; k < values.length; k++) values[k] = tensor.getLong(k);
        return values;
    }

    /// {@return the elements of a vector that are known in terms of symbols, else null}
    public @Nullable List<Dimension> extentsOrNull(int i) {
        return extents.get(i);
    }

    /// {@return the elements of an integer vector that must be known when compiling, as numbers or
    /// in terms of symbols}
    ///
    /// @throws GraphException naming the argument if they are not known
    public List<Dimension> dimensions(int i, String argument) {
        var known = constantOrNull(i) == null ? extents.get(i) : null;
        return known != null
                ? known
                : Arrays.stream(longs(i, argument)).mapToObj(Dimension::of).toList();
    }
}
