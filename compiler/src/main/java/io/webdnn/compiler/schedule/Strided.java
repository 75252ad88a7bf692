package io.webdnn.compiler.schedule;

import io.webdnn.compiler.layout.Layout;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Linear;
import io.webdnn.graph.expr.Literal;
import io.webdnn.tensor.Dimension;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Elements of a row-major buffer at `start + Σ stride · index`: what a micro-kernel can walk
/// through by itself.
///
/// @param strides per index that occurs
public record Strided(Buffer buffer, Map<Index, Dimension> strides, Dimension start) {
    public Strided {
        strides = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(strides));
    }

    /// {@return a place in a buffer in this form, or null if it has not this form}
    ///
    /// @param index one per axis of the buffer
    public static @Nullable Strided of(Buffer buffer, List<? extends Expr> index) {
        var linear = Linear.of(Layout.rowMajor(buffer.type().shape()).offset(index)).recombined();
        var strides = new LinkedHashMap<Index, Dimension>();
        var start = Dimension.of(linear.constant());
        for (var entry : linear.coefficients().entrySet()) {
            var product = product(entry.getKey());
            if (product == null) return null;
            var stride = product.size.times(entry.getValue());
            if (product.index == null) start = start.plus(stride);
            else strides.merge(product.index, stride, Dimension::plus);
        }
        return new Strided(buffer, strides, start);
    }

    /// {@return the stride of an index, 0 if it does not occur}
    public Dimension stride(Index index) {
        return strides.getOrDefault(index, Dimension.of(0));
    }

    /// `size · index`, or `size` alone.
    private record Product(@Nullable Index index, Dimension size) {}

    private static @Nullable Product product(Expr e) {
        return switch (e) {
            case Index index -> new Product(index, Dimension.of(1));
            case Extent(var dimension) -> new Product(null, dimension);
            case Literal l -> new Product(null, Dimension.of(l.value().longValue()));
            case Binary(var operator, var a, var b) when operator == Binary.Operator.MULTIPLY -> {
                var x = product(a);
                var y = product(b);
                if (x == null || y == null || x.index != null && y.index != null) yield null;
                yield new Product(x.index != null ? x.index : y.index, x.size.times(y.size));
            }
            default -> null;
        };
    }
}
