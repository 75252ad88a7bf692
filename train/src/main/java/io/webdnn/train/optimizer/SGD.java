package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Mul;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Sub;
import java.util.List;

/// Stochastic gradient descent: `p ← p − rate · g`.
public final class SGD extends Optimizer {
    /// A rate of 0.01.
    public SGD() {
        this(0.01);
    }

    /// @param learningRate the share of the gradient that is subtracted
    public SGD(double learningRate) {
        super(learningRate);
    }

    @Override
    protected Rule rule() {
        return new Descent();
    }

    @Override
    protected int stateCount() {
        return 0;
    }

    @Override
    protected double[] hyperparameters(long t) {
        return new double[] {rate(t)};
    }

    private record Descent() implements Rule {
        @Override
        public List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper) {
            var step = g.apply(new Mul(), hyper.getFirst(), gradient);
            return List.of(g.apply(new Sub(), parameter, step));
        }
    }
}
