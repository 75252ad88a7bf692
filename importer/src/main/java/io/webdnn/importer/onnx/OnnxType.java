package io.webdnn.importer.onnx;

import io.webdnn.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The declared type of a value of an ONNX graph.
sealed interface OnnxType {
    /// A tensor.
    ///
    /// @param extents null if not even the rank is declared
    record Of(DType dtype, @Nullable List<Extent> extents) implements OnnxType {}

    /// A sequence, optional, map or sparse tensor; none was declared: `nothing`.
    record Other(String kind) implements OnnxType {}

    /// An extent: a number, a name, or neither.
    record Extent(@Nullable Long value, @Nullable String symbol) {}
}
