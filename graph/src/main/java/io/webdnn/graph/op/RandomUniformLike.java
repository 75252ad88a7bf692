package io.webdnn.graph.op;

import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import java.util.List;

/// Random numbers of `[0, 1)`, each as likely as any other.
///
/// | | shape | dtype |
/// |---|---|---|
/// | input, whose shape alone matters | any | any |
/// | output | as input | float32 |
///
/// Element `e` in row-major order is the 24 high bits of the first word of Philox4×32-10 with the
/// key `(seed, 0)` and the counter `(e, 0, stream, 0)`: the same on every target, and at each run.
///
/// Source: ONNX RandomUniformLike-22 with `low` 0 and `high` 1; the generator is ours, since ONNX
/// names none.
///
/// @param stream distinguishes draws of one seed
public record RandomUniformLike(int seed, int stream) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(Expect.of(in).count(1, 1).input(0, "input").type().with(DType.FLOAT32));
    }

    @Override
    public Lowering lower(Operands in) {
        var type = infer(in).getFirst();
        return Compute.each(
                type,
                o -> {
                    var element = Reindex.flat(type.shape(), o).cast(DType.UINT32);
                    var counter = List.of(element, word(0), word(stream), word(0));
                    return Philox.uniform(Philox.word(word(seed), word(0), counter));
                });
    }

    private static Literal word(int bits) {
        return new Literal(DType.UINT32, bits & 0xFFFFFFFFL);
    }
}
