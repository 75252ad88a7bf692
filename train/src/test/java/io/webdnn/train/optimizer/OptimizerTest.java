package io.webdnn.train.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.Evaluation;
import io.webdnn.train.F;
import io.webdnn.train.Link;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import io.webdnn.train.initializer.Initializer;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class OptimizerTest {
    /// One number, whose loss is its square.
    private static final class Bowl extends Link {
        private final Parameter w = parameter("w", Initializer.ZERO, 1);

        private Bowl(float start) {
            w.assign(Tensor.of(new float[] {start}, 1));
        }

        private void add(Parameter other) {
            register(other);
        }

        private Variable loss() {
            return F.sum(w.times(w));
        }

        private float value() {
            return w.array().floats()[0];
        }
    }

    private static void expectSteps(Optimizer optimizer, DoubleUnaryOperator next) {
        var bowl = new Bowl(1.5f);
        optimizer.setup(bowl);
        double expected = 1.5;
        for (int i = 0; i < 6; i++) {
            optimizer.update(bowl::loss);
            expected = next.applyAsDouble(expected);
            assertThat((double) bowl.value()).isCloseTo(expected, within(2e-6));
        }
        assertThat(optimizer.t()).isEqualTo(6);
    }

    @Test
    void gradientDescentGoesAgainstTheGradient() {
        expectSteps(new SGD(0.1), w -> w - 0.1 * 2 * w);
    }

    @Test
    void momentumRepeatsAShareOfTheLastStep() {
        double[] v = {0};
        expectSteps(new MomentumSGD(0.1, 0.8), w -> w + (v[0] = 0.8 * v[0] - 0.1 * 2 * w));
    }

    @Test
    void adamTakesChainersSteps() {
        double[] state = {0, 0, 0}; // m, v, t
        expectSteps(
                new Adam(0.01, 0.9, 0.999, 1e-8),
                w -> {
                    double g = 2 * w;
                    state[0] += (1 - 0.9) * (g - state[0]);
                    state[1] += (1 - 0.999) * (g * g - state[1]);
                    double t = ++state[2];
                    double rate = 0.01 * Math.sqrt(1 - Math.pow(0.999, t)) / (1 - Math.pow(0.9, t));
                    return w - rate * state[0] / (Math.sqrt(state[1]) + 1e-8);
                });
    }

    @Test
    void amsGradDividesByTheLargest() {
        double[] state = {0, 0, 0, 0}; // m, v, the largest v, t
        expectSteps(
                new Adam(0.01, 0.9, 0.5, 1e-8).amsGrad(true),
                w -> {
                    double g = 2 * w;
                    state[0] += (1 - 0.9) * (g - state[0]);
                    state[1] += (1 - 0.5) * (g * g - state[1]);
                    state[2] = Math.max(state[1], state[2]);
                    double t = ++state[3];
                    double rate = 0.01 * Math.sqrt(1 - Math.pow(0.5, t)) / (1 - Math.pow(0.9, t));
                    return w - rate * state[0] / (Math.sqrt(state[2]) + 1e-8);
                });
    }

    @Test
    void gradientsAreLimited() {
        expectSteps(new SGD(0.1).clipValue(0.5), w -> w - 0.1 * Math.clamp(2 * w, -0.5, 0.5));
        expectSteps(
                new SGD(0.1).clipNorm(0.75),
                w -> w - 0.1 * 2 * w * Math.min(1, 0.75 / Math.abs(2 * w)));
    }

    @Test
    void theNormIsThatOfAllGradients() {
        var link = new TwoWeights();
        var optimizer = new SGD(1).clipNorm(1).setup(link);
        // gradients 3 and 4, whose norm is 5
        optimizer.update(() -> F.sum(link.a.times(3).plus(link.b.times(4))));
        assertThat(link.a.array().floats()[0]).isCloseTo(-0.6f, within(1e-6f));
        assertThat(link.b.array().floats()[0]).isCloseTo(-0.8f, within(1e-6f));
        // shorter ones stay
        optimizer.update(() -> F.sum(link.a.times(0.3)));
        assertThat(link.a.array().floats()[0]).isCloseTo(-0.9f, within(1e-6f));
    }

    private static final class TwoWeights extends Link {
        private final Parameter a = register(new Parameter("a", Tensor.of(new float[1], 1)));
        private final Parameter b = register(new Parameter("b", Tensor.of(new float[1], 1)));
    }

    @Test
    void limitsBelowZeroAreRefused() {
        assertThatThrownBy(() -> new SGD().clipNorm(-1))
                .hasMessage("SGD: clip norm: expected >= 0, got -1.0");
        assertThatThrownBy(() -> new SGD().clipValue(Double.NaN))
                .hasMessage("SGD: clip value: expected >= 0, got NaN");
    }

    @Test
    void rmspropTakesKerassSteps() {
        double[] a = {0};
        expectSteps(
                new RMSprop(0.01, 0.9, 1e-8),
                w -> {
                    double g = 2 * w;
                    a[0] = 0.9 * a[0] + 0.1 * g * g;
                    return w - 0.01 * g / (Math.sqrt(a[0]) + 1e-8);
                });
    }

    @Test
    void nesterovsMomentumLooksAhead() {
        double[] v = {0};
        expectSteps(
                new MomentumSGD(0.1, 0.8, true),
                w -> {
                    double g = 2 * w;
                    v[0] = 0.8 * v[0] - 0.1 * g;
                    return w + 0.8 * v[0] - 0.1 * g;
                });
    }

    @Test
    void adagradTakesKerassSteps() {
        double[] a = {0};
        expectSteps(
                new Adagrad(),
                w -> {
                    double g = 2 * w;
                    a[0] += g * g;
                    return w - 0.01 * g / (Math.sqrt(a[0]) + 1e-8);
                });
    }

    @Test
    void adadeltaTakesKerassSteps() {
        double[] state = {0, 0};
        expectSteps(
                new Adadelta(1, 0.95, 1e-4),
                w -> {
                    double g = 2 * w;
                    state[0] = 0.95 * state[0] + 0.05 * g * g;
                    double step = g * Math.sqrt(state[1] + 1e-4) / Math.sqrt(state[0] + 1e-4);
                    state[1] = 0.95 * state[1] + 0.05 * step * step;
                    return w - step;
                });
    }

    @Test
    void adamaxTakesKerassSteps() {
        double[] state = {0, 0, 0};
        expectSteps(
                new Adamax(0.2, 0.9, 0.999, 1e-8),
                w -> {
                    double g = 2 * w;
                    state[0] = 0.9 * state[0] + 0.1 * g;
                    state[1] = Math.max(0.999 * state[1], Math.abs(g));
                    double rate = 0.2 / (1 - Math.pow(0.9, ++state[2]));
                    return w - rate * state[0] / (state[1] + 1e-8);
                });
    }

    /// As Keras 2 computes it, which keeps the product of the momenta between updates.
    @Test
    void nadamTakesKerassSteps() {
        double[] state = {0, 0, 0, 1}; // m, v, t, product
        expectSteps(
                new Nadam(0.02, 0.9, 0.999, 1e-8, 0.004),
                w -> {
                    double g = 2 * w;
                    double t = ++state[2];
                    double now = 0.9 * (1 - 0.5 * Math.pow(0.96, t * 0.004));
                    double then = 0.9 * (1 - 0.5 * Math.pow(0.96, (t + 1) * 0.004));
                    double product = state[3] * now;
                    state[3] = product;
                    double gPrime = g / (1 - product);
                    state[0] = 0.9 * state[0] + (1 - 0.9) * g;
                    double mPrime = state[0] / (1 - product * then);
                    state[1] = 0.999 * state[1] + (1 - 0.999) * g * g;
                    double vPrime = state[1] / (1 - Math.pow(0.999, t));
                    double mBar = (1 - now) * gPrime + then * mPrime;
                    return w - 0.02 * mBar / (Math.sqrt(vPrime) + 1e-8);
                });
    }

    @Test
    void lionTakesTheSignOfAMean() {
        double[] mean = {0};
        expectSteps(
                new Lion(0.4, 0.5, 0.8),
                w -> {
                    double ahead = 0.5 * mean[0] + 0.5 * 2 * w;
                    mean[0] = 0.8 * mean[0] + 0.2 * 2 * w;
                    return w - 0.4 * Math.signum(ahead);
                });
    }

    @Test
    void weightsMayDecay() {
        expectSteps(new SGD(0.1).weightDecay(0.5), w -> w * (1 - 0.05) - 0.1 * 2 * w);
        double[] state = {0, 0, 0}; // m, v, t
        expectSteps(
                new Adam(0.01).weightDecay(0.1),
                w -> {
                    double g = 2 * w;
                    state[0] += (1 - 0.9) * (g - state[0]);
                    state[1] += (1 - 0.999) * (g * g - state[1]);
                    double t = ++state[2];
                    double rate = 0.01 * Math.sqrt(1 - Math.pow(0.999, t)) / (1 - Math.pow(0.9, t));
                    return w * (1 - 0.001) - rate * state[0] / (Math.sqrt(state[1]) + 1e-8);
                });
        assertThatThrownBy(() -> new SGD().weightDecay(-1))
                .hasMessage("SGD: weight decay: expected >= 0, got -1.0");
    }

    @Test
    void eachUpdateMayHaveARateOfItsOwn() {
        int[] t = {0};
        var optimizer = new SGD();
        optimizer.learningRate(new LearningRateSchedule.ExponentialDecay(0.2, 2, 0.5, false));
        expectSteps(optimizer, w -> w - 0.2 * Math.pow(0.5, t[0]++ / 2.0) * 2 * w);
        assertThat(optimizer.learningRate()).isCloseTo(0.2 / 8, within(1e-12));
        optimizer.learningRate(0.5);
        assertThat(optimizer.learningRate()).isEqualTo(0.5);
        assertThat(optimizer.learningRateSchedule()).isNull();
    }

    private static void expectRates(LearningRateSchedule schedule, double... expected) {
        for (int step = 0; step < expected.length; step++)
            assertThat(schedule.at(step)).as("%d", step).isCloseTo(expected[step], within(1e-12));
    }

    @Test
    void schedulesAreThoseOfTheFormulas() {
        expectRates(new LearningRateSchedule.ExponentialDecay(8, 2, 0.5, true), 8, 8, 4, 4, 2);
        expectRates(new LearningRateSchedule.InverseTimeDecay(6, 2, 1, false), 6, 4, 3, 6 / 2.5, 2);
        expectRates(new LearningRateSchedule.InverseTimeDecay(6, 2, 1, true), 6, 6, 3, 3, 2);
        expectRates(
                new LearningRateSchedule.PolynomialDecay(5, 4, 1, 2, false),
                5,
                1 + 4 * 0.75 * 0.75,
                2,
                1 + 4 * 0.25 * 0.25,
                1,
                1,
                1);
        // again over twice as many
        expectRates(
                new LearningRateSchedule.PolynomialDecay(4, 2, 0, 1, true), 4, 2, 0, 1, 0, 4 / 6.0);
        expectRates(
                new LearningRateSchedule.PiecewiseConstantDecay(
                        List.of(1L, 3L), List.of(9.0, 5.0, 1.0)),
                9,
                9,
                5,
                5,
                1);
        double root = Math.sqrt(0.5);
        expectRates(
                new LearningRateSchedule.CosineDecay(10, 4, 0.1),
                10,
                10 * (0.9 * (1 + root) / 2 + 0.1),
                5.5,
                10 * (0.9 * (1 - root) / 2 + 0.1),
                1,
                1);
        expectRates(
                new LearningRateSchedule.CosineDecayRestarts(10, 2, 2, 0.5, 0),
                10,
                5,
                5,
                5 * (1 + root) / 2,
                2.5,
                5 * (1 - root) / 2,
                2.5);
        assertThatThrownBy(() -> new LearningRateSchedule.CosineDecay(1, 0, 0))
                .hasMessage("CosineDecay: steps: expected > 0, got 0.0");
        assertThatThrownBy(() -> new LearningRateSchedule.CosineDecayRestarts(1, 1, 0.5, 1, 0))
                .hasMessage("CosineDecayRestarts: growth: expected >= 1, got 0.5");
        assertThatThrownBy(() ->
                        new LearningRateSchedule.PiecewiseConstantDecay(List.of(1L), List.of(1.0)))
                .hasMessage(
                        "PiecewiseConstantDecay: values: expected 2, one more than boundaries, got"
                                + " 1");
        assertThatThrownBy(() ->
                        new LearningRateSchedule.PiecewiseConstantDecay(
                                List.of(2L, 2L), List.of(1.0, 2.0, 3.0)))
                .hasMessage("PiecewiseConstantDecay: boundaries: expected ascending, got [2, 2]");
    }

    @Test
    void aRateMayDecay() {
        double[] t = {0};
        expectSteps(new SGD(0.1).decay(0.5), w -> w - 0.1 / (1 + 0.5 * t[0]++) * 2 * w);
    }

    @Test
    void anOptimizerGoesOnWithWhatWasKept() {
        var whole = new Bowl(1);
        var first = new Adam();
        first.setup(whole);
        for (int i = 0; i < 5; i++) first.update(whole::loss);
        var other = new Bowl(whole.value());
        var second = new Adam();
        second.setup(other);
        for (int k = 0; k < 2; k++)
            second.state(other.w).get(k).assign(first.state(whole.w).get(k).array());
        second.resume(first.t());
        first.update(whole::loss);
        second.update(other::loss);
        assertThat(other.value()).isEqualTo(whole.value());
        assertThat(second.t()).isEqualTo(6);
    }

    @Test
    void whatIsKeptMayBeConstrainedOrReplaced() {
        var bowl = new Bowl(1);
        var counter = new Parameter("counter", Tensor.of(new float[] {5}, 1));
        bowl.add(counter);
        bowl.w.constrain(w -> F.add(w, Variable.scalar(100)));
        var sgd = new SGD(0.25).setup(bowl);
        counter.becomes(counter.plus(bowl.w));
        sgd.update(bowl::loss);
        assertThat(bowl.value()).isEqualTo(100.5f);
        assertThat(counter.item()).isEqualTo(6);
        sgd.update(bowl::loss);
        assertThat(counter.item()).isEqualTo(6);
    }

    @Test
    void aChangedRateNeedsNoOtherProgram() {
        var bowl = new Bowl(1);
        var sgd = new SGD(0.5);
        sgd.setup(bowl);
        sgd.update(bowl::loss);
        long before = Evaluation.programsCompiled();
        for (int i = 1; i < 5; i++) {
            sgd.learningRate(0.1 * i);
            sgd.update(bowl::loss);
        }
        assertThat(Evaluation.programsCompiled()).isEqualTo(before);
    }

    @Test
    void whatWasNotRetainedCannotBeReadAfterAnUpdate() {
        var bowl = new Bowl(1);
        var sgd = new SGD(0.5);
        sgd.setup(bowl);
        var doubled = bowl.w.times(2);
        var kept = bowl.w.times(3).retain();
        var loss = F.sum(doubled.times(doubled));
        loss.backward();
        sgd.update();
        assertThat(loss.item()).isEqualTo(4);
        assertThat(kept.item()).isEqualTo(3);
        assertThat(bowl.value()).isEqualTo(1 - 0.5f * 8);
        assertThatThrownBy(doubled::item)
                .hasMessageMatching(
                        "Variable float32\\[1\\] of Mul, not computed: the parameters of Mul were"
                                + " changed by an update before it was computed; call retain\\(\\)"
                                + " on it before the update to read it here \\(.*\\)");
    }

    @Test
    void anUpdateNeedsALinkAndGradients() {
        assertThatThrownBy(() -> new SGD().update())
                .hasMessage("SGD: no link to update: call setup(link) first");
        assertThatThrownBy(() -> new SGD().setup(new Bowl(1)).update())
                .hasMessage(
                        "SGD: no parameter of Bowl has a gradient: call backward() on a loss that"
                                + " depends on them");
    }
}
