package io.webdnn.train.link;

import io.webdnn.train.F;
import io.webdnn.train.Link;
import io.webdnn.train.Parameter;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.function.LinearFunction;
import io.webdnn.train.initializer.Initializer;

/// `y = x · Wᵀ + b`: `[N, d…]` to `[N, out]`, the axes of x after the first being flattened.
///
/// Parameters: `W` `[out, in]`, drawn by [Initializer#LECUN_NORMAL], and `b` `[out]`, zeros. The
/// size of the input is taken from the first call.
public final class Linear extends Link {
    private static final LinearFunction FUNCTION = new LinearFunction();

    private final int outSize;
    private final Parameter weight;
    private final Parameter bias;

    /// @param outSize the size of the *output*
    public Linear(int outSize) {
        this(outSize, Initializer.LECUN_NORMAL);
    }

    /// @param outSize the size of the *output*
    /// @param initializer what W is drawn by
    public Linear(int outSize, Initializer initializer) {
        if (outSize < 1) throw TrainingException.of("Linear", "out size", ">= 1", outSize);
        this.outSize = outSize;
        weight = parameter("W", initializer, outSize, Parameter.OPEN);
        bias = parameter("b", Initializer.ZERO, outSize);
    }

    @Override
    public Variable call(Variable x) {
        if (!weight.isInitialized()) {
            if (x.shape().rank() < 2) {
                throw TrainingException.of(toString(), "x", "[N, ...]", x.type());
            }
            var in = x.shape().elements(1, x.shape().rank()).value();
            weight.initialize(outSize, Math.toIntExact(in));
        }
        bias.initialize(outSize);
        return F.apply(FUNCTION, name(), x, weight, bias);
    }
}
