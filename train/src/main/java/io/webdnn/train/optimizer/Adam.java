package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Sub;
import java.util.List;

/// Adam, as Chainer computes it: ε stands outside the root, and the corrections of both moments are
/// part of the step size.
///
/// `m ← m + (1 − β₁)(g − m)`, `v ← v + (1 − β₂)(g² − v)`, `p ← p − α·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v
/// + ε)`.
///
/// Source: Kingma, Ba 2014; Chainer 2.
public final class Adam extends Optimizer {
    private final double beta1;
    private final double beta2;
    private final double epsilon;

    /// α = 0.001, β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    public Adam() {
        this(0.001);
    }

    /// @param alpha the step size
    public Adam(double alpha) {
        this(alpha, 0.9, 0.999, 1e-8);
    }

    /// @param alpha the step size
    /// @param beta1 how slowly the mean of the gradients changes
    /// @param beta2 how slowly the mean of their squares changes
    /// @param epsilon what keeps the division from zero
    public Adam(double alpha, double beta1, double beta2, double epsilon) {
        super(alpha);
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
    }

    /// {@return the step size, as Chainer calls it}
    public double alpha() {
        return learningRate();
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

    /// Changes the step size from the next update on.
    public void alpha(double newAlpha) {
        learningRate(newAlpha);
    }

    @Override
    protected Rule rule() {
        return new Moments();
    }

    @Override
    protected int stateCount() {
        return 2;
    }

    @Override
    protected double[] hyperparameters(long t) {
        // StrictMath, so that every machine takes the same step
        double step =
                rate(t) * Math.sqrt(1 - StrictMath.pow(beta2, t)) / (1 - StrictMath.pow(beta1, t));
        return new double[] {step, 1 - beta1, 1 - beta2, epsilon};
    }

    private record Moments() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var m = towards(g, state.get(0), gradient, hyper.get(1));
            var square = g.apply(new Mul(), gradient, gradient);
            var v = towards(g, state.get(1), square, hyper.get(2));
            var root = g.apply(new Add(), g.apply(new Sqrt(), v), hyper.get(3));
            var step = g.apply(new Div(), g.apply(new Mul(), hyper.get(0), m), root);
            return List.of(g.apply(new Sub(), parameter, step), m, v);
        }

        private static Operand towards(Operators g, Operand mean, Operand value, Operand share) {
            return g.apply(
                    new Add(), mean, g.apply(new Mul(), share, g.apply(new Sub(), value, mean)));
        }
    }
}
