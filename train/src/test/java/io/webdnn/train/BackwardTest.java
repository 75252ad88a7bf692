package io.webdnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.link.Classifier;
import io.webdnn.train.link.Convolution2D;
import io.webdnn.train.link.Linear;
import java.util.HashMap;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BackwardTest {
    private static Variable grad(Variable variable) {
        return Objects.requireNonNull(variable.grad());
    }

    @Test
    void theGradientOfASumOfSquares() {
        var x = new Variable(new float[] {1, 2, 3}, 3);
        var y = F.sum(x.times(x));
        y.backward();
        assertThat(grad(x).array().floats()).containsExactly(2, 4, 6);
        assertThat(y.item()).isEqualTo(14);
    }

    @Test
    void gradientsAddUpUntilTheyAreCleared() {
        var x = new Variable(new float[] {1, 2}, 2);
        F.sum(x.times(3)).backward();
        F.sum(x.times(x)).backward();
        assertThat(grad(x).array().floats()).containsExactly(5, 7);
        x.cleargrad();
        assertThat(x.grad()).isNull();
    }

    @Test
    void gradientsHaveGradients() {
        var x = new Variable(new float[] {1, 2}, 2);
        F.sum(x.times(x).times(x)).backward();
        var first = grad(x);
        x.cleargrad();
        F.sum(first).backward();
        assertThat(grad(x).array().floats()).containsExactly(6, 12);
    }

    @Test
    void readingALossBeforeItsGradientChangesNothing() {
        var x = new Variable(new float[] {1, 2}, 2);
        var y = F.sum(x.times(x));
        assertThat(y.item()).isEqualTo(5);
        y.backward();
        assertThat(grad(x).array().floats()).containsExactly(2, 4);
    }

    @Test
    void withoutBackpropThereIsNoHistory() {
        var x = new Variable(new float[] {1, 2}, 2);
        Variable features;
        try (var _ = Configuration.backprop(false)) {
            features = x.times(2);
            var loss = F.sum(features);
            loss.item();
            assertThatThrownBy(loss::backward)
                    .hasMessage(
                            "backward: the variable has no history; it was given, or computed while"
                                    + " Configuration.backprop was off");
        }
        var weight = new Variable(new float[] {1, 1}, 2);
        F.sum(features.times(weight)).backward();
        assertThat(grad(weight).array().floats()).containsExactly(2, 4);
        assertThat(x.grad()).isNull();
    }

    @Test
    void backwardStartsFromOneElement() {
        var y = F.relu(new Variable(new float[] {1, 2}, 2));
        assertThatThrownBy(y::backward)
                .hasMessage(
                        "backward: variable: expected one element (take F.sum or F.mean), got"
                                + " float32[2]");
    }

    static final class Small extends Chain {
        final Convolution2D conv = link("conv", Convolution2D.with(3, 3).stride(2).pad(1));
        final Linear fc = link("fc", new Linear(4));

        @Override
        public Variable call(Variable x) {
            return fc.call(F.tanh(conv.call(x)));
        }
    }

    @Test
    void gradientsOfASmallNetworkAgreeWithDifferences() {
        Configuration.seed(1);
        var random = new RandomStream(4, 0);
        float[] pixels = new float[2 * 2 * 5 * 7];
        for (int i = 0; i < pixels.length; i++) pixels[i] = (float) random.nextGaussian();
        var x = new Variable(pixels, 2, 2, 5, 7);
        var t = new Variable(new int[] {1, 3}, 2);
        var model = new Classifier(new Small());
        model.call(x, t).backward();
        var gradients = new HashMap<String, float[]>();
        model.namedParams().forEach((path, p) -> gradients.put(path, grad(p).array().floats()));
        for (var entry : model.namedParams().entrySet()) {
            var parameter = entry.getValue();
            float[] gradient = Objects.requireNonNull(gradients.get(entry.getKey()));
            for (int i = 0; i < gradient.length; i += 7) {
                double difference =
                        (lossWith(model, parameter, i, 1e-2f, x, t)
                                        - lossWith(model, parameter, i, -1e-2f, x, t))
                                / 2e-2;
                assertThat((double) gradient[i])
                        .as("%s[%d]", entry.getKey(), i)
                        .isCloseTo(difference, within(2e-4 + 2e-3 * Math.abs(difference)));
            }
        }
    }

    private static double lossWith(
            Classifier model, Parameter parameter, int i, float change, Variable x, Variable t) {
        var original = parameter.array();
        var changed = parameter.array();
        changed.floats()[i] += change;
        parameter.assign(changed);
        try (var _ = Configuration.backprop(false)) {
            return model.call(x, t).item();
        } finally {
            parameter.assign(original);
        }
    }
}
