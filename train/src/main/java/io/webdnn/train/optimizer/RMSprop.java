package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Sub;
import java.util.List;

/// RMSprop, as Keras computes it: `a ← ρ·a + (1 − ρ)·g²`, `p ← p − rate · g / (√a + ε)`.
///
/// Source: Tieleman, Hinton 2012; Keras 2.
public final class RMSprop extends Optimizer {
    private final double rho;
    private final double epsilon;

    /// A rate of 0.001, ρ = 0.9, ε = 1e-8.
    public RMSprop() {
        this(0.001, 0.9, 1e-8);
    }

    /// @param learningRate the step size
    /// @param rho how slowly the mean of the squared gradients changes
    /// @param epsilon what keeps the division from zero
    public RMSprop(double learningRate, double rho, double epsilon) {
        super(learningRate);
        this.rho = rho;
        this.epsilon = epsilon;
    }

    /// {@return how slowly the mean of the squared gradients changes}
    public double rho() {
        return rho;
    }

    /// {@return what keeps the division from zero}
    public double epsilon() {
        return epsilon;
    }

    @Override
    protected Rule rule() {
        return new MeanSquare();
    }

    @Override
    protected int stateCount() {
        return 1;
    }

    @Override
    protected double[] hyperparameters(long t) {
        return new double[] {rate(t), rho, 1 - rho, epsilon};
    }

    private record MeanSquare() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var square = g.apply(new Mul(), gradient, gradient);
            var a =
                    g.apply(
                            new Add(),
                            g.apply(new Mul(), hyper.get(1), state.getFirst()),
                            g.apply(new Mul(), hyper.get(2), square));
            var root = g.apply(new Add(), g.apply(new Sqrt(), a), hyper.get(3));
            var step = g.apply(new Div(), g.apply(new Mul(), hyper.get(0), gradient), root);
            return List.of(g.apply(new Sub(), parameter, step), a);
        }
    }
}
