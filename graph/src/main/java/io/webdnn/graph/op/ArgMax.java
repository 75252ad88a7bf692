package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import java.util.List;

/// The position of the largest element along one axis.
///
/// data: numeric, its axis not empty; reduced: int64, data's shape with that axis 1, or without it.
/// Of equal elements the first counts, or the last with `selectLastIndex`; NaN counts as the
/// largest.
///
/// Source: ONNX ArgMax-13.
///
/// @param axis negative ones from the end
/// @param keepdims whether the axis stays, with extent 1
public record ArgMax(int axis, boolean keepdims, boolean selectLastIndex) implements Primitive {
    private ArgExtreme form() {
        return new ArgExtreme("ArgMax", true, axis, keepdims, selectLastIndex);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return form().infer(in);
    }

    @Override
    public Lowering lower(Operands in) {
        return form().lower(in);
    }
}
