package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.gradient.Gradients;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Pow;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Training as ONNX has it: gradients within a model, and the steps of optimizers, as arithmetic of
/// the graph.
///
/// Source: ONNX ai.onnx.preview.training, version 1.
final class TrainingOperators {
    private static final String DOMAIN = "ai.onnx.preview.training:";

    private TrainingOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put(DOMAIN + "Adagrad", TrainingOperators::adagrad);
        table.put(DOMAIN + "Adam", TrainingOperators::adam);
        table.put(DOMAIN + "Gradient", TrainingOperators::gradient);
        table.put(DOMAIN + "Momentum", TrainingOperators::momentum);
    }

    /// The parameters, gradients and states of an optimizer, after the learning rate R and the
    /// number of updates T: all X, then all G, then each kind of state.
    private record Step(Translation node, int count) {
        static Step of(Translation node, int states) {
            int kinds = states + 2;
            int tensors = node.count() - 2;
            if (tensors < kinds || tensors % kinds != 0)
                throw node.wrong("inputs", "2 and a multiple of " + kinds, node.count());
            return new Step(node, tensors / kinds);
        }

        Value get(int kind, int i) {
            return node.input(2 + kind * count + i);
        }

        Value x(int i) {
            return get(0, i);
        }

        /// {@return the gradient, with that of `norm_coefficient · |X|² / 2`}
        Value gradient(int i) {
            float weight = node.real("norm_coefficient", 0);
            var g = get(1, i);
            return weight == 0 ? g : node.add(node.mul(node.like(g, weight), x(i)), g);
        }

        /// {@return the learning rate in the dtype of a parameter}
        Value rate(int i) {
            return node.cast(node.input(0), x(i).type().dtype());
        }

        /// {@return the number of updates in the dtype of a parameter}
        Value updates(int i) {
            return node.cast(node.input(1), x(i).type().dtype());
        }

        /// {@return `weight · a + (1 − weight) · b`}
        Value average(float weight, Value a, Value b) {
            return node.add(
                    node.mul(node.like(a, weight), a), node.mul(node.like(b, 1 - weight), b));
        }
    }

    private static Value square(Translation node, Value x) {
        return node.mul(x, x);
    }

    /// {@return whether the number of updates is above 0: the first step is another}
    private static Value later(Translation node, Value updates) {
        return node.apply(new Less(), node.like(updates, 0), updates);
    }

    private static List<Value> adagrad(Translation node) {
        var step = Step.of(node, 1);
        var parameters = new ArrayList<Value>();
        var squares = new ArrayList<Value>();
        for (int i = 0; i < step.count; i++) {
            var x = step.x(i);
            var decay = node.mul(step.updates(i), node.like(x, node.real("decay_factor", 0)));
            var rate = node.div(step.rate(i), node.add(decay, node.like(x, 1)));
            var g = step.gradient(i);
            var sum = node.add(step.get(2, i), square(node, g));
            var root = node.apply(new Sqrt(), sum);
            var divisor = node.add(root, node.like(x, node.real("epsilon", 1e-6f)));
            parameters.add(node.sub(x, node.div(node.mul(rate, g), divisor)));
            squares.add(sum);
        }
        parameters.addAll(squares);
        return parameters;
    }

    private static List<Value> adam(Translation node) {
        var step = Step.of(node, 2);
        float alpha = node.real("alpha", 0.9f);
        float beta = node.real("beta", 0.999f);
        var parameters = new ArrayList<Value>();
        var means = new ArrayList<Value>();
        var squares = new ArrayList<Value>();
        for (int i = 0; i < step.count; i++) {
            var x = step.x(i);
            var g = step.gradient(i);
            var mean = step.average(alpha, step.get(2, i), g);
            var square = step.average(beta, step.get(3, i), square(node, g));
            var t = step.updates(i);
            var unbiased =
                    node.div(node.apply(new Sqrt(), rest(node, beta, t)), rest(node, alpha, t));
            var one = node.like(x, 1);
            var factor = node.apply(new Where(), later(node, t), unbiased, one);
            var rate = node.mul(step.rate(i), factor);
            var root = node.apply(new Sqrt(), square);
            var divisor = node.add(root, node.like(x, node.real("epsilon", 1e-6f)));
            var updated = node.sub(x, node.div(node.mul(rate, mean), divisor));
            float shrinks = node.real("norm_coefficient_post", 0);
            parameters.add(node.mul(node.like(x, 1 - shrinks), updated));
            means.add(mean);
            squares.add(square);
        }
        parameters.addAll(means);
        parameters.addAll(squares);
        return parameters;
    }

    /// {@return `1 − weightᵗ`}
    private static Value rest(Translation node, float weight, Value t) {
        var power = node.apply(new Pow(), node.like(t, weight), t);
        return node.sub(node.like(t, 1), power);
    }

    private static List<Value> momentum(Translation node) {
        var step = Step.of(node, 1);
        if (!node.hasAttribute("mode")) throw node.wrong("mode", "standard or nesterov", "none");
        boolean nesterov = node.choice("mode", "standard", "nesterov").equals("nesterov");
        var parameters = new ArrayList<Value>();
        var velocities = new ArrayList<Value>();
        for (int i = 0; i < step.count; i++) {
            var x = step.x(i);
            var g = step.gradient(i);
            var alpha = node.like(x, node.real("alpha", 0));
            var beta = node.like(x, node.real("beta", 0));
            var t = step.updates(i);
            var weight = node.apply(new Where(), later(node, t), beta, node.like(x, 1));
            var velocity = node.add(node.mul(alpha, step.get(2, i)), node.mul(weight, g));
            var direction = nesterov ? node.add(g, node.mul(alpha, velocity)) : velocity;
            parameters.add(node.sub(x, node.mul(step.rate(i), direction)));
            velocities.add(velocity);
        }
        parameters.addAll(velocities);
        return parameters;
    }

    /// The gradients of the sum of y with respect to the first inputs, which are values that y was
    /// computed from; the other inputs are what y else depends on.
    private static List<Value> gradient(Translation node) {
        var xs = node.texts("xs");
        node.texts("zs");
        var y = node.named(node.text("y", ""));
        if (xs == null || xs.isEmpty() || xs.size() > node.count())
            throw node.wrong("xs", "names of the first inputs", xs == null ? "none" : xs);
        if (!y.type().dtype().isFloat() || !y.type().shape().isFixed())
            throw node.wrong("y", "a float tensor of fixed shape", y.type());
        var wrt = new ArrayList<Value>();
        for (int i = 0; i < xs.size(); i++) wrt.add(node.input(i));
        var gradients = Gradients.of(Graph.builder(), y, wrt, filled(node, y, 1));
        var outputs = new ArrayList<Value>();
        for (int i = 0; i < wrt.size(); i++) {
            var gradient = gradients.get(i);
            outputs.add(gradient == null ? filled(node, wrt.get(i), 0) : gradient);
        }
        return outputs;
    }

    private static Value filled(Translation node, Value like, double number) {
        var type = like.type();
        if (!type.shape().isFixed()) throw node.wrong("xs", "fixed shapes", type);
        var extents = type.shape().dimensions().stream().mapToLong(Dimension::value).toArray();
        var tensor = node.zeros("xs", type.dtype(), extents);
        for (int i = 0; number != 0 && i < tensor.size(); i++) tensor.setDouble(i, number);
        return node.constant(tensor);
    }
}
