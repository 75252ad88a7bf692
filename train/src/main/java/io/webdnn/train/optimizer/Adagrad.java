package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sqrt;
import java.util.List;

/// Adagrad: `a ← a + g²`, `p ← p − rate · g / (√a + ε)`.
///
/// Source: Duchi, Hazan, Singer 2011; Keras 2.
public final class Adagrad extends Optimizer {
    private final double epsilon;

    /// A rate of 0.01, ε = 1e-8.
    public Adagrad() {
        this(0.01, 1e-8);
    }

    /// @param learningRate the step size
    /// @param epsilon what keeps the division from zero
    public Adagrad(double learningRate, double epsilon) {
        super(learningRate);
        this.epsilon = epsilon;
    }

    /// {@return what keeps the division from zero}
    public double epsilon() {
        return epsilon;
    }

    @Override
    protected Rule rule() {
        return new SumOfSquares();
    }

    @Override
    protected int stateCount() {
        return 1;
    }

    @Override
    protected double[] hyperparameters(long t) {
        return new double[] {rate(t), epsilon};
    }

    private record SumOfSquares() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var a = g.add(state.getFirst(), g.mul(gradient, gradient));
            var root = g.add(g.apply(new Sqrt(), a), hyper.get(1));
            var step = g.div(g.mul(hyper.get(0), gradient), root);
            return List.of(g.sub(parameter, step), a);
        }
    }
}
