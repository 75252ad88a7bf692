package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import java.util.List;

/// Adamax, Adam by the largest gradient: `m ← β₁·m + (1 − β₁)·g`, `u ← max(β₂·u, |g|)`, `p ← p −
/// rate/(1 − β₁ᵗ) · m / (u + ε)`.
///
/// Source: Kingma, Ba 2014, section 7.1; Keras 2.
public final class Adamax extends Optimizer {
    private final double beta1;
    private final double beta2;
    private final double epsilon;

    /// A rate of 0.002, β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    public Adamax() {
        this(0.002, 0.9, 0.999, 1e-8);
    }

    /// @param learningRate the step size
    /// @param beta1 how slowly the mean of the gradients changes
    /// @param beta2 how slowly their largest is forgotten
    /// @param epsilon what keeps the division from zero
    public Adamax(double learningRate, double beta1, double beta2, double epsilon) {
        super(learningRate);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
    }

    /// {@return how slowly the mean of the gradients changes}
    public double beta1() {
        return beta1;
    }

    /// {@return how slowly the largest gradient is forgotten}
    public double beta2() {
        return beta2;
    }

    /// {@return what keeps the division from zero}
    public double epsilon() {
        return epsilon;
    }

    @Override
    protected Rule rule() {
        return new Largest();
    }

    @Override
    protected int stateCount() {
        return 2;
    }

    @Override
    protected double[] hyperparameters(long t) {
        double step = rate(t) / (1 - StrictMath.pow(beta1, t));
        return new double[] {step, beta1, 1 - beta1, beta2, epsilon};
    }

    private record Largest() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var m = g.add(g.mul(hyper.get(1), state.get(0)), g.mul(hyper.get(2), gradient));
            var faded = g.mul(hyper.get(3), state.get(1));
            var u = g.apply(new Max(), faded, g.apply(new Abs(), gradient));
            var step = g.div(g.mul(hyper.get(0), m), g.add(u, hyper.get(4)));
            return List.of(g.sub(parameter, step), m, u);
        }
    }
}
