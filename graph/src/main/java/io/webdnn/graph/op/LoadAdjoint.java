package io.webdnn.graph.op;

import io.webdnn.graph.expr.Adjoint;
import io.webdnn.graph.expr.Adjoint.Contribution;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gradient of an operator of one stage with respect to one of its operands, derived from what
/// it lowers to: each load of the operand adds its share.
///
/// Its operands are those of the operator, then the gradient of each output, absent for an output
/// that has none. Its output has the type of the operand in question.
///
/// Shares whose place is an affine function of the loops are summed up in one stage, each place
/// looking for its shares (a matrix product gives a matrix product); the others (those of a
/// `Gather`) are pushed, each by an operator of its own. Source: the mechanical rule, see
/// [Adjoint].
///
/// @param op an operator that lowers to a [Compute] of one stage, or to a [Scatter] that adds
/// @param count the number of the operator's own operands
/// @param input the operand in question
/// @param pushed which of the shares that must be pushed, or −1 for the sum of all others
public record LoadAdjoint(Op op, int count, int input, int pushed) implements Primitive {
    /// Stands in `pushed` for the sum of all shares that need not be pushed.
    public static final int PULLED = -1;

    @Override
    public String name() {
        return op.name() + "Gradient";
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(in.type(input));
    }

    @Override
    public Lowering lower(Operands in) {
        var gradient = Buffer.of("gradient", in.type(input));
        if (pushed == PULLED) {
            return new Compute(
                    List.of(Stage.each(gradient, i -> pulled(in, i))), List.of(gradient));
        }
        var left = new ArrayList<Contribution>();
        var element = Stage.indices("i", gradient.type().shape().dimensions());
        for (var c : contributions(in)) if (c.pull(element) == null) left.add(c);
        return new Scatter(left.get(pushed).push(gradient));
    }

    private Expr pulled(Operands in, List<Index> element) {
        Expr sum = null;
        for (var contribution : contributions(in)) {
            var share = contribution.pull(element);
            if (share != null) sum = sum == null ? share : sum.plus(share);
        }
        return sum == null ? Expr.of(in.type(input).dtype(), 0) : sum;
    }

    /// The operators that make up a gradient.
    ///
    /// @param pulls whether there are shares that can be pulled
    /// @param pushes the number of shares that must be pushed
    public record Parts(boolean pulls, int pushes) {}

    /// {@return what the gradient consists of; nothing if it is 0}
    ///
    /// @param in the operands as this operator takes them
    public Parts parts(Operands in) {
        boolean pulls = false;
        int pushes = 0;
        var element = Stage.indices("i", in.shape(input).dimensions());
        for (var contribution : contributions(in)) {
            if (contribution.pull(element) == null) pushes++;
            else pulls = true;
        }
        return new Parts(pulls, pushes);
    }

    private List<Contribution> contributions(Operands in) {
        var forward = in.first(count, op.name());
        var all = new ArrayList<Contribution>();
        switch (op.lower(forward)) {
            case Compute(var stages, var outputs) when stages.size() == 1 -> {
                var stage = stages.getFirst();
                for (var output : stage.outputs()) {
                    var seed = seed(in, outputs.indexOf(output.buffer()), stage.domain());
                    if (seed == null) continue;
                    all.addAll(
                            Adjoint.contributions(
                                    in.buffer(input),
                                    stage.domain(),
                                    output.value(),
                                    seed,
                                    Literal.of(true)));
                }
            }
            case Scatter(var push) when push.combine() == Push.Combine.ADD -> {
                var start = seed(in, 0, push.domain());
                var update = seed(in, 0, push.target());
                if (start == null || update == null) return all;
                var buffer = in.buffer(input);
                all.addAll(
                        Adjoint.contributions(
                                buffer, push.domain(), push.initial(), start, Literal.of(true)));
                var condition = push.condition();
                for (int d = 0; d < push.target().size(); d++) {
                    var extent = push.output().type().shape().get(d);
                    condition = condition.and(push.target().get(d).isWithin(extent));
                }
                all.addAll(
                        Adjoint.contributions(
                                buffer, push.updates(), push.value(), update, condition));
            }
            case Compute _, Scatter _, Compose _, Scan _, Measured _, Host _ ->
                    throw GraphException.of(
                            name(), "op", "an operator of one stage, or one that adds", op.name());
        }
        return all;
    }

    private @Nullable Expr seed(Operands in, int output, List<? extends Expr> at) {
        int position = count + output;
        return in.has(position) ? new Load(in.buffer(position), List.copyOf(at)) : null;
    }
}
