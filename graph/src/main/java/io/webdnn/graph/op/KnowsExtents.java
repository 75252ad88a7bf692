package io.webdnn.graph.op;

import io.webdnn.tensor.Dimension;
import java.util.List;

/// An operator whose output is a vector of extents, each of which is known as a number or in terms
/// of symbols: other operators take it as a shape.
public interface KnowsExtents {
    /// {@return what the elements of the output are}
    List<Dimension> extents(Operands in);
}
