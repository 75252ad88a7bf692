package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Pow;
import io.webdnn.tensor.DType;
import java.util.List;

/// `Pow(x, 2)` becomes `Mul(x, x)`, and `Pow(x, 3)` of float32 and float64 `Mul(Mul(x, x), x)`,
/// where the exponent is a constant: a power costs as much as a logarithm and an exponential.
///
/// Narrower floats keep their cubes, which would be rounded once more.
public record MultiplyPowers() implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return graph.rewrite(MultiplyPowers::multiply);
    }

    private static List<? extends Operand> multiply(Node node, Operators g) {
        if (!(node.op() instanceof Pow)) return node.outputs();
        var x = node.input(0);
        var exponent = node.input(1).constant();
        if (exponent == null
                || exponent.size() != 1
                || !x.type().equals(node.outputs().getFirst().type())) return node.outputs();
        double power = exponent.getDouble(0);
        if (power == 2) return g.applyAll(new Mul(), List.of(x, x));
        var dtype = x.type().dtype();
        if (power == 3 && (dtype == DType.FLOAT32 || dtype == DType.FLOAT64))
            return List.of(g.mul(g.mul(x, x), x));
        return node.outputs();
    }
}
