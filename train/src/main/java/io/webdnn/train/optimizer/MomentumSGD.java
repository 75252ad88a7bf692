package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sub;
import java.util.List;

/// Gradient descent with momentum: `v ← momentum · v − rate · g`, `p ← p + v`; Nesterov's looks one
/// step ahead: `p ← p + momentum · v − rate · g`.
public final class MomentumSGD extends Optimizer {
    private final double momentum;
    private final boolean nesterov;

    /// A rate of 0.01 and a momentum of 0.9.
    public MomentumSGD() {
        this(0.01, 0.9);
    }

    /// @param learningRate the share of the gradient that is subtracted
    /// @param momentum the share of the last step that is made again
    public MomentumSGD(double learningRate, double momentum) {
        this(learningRate, momentum, false);
    }

    /// @param learningRate the share of the gradient that is subtracted
    /// @param momentum the share of the last step that is made again
    /// @param nesterov whether the step looks ahead
    public MomentumSGD(double learningRate, double momentum, boolean nesterov) {
        super(learningRate);
        this.nesterov = nesterov;
        this.momentum = momentum;
    }

    /// {@return the share of the last step that is made again}
    public double momentum() {
        return momentum;
    }

    /// {@return whether the step looks ahead}
    public boolean nesterov() {
        return nesterov;
    }

    @Override
    protected Rule rule() {
        return new Momentum(nesterov);
    }

    @Override
    protected int stateCount() {
        return 1;
    }

    @Override
    protected double[] hyperparameters(long t) {
        return new double[] {rate(t), momentum};
    }

    private record Momentum(boolean nesterov) implements Rule {
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
            if (!nesterov) return List.of(g.apply(new Add(), parameter, v), v);
            var ahead = g.apply(new Sub(), g.apply(new Mul(), hyper.get(1), v), step);
            return List.of(g.apply(new Add(), parameter, ahead), v);
        }
    }
}
