package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sqrt;
import java.util.List;

/// Adadelta: `a ← ρ·a + (1 − ρ)·g²`, `u = g · √(d + ε) / √(a + ε)`, `p ← p − rate · u`, `d ← ρ·d +
/// (1 − ρ)·u²`.
///
/// Source: Zeiler 2012; Keras 2.
public final class Adadelta extends Optimizer {
    private final double rho;
    private final double epsilon;

    /// A rate of 1, ρ = 0.95, ε = 1e-8.
    public Adadelta() {
        this(1, 0.95, 1e-8);
    }

    /// @param learningRate the step size
    /// @param rho how slowly the means of the squares change
    /// @param epsilon what keeps roots from zero
    public Adadelta(double learningRate, double rho, double epsilon) {
        super(learningRate);
        this.rho = rho;
        this.epsilon = epsilon;
    }

    /// {@return how slowly the means of the squares change}
    public double rho() {
        return rho;
    }

    /// {@return what keeps roots from zero}
    public double epsilon() {
        return epsilon;
    }

    @Override
    protected Rule rule() {
        return new TwoMeans();
    }

    @Override
    protected int stateCount() {
        return 2;
    }

    @Override
    protected double[] hyperparameters(long t) {
        return new double[] {rate(t), rho, 1 - rho, epsilon};
    }

    private record TwoMeans() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var a = mean(g, state.get(0), gradient, hyper);
            var step =
                    g.div(
                            g.mul(gradient, root(g, state.get(1), hyper.get(3))),
                            root(g, a, hyper.get(3)));
            var d = mean(g, state.get(1), step, hyper);
            return List.of(g.sub(parameter, g.mul(hyper.get(0), step)), a, d);
        }

        private static Operand root(Operators g, Operand x, Operand epsilon) {
            return g.apply(new Sqrt(), g.add(x, epsilon));
        }

        private static Operand mean(
                Operators g, Operand before, Operand x, List<? extends Operand> hyper) {
            return g.add(g.mul(hyper.get(1), before), g.mul(hyper.get(2), g.mul(x, x)));
        }
    }
}
