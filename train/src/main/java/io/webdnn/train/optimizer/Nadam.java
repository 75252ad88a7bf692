package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sqrt;
import java.util.List;

/// Nadam, Adam with Nesterov's momentum, whose share μ rises: `μₜ = β₁ · (1 − 0.5 · 0.96^(schedule
/// · t))`.
///
/// With `Mₜ = μ₁ · … · μₜ`: `m ← β₁·m + (1 − β₁)·g`, `v ← β₂·v + (1 − β₂)·g²`, `p ← p − rate · ((1
/// − μₜ)/(1 − Mₜ) · g + μₜ₊₁/(1 − Mₜ₊₁) · m) / (√(v / (1 − β₂ᵗ)) + ε)`.
///
/// Source: Dozat 2016; Keras 2.
public final class Nadam extends Optimizer {
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final double schedule;

    /// A rate of 0.002, β₁ = 0.9, β₂ = 0.999, ε = 1e-8, a schedule of 0.004.
    public Nadam() {
        this(0.002, 0.9, 0.999, 1e-8, 0.004);
    }

    /// @param learningRate the step size
    /// @param beta1 how slowly the mean of the gradients changes
    /// @param beta2 how slowly the mean of their squares changes
    /// @param epsilon what keeps the division from zero
    /// @param schedule how fast the momentum rises
    public Nadam(double learningRate, double beta1, double beta2, double epsilon, double schedule) {
        super(learningRate);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.schedule = schedule;
    }

    /// {@return how slowly the mean of the gradients changes}
    public double beta1() {
        return beta1;
    }

    /// {@return how slowly the mean of the squared gradients changes}
    public double beta2() {
        return beta2;
    }

    /// {@return what keeps the division from zero}
    public double epsilon() {
        return epsilon;
    }

    /// {@return how fast the momentum rises}
    public double schedule() {
        return schedule;
    }

    @Override
    protected Rule rule() {
        return new LookingAhead();
    }

    @Override
    protected int stateCount() {
        return 2;
    }

    @Override
    protected double[] hyperparameters(long t) {
        double product = 1;
        // from the start, since files hold no product; it stops changing once it is 0
        for (long i = 1; i <= t && product > 0; i++) product *= momentum(i);
        double rate = rate(t);
        double ofGradient = (1 - momentum(t)) / (1 - product);
        double ofMean = momentum(t + 1) / (1 - product * momentum(t + 1));
        double correction = 1 / (1 - StrictMath.pow(beta2, t));
        return new double[] {
            beta1,
            1 - beta1,
            beta2,
            1 - beta2,
            rate * ofGradient,
            rate * ofMean,
            correction,
            epsilon
        };
    }

    private double momentum(long t) {
        return beta1 * (1 - 0.5 * StrictMath.pow(0.96, t * schedule));
    }

    private record LookingAhead() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var m = g.add(g.mul(hyper.get(0), state.get(0)), g.mul(hyper.get(1), gradient));
            var square = g.mul(gradient, gradient);
            var v = g.add(g.mul(hyper.get(2), state.get(1)), g.mul(hyper.get(3), square));
            var ahead = g.add(g.mul(hyper.get(4), gradient), g.mul(hyper.get(5), m));
            var root = g.apply(new Sqrt(), g.mul(v, hyper.get(6)));
            return List.of(g.sub(parameter, g.div(ahead, g.add(root, hyper.get(7)))), m, v);
        }
    }
}
