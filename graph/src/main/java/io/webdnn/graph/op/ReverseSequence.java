package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Turns the begin of each sequence around: with b and t the indices on batch and time axis, `Y[…]
/// = input[…]` at time `lens[b] − 1 − t` for `t < lens[b]`, and as it is behind that.
///
/// | | shape | dtype |
/// |---|---|---|
/// | input, Y | any of rank ≥ 2 | any |
/// | sequence_lens | `[B]`, each from 0 to the time axis's extent | int64 |
///
/// Source: ONNX ReverseSequence-10.
///
/// @param batchAxis 0 or 1
/// @param timeAxis the other one
public record ReverseSequence(int batchAxis, int timeAxis) implements Primitive {
    public ReverseSequence {
        if (batchAxis + timeAxis != 1 || batchAxis < 0 || timeAxis < 0) {
            throw GraphException.of(
                    "ReverseSequence",
                    "batch_axis, time_axis",
                    "0 and 1, or 1 and 0",
                    batchAxis + ", " + timeAxis);
        }
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var input = expect.input(0, "input").rankAtLeast(2).type();
        expect.input(1, "sequence_lens").index().shape(Shape.of(input.shape().get(batchAxis)));
        return List.of(input);
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(
                in.type(0),
                o -> {
                    var time = o.get(timeAxis);
                    var length = in.load(1, o.get(batchAxis)).cast(DType.INT32);
                    var at = new ArrayList<Expr>(o);
                    at.set(timeAxis, time.less(length).select(length.minus(1).minus(time), time));
                    return in.load(0, at);
                });
    }
}
