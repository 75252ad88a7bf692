package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import java.util.List;
import java.util.Map;

/// An operator: its attributes (the record's components), its inference, which is also its
/// validation, and its meaning.
///
/// Nothing outside `graph.op`, the passes, the gradients and the importers asks which operator this
/// is: whatever else needs to be known follows from [#lower].
public sealed interface Op permits Elementwise, Composed, Primitive, CustomOp {
    /// {@return the operator's name in ONNX spelling, as messages and dumps show it}
    default String name() {
        return getClass().getSimpleName();
    }

    /// Checks the operands and gives the types of the outputs.
    ///
    /// @throws io.webdnn.graph.type.GraphException if they do not fit; names argument, expected and
    ///   actual
    List<TensorType> infer(Operands in);

    /// {@return this where symbols that its attributes hold have the given values}
    default Op bind(Map<String, Long> sizes) {
        return this;
    }

    /// {@return what the operator computes, in terms of `in.buffer(i)`; `infer` has accepted the
    /// operands}
    Lowering lower(Operands in);
}
