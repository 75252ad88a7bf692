package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import java.util.List;

/// Sets elements to 0 at random and scales the others, as in training: `output = mask ? data / (1 −
/// ratio) : 0`. (Without training, it is the identity, and no operator is needed.)
///
/// | | shape | dtype |
/// |---|---|---|
/// | data | any | float |
/// | ratio, the probability of a 0 | `[]`, in `[0, 1]` | float32 |
/// | seed, low word first | `[2]` | uint32 |
/// | step | `[]` | uint32 |
/// | output | as data | as data |
/// | mask, whether an element is kept | as data | bool |
///
/// Element `e` in row-major order is kept if `u ≥ ratio`, where `u` in `[0, 1)` are the 24 high
/// bits of the first word of Philox4×32-10 with the key `seed` and the counter `(e, 0, stream,
/// step)`: the same on every target, for each step of a training its own.
///
/// Source: ONNX Dropout-22 in training mode; the generator is ours, since ONNX names none.
///
/// @param stream distinguishes the uses of dropout in one network
public record Dropout(int stream) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(4, 4);
        var data = expect.input(0, "data").floating().type();
        expect.input(1, "ratio").dtype(DType.FLOAT32).shape(Shape.SCALAR);
        expect.input(2, "seed").dtype(DType.UINT32).shape(Shape.of(2));
        expect.input(3, "step").dtype(DType.UINT32).shape(Shape.SCALAR);
        return List.of(data, data.with(DType.BOOL));
    }

    @Override
    public Lowering lower(Operands in) {
        var data = in.type(0);
        var mask = Buffer.of("mask", data.with(DType.BOOL));
        var output = Buffer.of("output", data);
        var drawn =
                Stage.each(
                        mask,
                        o -> {
                            var counter =
                                    List.of(
                                            Reindex.flat(data.shape(), o).cast(DType.UINT32),
                                            Literal.of(DType.UINT32, 0L),
                                            Literal.of(DType.UINT32, stream & 0xFFFFFFFFL),
                                            in.load(3));
                            var key0 = in.load(2, Expr.of(0));
                            var key1 = in.load(2, Expr.of(1));
                            var uniform = Philox.uniform(Philox.word(key0, key1, counter));
                            return in.load(1).lessOrEqual(uniform);
                        });
        var kept =
                Stage.each(
                        output,
                        o -> {
                            var one = Expr.of(DType.FLOAT32, 1);
                            var scale = one.dividedBy(one.minus(in.load(1)));
                            var scaled = in.load(0, o).times(scale.cast(data.dtype()));
                            return new Load(mask, List.copyOf(o))
                                    .select(scaled, Expr.of(data.dtype(), 0));
                        });
        return new Compute(List.of(drawn, kept), List.of(output, mask));
    }
}
