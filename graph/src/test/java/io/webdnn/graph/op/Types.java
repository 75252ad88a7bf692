package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Operands and types as text, for tests of inference.
final class Types {
    /// An optional input that is not given.
    static final String ABSENT = "-";

    private Types() {}

    /// {@return the type that prints as `float32[N, 3]`}
    static TensorType type(String text) {
        int bracket = text.indexOf('[');
        var dtype = DType.valueOf(text.substring(0, bracket).toUpperCase(Locale.ROOT));
        var inner = text.substring(bracket + 1, text.length() - 1);
        var extents = new ArrayList<Dimension>();
        for (var part : inner.isEmpty() ? List.<String>of() : Arrays.asList(inner.split(", "))) {
            boolean isNumber = Character.isDigit(part.charAt(0));
            extents.add(isNumber ? Dimension.of(Long.parseLong(part)) : Dimension.symbol(part));
        }
        return new TensorType(dtype, new Shape(extents));
    }

    /// {@return what inference makes of operands}
    ///
    /// @param operands a type as text, a tensor that is known, or [#ABSENT]
    static List<TensorType> infer(Op op, Object... operands) {
        return op.infer(operands(op, operands));
    }

    static Operands operands(Op op, Object... operands) {
        var buffers = new ArrayList<@Nullable Buffer>();
        for (var operand : operands) {
            if (operand instanceof Tensor tensor) buffers.add(Buffer.constant("c", tensor));
            else if (operand.equals(ABSENT)) buffers.add(null);
            else buffers.add(Buffer.of("x", type(operand.toString())));
        }
        return new Operands(op.name(), buffers);
    }

    /// {@return a known int64 vector}
    static Tensor longs(long... values) {
        return Tensor.of(values, values.length);
    }
}
