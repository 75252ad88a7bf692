package io.webdnn.graph.op;

import io.webdnn.graph.type.Equation;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The same tensor under extents that are written otherwise: `output[o…] = input[o…]`. A run whose
/// sizes do not make the two shapes equal is refused before it starts.
///
/// input: any dtype, the rank of shape; output: shape, the dtype of input. So `min(T, 512)` can be
/// `T` from here on, and `T` can be 512 at most.
///
/// Source: TensorFlow's `tf.ensure_shape`.
public record EnsureShape(Shape shape) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(
                Expect.of(in).count(1, 1).input(0, "input").rank(shape.rank()).type().with(shape));
    }

    /// {@return what must hold in a run}
    public List<Equation> equations(Shape input) {
        var equations = new ArrayList<Equation>();
        for (int d = 0; d < shape.rank(); d++) {
            if (!input.get(d).equals(shape.get(d)))
                equations.add(new Equation(input.get(d), shape.get(d)));
        }
        return equations;
    }

    @Override
    public Op bind(Map<String, Long> sizes) {
        return new EnsureShape(
                new Shape(shape.dimensions().stream().map(e -> e.bind(sizes)).toList()));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(infer(in).getFirst(), o -> in.load(0, o));
    }
}
