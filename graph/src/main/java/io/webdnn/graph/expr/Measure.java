package io.webdnn.graph.expr;

import io.webdnn.tensor.Dimension;
import java.util.List;

/// Gives a size that depends on data its value: from here on `symbol` stands for the number in
/// `source`. Steps before do not know the symbol; buffers whose shapes hold it are as large as its
/// value says, and never larger than with `most` in its place.
///
/// @param source an int32 scalar, 0 … `most`
/// @param most in terms of symbols that are known before
public record Measure(String symbol, Buffer source, Dimension most) implements Step {
    @Override
    public List<Buffer> writes() {
        return List.of();
    }
}
