package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.List;

/// The same elements as a matrix: the axes before `axis` become rows, the others columns.
///
/// input: any shape, any dtype; output: `[d₀ · … · d(axis−1), d(axis) · …]`, an empty product being
/// 1. `axis` is −rank … rank, negative ones from the end.
///
/// Source: ONNX Flatten-24.
public record Flatten(int axis) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var input = Expect.of(in).count(1, 1).input(0, "input").type();
        int rank = input.rank();
        if (axis < -rank || axis > rank)
            throw GraphException.of("Flatten", "axis", -rank + " ... " + rank, axis);
        int split = axis < 0 ? axis + rank : axis;
        var shape = input.shape();
        return List.of(input.with(Shape.of(shape.elements(0, split), shape.elements(split, rank))));
    }

    @Override
    public Lowering lower(Operands in) {
        return Reindex.lower(in, infer(in).getFirst().shape());
    }
}
