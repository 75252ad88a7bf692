package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sub;
import java.util.List;

/// Gradient descent with momentum: `v ← momentum · v − rate · g`, `p ← p + v`.
public final class MomentumSGD extends Optimizer {
    private double learningRate;
    private final double momentum;

    /// A rate of 0.01 and a momentum of 0.9.
    public MomentumSGD() {
        this(0.01, 0.9);
    }

    /// @param learningRate the share of the gradient that is subtracted
    /// @param momentum the share of the last step that is made again
    public MomentumSGD(double learningRate, double momentum) {
        this.learningRate = learningRate;
        this.momentum = momentum;
    }

    /// {@return the learning rate}
    public double learningRate() {
        return learningRate;
    }

    /// {@return the share of the last step that is made again}
    public double momentum() {
        return momentum;
    }

    /// Changes the learning rate from the next update on.
    public void learningRate(double newRate) {
        learningRate = newRate;
    }

    @Override
    protected Rule rule() {
        return new Momentum();
    }

    @Override
    protected int stateCount() {
        return 1;
    }

    @Override
    protected double[] hyperparameters(long t) {
        return new double[] {learningRate, momentum};
    }

    private record Momentum() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var kept = g.apply(new Mul(), hyper.get(1), state.getFirst());
            var step = g.apply(new Mul(), hyper.get(0), gradient);
            var v = g.apply(new Sub(), kept, step);
            return List.of(g.apply(new Add(), parameter, v), v);
        }
    }
}
