package io.webdnn.importer.onnx;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;

/// A tensor of which a file has only the elements other than 0, written out.
///
/// Source: ONNX IR specification, `SparseTensorProto`.
final class SparseElements {
    private SparseElements() {}

    /// {@return a tensor that is 0 but for some elements}
    ///
    /// @param values `[count]`
    /// @param indices int64: `[count]`, counted row by row, or `[count, rank]`
    /// @param from for messages
    /// @throws io.webdnn.tensor.file.FileException if a place is outside, or the tensor too large
    static Tensor of(Tensor values, Tensor indices, List<Long> shape, OnnxTensor from) {
        double elements = 1;
        var extents = new int[shape.size()];
        for (int d = 0; d < extents.length; d++) {
            long extent = shape.get(d);
            elements *= extent;
            if (extent < 0
                    || extent > Translation.MOST_ELEMENTS
                    || elements > Translation.MOST_ELEMENTS)
                throw from.broken(
                        "shape of a sparse tensor",
                        "at most " + Translation.MOST_ELEMENTS + " elements",
                        shape);
            extents[d] = (int) extent;
        }
        int count = values.size();
        boolean isFlat = indices.rank() == 1;
        if (indices.dtype() != DType.INT64
                || indices.size() != (isFlat ? count : count * extents.length)
                || !isFlat && (indices.rank() != 2 || indices.shape()[0] != count))
            throw from.broken("indices", "int64[" + count + "] or [" + count + ", rank]", indices);
        var dense = Tensor.zeros(values.dtype(), extents);
        int parts = values.dtype().kind() == DType.Kind.COMPLEX ? 2 : 1;
        for (int i = 0; i < count; i++) {
            long at = 0;
            if (isFlat) at = indices.getLong(i);
            for (int d = 0; !isFlat && d < extents.length; d++) {
                long place = indices.getLong(i * extents.length + d);
                if (place < 0 || place >= extents[d])
                    throw from.broken("index", "0 ... " + (extents[d] - 1), place);
                at = at * extents[d] + place;
            }
            if (at < 0 || at >= dense.size())
                throw from.broken("index", "0 ... " + (dense.size() - 1), at);
            System.arraycopy(values.storage(), i * parts, dense.storage(), (int) at * parts, parts);
        }
        return dense;
    }
}
