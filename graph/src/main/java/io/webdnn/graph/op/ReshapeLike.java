package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import java.util.List;

/// The elements of data, in row-major order, under the shape of another tensor, whose values do not
/// matter: what undoes a [Reshape], whatever symbols the shapes hold.
///
/// data: any shape, any dtype; like: as many elements; output: the shape of like, the dtype of
/// data.
///
/// Source: ours; ONNX reshapes by a vector.
public record ReshapeLike() implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var data = expect.input(0, "data").type();
        var like = expect.input(1, "like").type().shape();
        if (!like.elements().equals(data.shape().elements())) {
            throw GraphException.of(
                    "ReshapeLike", "like", "a shape that holds data " + data.shape(), like);
        }
        return List.of(data.with(like));
    }

    @Override
    public Lowering lower(Operands in) {
        return Reindex.lower(in, in.shape(1));
    }
}
