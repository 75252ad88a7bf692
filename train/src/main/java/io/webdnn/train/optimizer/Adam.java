package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Div;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Sub;
import io.webdnn.train.TrainingException;
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
    private boolean amsGrad;

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

    /// {@return whether the largest v so far is divided by}
    public boolean isAmsGrad() {
        return amsGrad;
    }

    /// Divides by the largest v so far instead of the present one (AMSGrad), from the first update
    /// on.
    ///
    /// Source: Reddi, Kale, Kumar 2018.
    ///
    /// @return this
    public Adam amsGrad(boolean whether) {
        if (t() > 0)
            throw TrainingException.of("Adam", "amsgrad", "set before the first update", t());
        amsGrad = whether;
        return this;
    }

    /// Changes the step size from the next update on.
    public void alpha(double newAlpha) {
        learningRate(newAlpha);
    }

    @Override
    protected Rule rule() {
        return new Moments(amsGrad);
    }

    @Override
    protected int stateCount() {
        return amsGrad ? 3 : 2;
    }

    @Override
    protected double[] hyperparameters(long t) {
        // StrictMath, so that every machine takes the same step
        double step =
                rate(t) * Math.sqrt(1 - StrictMath.pow(beta2, t)) / (1 - StrictMath.pow(beta1, t));
        return new double[] {step, 1 - beta1, 1 - beta2, epsilon};
    }

    private record Moments(boolean amsGrad) implements Rule {
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
            var largest = amsGrad ? g.apply(new Max(), state.get(2), v) : v;
            var root = g.apply(new Add(), g.apply(new Sqrt(), largest), hyper.get(3));
            var step = g.apply(new Div(), g.apply(new Mul(), hyper.get(0), m), root);
            var updated = g.apply(new Sub(), parameter, step);
            return amsGrad ? List.of(updated, m, v, largest) : List.of(updated, m, v);
        }

        private static Operand towards(Operators g, Operand mean, Operand value, Operand share) {
            return g.apply(
                    new Add(), mean, g.apply(new Mul(), share, g.apply(new Sub(), value, mean)));
        }
    }
}
