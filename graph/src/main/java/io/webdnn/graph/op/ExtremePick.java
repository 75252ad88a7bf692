package io.webdnn.graph.op;

import io.webdnn.graph.expr.Adjoint;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.List;

/// The elements that stand at given positions of what an operator reduces: equal to the maxima (or
/// minima) where the positions are those of [ExtremePosition], but linear in what is reduced, so
/// that its gradient says where each maximum came from.
///
/// `y[o…] = Σ_r (positions[o…] = r ? element : 0)`. Its operands are those of the operator, then
/// the positions, int32. It need not run: its gradient is what is wanted.
///
/// @param op as for [ExtremePosition]
public record ExtremePick(Op op) implements Primitive {
    @Override
    public String name() {
        return op.name() + "Pick";
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(op.infer(in.first(in.count() - 1, op.name())).getFirst());
    }

    @Override
    public Lowering lower(Operands in) {
        int positions = in.count() - 1;
        var extremes = ExtremePosition.extreme(op, in.first(positions, op.name()));
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var at = extremes.at(o);
                    var chosen =
                            Adjoint.flat(at.indices())
                                    .isEqualTo(in.load(positions, new ArrayList<Expr>(o)));
                    var zero = Expr.of(at.dtype(), 0);
                    return Expr.sum(at.indices(), chosen.select(at.body(), zero));
                });
    }
}
