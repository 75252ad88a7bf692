package io.webdnn.graph.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.interpret.Bounds;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;

/// Gradients in float64 against central differences, for one function of some tensors. All of its
/// float64 inputs are differentiated; the gradient of each float64 output is drawn.
final class Differences {
    private static final double STEP = 1e-5;

    private final BiFunction<Operators, List<Value>, List<? extends Operand>> function;
    private final List<Tensor> inputs;
    private double tolerance = 1e-7;

    private Differences(
            BiFunction<Operators, List<Value>, List<? extends Operand>> function,
            List<Tensor> inputs) {
        this.function = function;
        this.inputs = inputs;
    }

    static Differences of(
            BiFunction<Operators, List<Value>, List<? extends Operand>> function,
            Tensor... inputs) {
        return new Differences(function, List.of(inputs));
    }

    Differences toWithin(double relative) {
        tolerance = relative;
        return this;
    }

    /// {@return a float64 tensor of distinct numbers, none near 0 or near another}
    static Tensor random(int seed, int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT64, shape);
        int n = tensor.size();
        var order = new ArrayList<Integer>();
        for (int i = 0; i < n; i++) order.add(i);
        var random = new Random(seed);
        java.util.Collections.shuffle(order, random);
        for (int i = 0; i < n; i++) {
            double u = (order.get(i) + 0.25 + random.nextDouble() / 2) / n; // in its own n-th
            double value = u * 2.4 - 1.2;
            tensor.doubles()[i] = Math.abs(value) < 0.01 ? 0.015 : value;
        }
        return tensor;
    }

    /// {@return a float64 tensor of numbers between the bounds}
    static Tensor between(double low, double high, int seed, int... shape) {
        var tensor = random(seed, shape);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.doubles()[i] = low + (tensor.doubles()[i] + 1.2) / 2.4 * (high - low);
        }
        return tensor;
    }

    /// Compares gradients, and then the gradients of those gradients.
    void agreeTwice() {
        agree();
        var once = this;
        int n = inputs.size();
        new Differences(
                        (g, x) -> {
                            var outputs = once.outputs(g, x);
                            var seeds = outputs.stream().map(o -> Value.of(seed(g, o))).toList();
                            var wrt = floats(x);
                            var gradients = Gradients.of(g, outputs, wrt, seeds);
                            var all = new ArrayList<Operand>();
                            for (var gradient : gradients) if (gradient != null) all.add(gradient);
                            assertThat(all).as("gradients of %d inputs", n).isNotEmpty();
                            return all;
                        },
                        inputs)
                .toWithin(1e-6)
                .agree();
    }

    private static Operand seed(Operators g, Value output) {
        return g.constant(random(77, output.type().shape().toInts()));
    }

    private List<Value> outputs(Operators g, List<Value> x) {
        return function.apply(g, x).stream()
                .map(Value::of)
                .filter(v -> v.type().dtype() == DType.FLOAT64)
                .toList();
    }

    private static List<Value> floats(List<Value> x) {
        return x.stream()
                .filter(v -> v.type().dtype() == DType.FLOAT64 && v.constant() == null)
                .toList();
    }

    void agree() {
        var builder = Graph.builder();
        var x = new ArrayList<Value>();
        for (int i = 0; i < inputs.size(); i++) {
            var type =
                    io.webdnn.graph.type.TensorType.of(
                            inputs.get(i).dtype(), inputs.get(i).shape());
            x.add(
                    inputs.get(i).dtype() == DType.INT64
                            ? builder.constant("c" + i, inputs.get(i))
                            : builder.input("x" + i, type));
        }
        var given = x.stream().filter(v -> v.constant() == null).toList();
        var tensors = inputs.stream().filter(t -> t.dtype() != DType.INT64).toList();
        var outputs = outputs(builder, x);
        assertThat(outputs).isNotEmpty();
        var forward = Graph.of(given, outputs);
        var seeds = outputs.stream().map(o -> Value.of(seed(builder, o))).toList();
        var wrt = floats(x);
        var gradients = Gradients.of(builder, outputs, wrt, seeds);
        for (int k = 0; k < wrt.size(); k++) {
            var gradient = gradients.get(k);
            var input = tensors.get(given.indexOf(wrt.get(k)));
            Tensor actual = null;
            if (gradient != null) {
                assertThat(gradient.type()).isEqualTo(wrt.get(k).type());
                actual =
                        Interpreter.run(Graph.of(given, List.of(gradient)), tensors, Bounds.CHECKED)
                                .getFirst();
            }
            for (int i = 0; i < input.size(); i++) {
                double expected = difference(forward, tensors, seeds, input, i);
                double found = actual == null ? 0 : actual.doubles()[i];
                assertThat(found)
                        .as("gradient of %s at %d", wrt.get(k), i)
                        .isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
            }
        }
    }

    private static double difference(
            Graph forward, List<Tensor> inputs, List<Value> seeds, Tensor input, int i) {
        double at = input.doubles()[i];
        input.doubles()[i] = at + STEP;
        double above = total(forward, inputs, seeds);
        input.doubles()[i] = at - STEP;
        double below = total(forward, inputs, seeds);
        input.doubles()[i] = at;
        return (above - below) / (2 * STEP);
    }

    private static double total(Graph forward, List<Tensor> inputs, List<Value> seeds) {
        double sum = 0;
        var outputs = Interpreter.run(forward, inputs, Bounds.CHECKED);
        for (int k = 0; k < outputs.size(); k++) {
            var seed = java.util.Objects.requireNonNull(seeds.get(k).constant());
            for (int i = 0; i < seed.size(); i++) {
                sum += seed.doubles()[i] * outputs.get(k).doubles()[i];
            }
        }
        return sum;
    }
}
