package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.Arrays;

/// A layer that disturbs its input in training, and does nothing otherwise.
///
/// @param <S> the kind of layer
public abstract class NoiseLayer<S extends NoiseLayer<S>> extends IdentityShape<S> {
    NoiseLayer() {}

    /// {@return the argument, which must be a probability less than 1}
    final double expectRate(double rate) {
        if (!(rate >= 0 && rate < 1)) throw wrong("rate", "0 <= rate < 1", rate);
        return rate;
    }

    /// {@return the disturbed numbers}
    abstract Variable disturbed(Signal x);

    @Override
    final Signal apply(Signal x) {
        if (!Configuration.isTraining()) return x;
        return new Signal(disturbed(x), x.channelsFirst());
    }

    /// {@return numbers of the normal distribution, drawn anew}
    static Variable normal(Variable like, double mean, double deviation) {
        var random = Configuration.nextStream();
        var tensor = Tensor.zeros(DType.FLOAT32, like.shape().toInts());
        float[] values = tensor.floats();
        for (int i = 0; i < values.length; i++)
            values[i] = (float) (mean + deviation * random.nextGaussian());
        return Variable.sharing(tensor);
    }

    /// {@return 1 / (1 − rate) with the probability 1 − rate, else 0}
    static Variable kept(double rate, int... shape) {
        var ones = Tensor.zeros(DType.FLOAT32, shape);
        Arrays.fill(ones.floats(), 1);
        return F.dropout(Variable.sharing(ones), rate);
    }
}
