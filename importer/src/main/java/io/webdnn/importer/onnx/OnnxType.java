package io.webdnn.importer.onnx;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The declared type of a value of an ONNX graph.
sealed interface OnnxType {
    /// A tensor.
    ///
    /// @param extents null if not even the rank is declared
    record Of(DType dtype, @Nullable List<Extent> extents) implements OnnxType {
        /// {@return the shape of an input of this type: an extent without number and name gets the
        /// input's name and its place for one; null if not even the rank is declared}
        @Nullable Shape shape(String input) {
            if (extents == null) return null;
            var dimensions = new ArrayList<Dimension>();
            for (var extent : extents) {
                var value = extent.value();
                var symbol = extent.symbol();
                if (value != null && value >= 0) dimensions.add(Dimension.of(value));
                else if (symbol != null) dimensions.add(Dimension.symbol(symbol));
                else dimensions.add(Dimension.symbol(input + "." + dimensions.size()));
            }
            return new Shape(dimensions);
        }
    }

    /// A sequence of values of one type.
    record Sequence(OnnxType element) implements OnnxType {}

    /// A value that may be missing.
    record Optional(OnnxType element) implements OnnxType {}

    /// A map.
    record Dictionary(DType key, OnnxType value) implements OnnxType {}

    /// A sparse tensor; none was declared: `nothing`.
    record Other(String kind) implements OnnxType {}

    /// {@return what it is called in messages}
    default String kind() {
        return switch (this) {
            case Of _ -> "a tensor";
            case Sequence _ -> "a sequence";
            case Optional _ -> "an optional";
            case Dictionary _ -> "a map";
            case Other(var kind) -> kind;
        };
    }

    /// An extent: a number, a name, or neither.
    record Extent(@Nullable Long value, @Nullable String symbol) {}
}
