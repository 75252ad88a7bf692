package io.webdnn.verify.operator;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Lowering;
import io.webdnn.graph.op.Measured;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import java.util.List;

/// A loop that data says the length of: `rows[t] = 2 · rows[t − 1] + t`, from x on.
///
/// x: `[n]`, float32; steps: one entry that is known by name; rows: `[steps, n]`.
public record Powers() implements CustomOp {
    @Override
    public List<TensorType> infer(Operands in) {
        var steps = in.dimensions(1, "steps").getFirst();
        return List.of(in.type(0).with(Shape.of(steps, in.extent(0, 0))));
    }

    @Override
    public Lowering lower(Operands in) {
        var x = in.buffer(0);
        var step = new Index("t", in.dimensions(1, "steps").getFirst());
        var domain = Stage.indices("o", x.type().shape().dimensions());
        var current = Buffer.of("x", x.type());
        var next = Buffer.of("next", x.type());
        var rows = Buffer.of("rows", infer(in).getFirst());
        var states =
                List.of(
                        new Recurrence.State(
                                current, domain, new Load(x, List.copyOf(domain)), next));
        var body =
                List.of(
                        Stage.each(
                                next,
                                o -> {
                                    Expr old = new Load(current, List.copyOf(o));
                                    return old.plus(old).plus(step.cast(DType.FLOAT32));
                                }));
        var histories = List.of(new Recurrence.History(rows, next));
        return new Measured(List.of(new Recurrence(step, states, body, histories)), List.of(rows));
    }
}
