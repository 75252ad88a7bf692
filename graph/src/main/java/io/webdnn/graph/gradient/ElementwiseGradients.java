package io.webdnn.graph.gradient;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Derivative;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Map;
import io.webdnn.graph.op.Relu;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softplus;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gradients of elementwise operators: a [Map] of `seed · derivative`, summed over what the operand
/// was broadcast along. It reads only those operands that the derivative needs, and the result
/// where that is enough.
final class ElementwiseGradients {
    private final Elementwise op;
    private final Use use;
    private final List<Local> operands = new ArrayList<>();
    private final Local result;
    private final Local seed;

    private ElementwiseGradients(Elementwise op, Use use) {
        this.op = op;
        this.use = use;
        for (var input : use.node().inputs()) add(input.type().dtype());
        var dtype = use.output().type().dtype();
        result = Map.parameter(operands.size(), dtype);
        seed = Map.parameter(operands.size() + 1, dtype);
    }

    private void add(DType dtype) {
        operands.add(Map.parameter(operands.size(), dtype));
    }

    static List<@Nullable Value> of(Elementwise op, Use use) {
        var gradients = use.none();
        if (!use.output().type().dtype().isFloat()) return Arrays.asList(gradients);
        var rules = new ElementwiseGradients(op, use);
        for (int i = 0; i < gradients.length; i++) {
            if (use.needs(i)) gradients[i] = rules.gradient(i);
        }
        return Arrays.asList(gradients);
    }

    private @Nullable Value gradient(int i) {
        var derivative = derivative(i);
        if (derivative == null || derivative instanceof Literal) return null;
        var input = use.input(i).type();
        var value = apply(derivative.cast(input.dtype()));
        return use.reducedTo(value, input.shape());
    }

    /// In terms of the operands, the result and the seed.
    private @Nullable Expr derivative(int i) {
        var one = Expr.of(seed.dtype(), 1);
        return switch (op) {
            // The general rule would give 1 at 0, where the two operands of the maximum are equal.
            case Relu _ ->
                    Expr.of(result.dtype(), 0).less(result).select(seed, Expr.of(seed.dtype(), 0));
            // The general rule divides one infinite exponential by another.
            case Sigmoid _ -> seed.times(result.times(one.minus(result)));
            case Softplus _ -> {
                var exponential =
                        operands.get(0).apply(Unary.Operator.NEGATE).apply(Unary.Operator.EXP);
                yield seed.dividedBy(one.plus(exponential));
            }
            case Elementwise _ -> {
                var value = op.of(List.copyOf(operands));
                yield Derivative.scaled(seed, value, operands.get(i), result);
            }
        };
    }

    private Value apply(Expr derivative) {
        if (derivative.equals(seed)) return use.seed();
        var free = Visit.free(derivative);
        var dtypes = new ArrayList<DType>();
        var values = new ArrayList<Value>();
        var from = new ArrayList<Expr>();
        var to = new ArrayList<Expr>();
        for (int i = 0; i < operands.size() + 2; i++) {
            var local =
                    i < operands.size() ? operands.get(i) : i == operands.size() ? result : seed;
            if (!free.contains(local)) continue;
            from.add(local);
            to.add(Map.parameter(dtypes.size(), local.dtype()));
            dtypes.add(local.dtype());
            values.add(
                    i < operands.size()
                            ? use.input(i)
                            : i == operands.size() ? use.output() : use.seed());
        }
        return use.apply(new Map(dtypes, new Substitution(from, to).apply(derivative)), values);
    }
}
