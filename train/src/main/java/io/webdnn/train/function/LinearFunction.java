package io.webdnn.train.function;

import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Gemm;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.type.GraphException;
import io.webdnn.train.Function;
import java.util.ArrayList;
import java.util.List;

/// `y[n, o] = Σ_i x[n, i] · W[o, i] + b[o]`, the axes of x after the first being flattened.
///
/// x: `[N, d…]` with Π d = I; W: `[O, I]`; b (may be absent): `[O]`; y: `[N, O]`; all float32.
public record LinearFunction() implements Function {
    @Override
    public String name() {
        return "LinearFunction";
    }

    @Override
    public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
        Operand x = inputs.get(0);
        var shape = x.type().shape();
        var expected = inputs.get(1).type().shape().get(1);
        if (shape.rank() < 2 || !shape.elements(1, shape.rank()).equals(expected)) {
            throw GraphException.of(
                    "Linear", "x", "[N, ...] with " + expected + " elements per example", shape);
        }
        if (shape.rank() > 2) x = g.apply(new Flatten(1), x);
        var operands = new ArrayList<Operand>(inputs);
        operands.set(0, x);
        return g.applyAll(new Gemm(false, true), operands);
    }
}
