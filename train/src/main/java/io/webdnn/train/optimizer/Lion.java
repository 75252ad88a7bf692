package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sign;
import java.util.List;

/// Lion, which only takes the sign of a mean: `p ← p − rate · sign(β₁·m + (1 − β₁)·g)`, `m ← β₂·m +
/// (1 − β₂)·g`.
///
/// Source: Chen 2023; Keras 2.13.
public final class Lion extends Optimizer {
    private final double beta1;
    private final double beta2;

    /// A rate of 0.001, β₁ = 0.9, β₂ = 0.99.
    public Lion() {
        this(0.001, 0.9, 0.99);
    }

    /// @param learningRate the step size
    /// @param beta1 which share the mean has in a step
    /// @param beta2 how slowly the mean of the gradients changes
    public Lion(double learningRate, double beta1, double beta2) {
        super(learningRate);
        this.beta1 = beta1;
        this.beta2 = beta2;
    }

    /// {@return which share the mean has in a step}
    public double beta1() {
        return beta1;
    }

    /// {@return how slowly the mean of the gradients changes}
    public double beta2() {
        return beta2;
    }

    @Override
    protected Rule rule() {
        return new Direction();
    }

    @Override
    protected int stateCount() {
        return 1;
    }

    @Override
    protected double[] hyperparameters(long t) {
        return new double[] {rate(t), beta1, 1 - beta1, beta2, 1 - beta2};
    }

    private record Direction() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var mean = state.getFirst();
            var ahead = g.add(g.mul(hyper.get(1), mean), g.mul(hyper.get(2), gradient));
            var step = g.mul(hyper.get(0), g.apply(new Sign(), ahead));
            var next = g.add(g.mul(hyper.get(3), mean), g.mul(hyper.get(4), gradient));
            return List.of(g.sub(parameter, step), next);
        }
    }
}
