package io.webdnn.train.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Gradients of layers, against differences of the loss.
class LayerGradientTest {
    private static final float STEP = 0.01f;

    private static Map<String, Supplier<Model>> models() {
        var models = new LinkedHashMap<String, Supplier<Model>>();
        models.put(
                "EinsumDense",
                () ->
                        new Sequential(
                                new EinsumDense("abc,cde->abde", -1, 3, 2)
                                        .biasAxes("e")
                                        .activation("tanh")
                                        .inputShape(3, 4),
                                new EinsumDense("...x,xy->...y", 3).biasAxes("y")));
        models.put(
                "normalizations",
                () ->
                        new Sequential(
                                new RMSNormalization().epsilon(0.1).inputShape(4, 5),
                                new LayerNormalization().axis(1, 2).epsilon(0.1),
                                new GroupNormalization(5).epsilon(0.1).scale(false),
                                new LayerNormalization().center(false).epsilon(0.1)));
        models.put(
                "SpectralNormalization",
                () ->
                        new Sequential(
                                new SpectralNormalization(new Conv2D(2, 2)).inputShape(3, 3, 2),
                                new Flatten(),
                                new SpectralNormalization(new Dense(2))));
        models.put(
                "ConvLSTM1D",
                () ->
                        new Sequential(
                                new ConvLSTM1D(2, 2)
                                        .returnSequences(true)
                                        .recurrentActivation("sigmoid")
                                        .inputShape(3, 4, 2),
                                new ConvLSTM1D(1, 2)
                                        .padding("same")
                                        .recurrentActivation("sigmoid")
                                        .goBackwards(true)));
        models.put(
                "ConvLSTM2D",
                () ->
                        new Sequential(
                                new ConvLSTM2D(2, 2, 1)
                                        .strides(1, 2)
                                        .recurrentActivation("sigmoid")
                                        .useBias(false)
                                        .inputShape(3, 3, 4, 1)));
        models.put(
                "RNN over cells",
                () ->
                        new Sequential(
                                new RNN(
                                                new GRUCell(3).recurrentActivation("sigmoid"),
                                                new LSTMCell(2).recurrentActivation("sigmoid"))
                                        .returnSequences(true)
                                        .goBackwards(true)
                                        .inputShape(4, 2),
                                new RNN(new SimpleRNNCell(2))));
        models.put(
                "activations",
                () -> {
                    var model = new Sequential(new Dense(6).activation("gelu").inputShape(4));
                    for (var name : List.of("swish", "mish", "softplus", "log_softmax"))
                        model.add(new Dense(6).activation(name));
                    return model;
                });
        models.put("masks of attention", LayerGradientTest::attention);
        models.put("a cell by itself", LayerGradientTest::step);
        return models;
    }

    private static Model attention() {
        var words = Input.named("words", 4, 3);
        var seen = Input.named("seen", 4, 4);
        var kept = new Masking(7).call(words);
        var a = new MultiHeadAttention(2, 2).call(words, kept, words, seen);
        var b = new Attention().useScale(true).causal(true).call(kept, a);
        var c = new AdditiveAttention().call(b, kept);
        var d = new MultiHeadAttention(1, 2).useCausalMask(true).call(c, a);
        return new Model(List.of(words, seen), List.of(b, d));
    }

    private static Model step() {
        var x = Input.shape(3);
        var h = Input.shape(2);
        var c = Input.shape(2);
        var cell = new LSTMCell(2).recurrentActivation("sigmoid");
        var first = cell.callAll(List.of(x, h, c));
        var second = cell.callAll(List.of(x, first.get(1), first.get(2)));
        return new Model(List.of(x, h, c), List.of(second.get(0), second.get(2)));
    }

    private static Tensor random(int stream, int... shape) {
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        var random = new RandomStream(5, stream);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) values[i] = random.nextFloat() * 2 - 1;
        return Tensor.of(values, shape);
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreThoseOfDifferences() {
        return models().entrySet().stream()
                .map(it -> DynamicTest.dynamicTest(it.getKey(), () -> check(it.getValue())));
    }

    private static Variable loss(Model model, List<Variable> x) {
        var outputs = model.applyTo(x.stream().map(Signal::of).toList());
        Variable sum = null;
        for (var output : outputs) {
            var y = output.channelsLast();
            var part = F.sum(y.times(new Variable(random(99, y.shape().toInts()))));
            sum = sum == null ? part : sum.plus(part);
        }
        return Objects.requireNonNull(sum);
    }

    private static void check(Supplier<Model> supplier) {
        Configuration.seed(12);
        var model = supplier.get();
        var x = new ArrayList<Variable>();
        for (var shape : model.inputShapes()) {
            int[] whole = new int[shape.length + 1];
            whole[0] = 2;
            System.arraycopy(shape, 0, whole, 1, shape.length);
            var values = random(x.size(), whole);
            // a step that a mask hides, and keys that are not seen
            if (model.inputs().size() == 2 && x.isEmpty()) Arrays.fill(values.floats(), 3, 6, 7);
            if (model.inputs().size() == 2 && x.size() == 1)
                for (int i = 0; i < values.size(); i++) values.floats()[i] = i % 3;
            x.add(new Variable(values));
        }
        try (var _ = Configuration.training(false)) {
            loss(model, x).backward();
            int different = 0;
            var trained = model.weights().stream().filter(Weight::isTrained).toList();
            var gradients =
                    trained.stream()
                            .map(weight ->
                                    Objects.requireNonNull(weight.parameter().grad()).array())
                            .toList();
            for (int w = 0; w < trained.size(); w++) {
                var weight = trained.get(w);
                var parameter = weight.parameter();
                var gradient = gradients.get(w).floats();
                var own = parameter.array();
                for (int i = 0; i < own.size(); i += 1 + own.size() / 7) {
                    double[] at = new double[2];
                    for (int side = 0; side < 2; side++) {
                        var moved = own.copy();
                        moved.floats()[i] += side == 0 ? STEP : -STEP;
                        parameter.assign(moved);
                        at[side] = loss(model, x).item();
                    }
                    parameter.assign(own);
                    double expected = (at[0] - at[1]) / (2 * STEP);
                    assertThat((double) gradient[i])
                            .as("%s of %s, number %d", weight.name(), weight.layer(), i)
                            .isCloseTo(expected, within(2e-3 + 0.01 * Math.abs(expected)));
                    if (Math.abs(expected) > 0.01) different++;
                }
            }
            assertThat(different).isGreaterThan(5);
        }
    }
}
