package io.webdnn.graph.expr;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Dimension;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gives a size that depends on data its value: from here on `symbol` stands for the number in
/// `source`. Steps before do not know the symbol; buffers whose shapes hold it are as large as its
/// value says, and never larger than with `most` in its place.
///
/// A source below 0 says that there is no such size: the data does not fit, and the run ends with
/// an error.
///
/// @param source an int32 scalar, 0 … `most`
/// @param most in terms of symbols that are known before; null if there is no bound: what is as
///   large as the symbol says finds its memory when the symbol is known
public record Measure(String symbol, Buffer source, @Nullable Dimension most) implements Step {
    @Override
    public List<Buffer> writes() {
        return List.of();
    }

    /// {@return a size that was measured}
    ///
    /// @param operation whose size it is
    /// @throws GraphException if there is no such size
    public static long checked(String operation, String symbol, long value) {
        if (value < 0)
            throw GraphException.of(
                    operation, "size '" + symbol + "'", "0 or more, as data says it", value);
        return value;
    }
}
