package io.webdnn.importer.onnx;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Abs;
import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Log;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;

/// What models of classical machine learning have in common: rows of features, and what is made of
/// scores `[N, E]`.
///
/// Source: ONNX ai.onnx.ml; what its text leaves open is as in its reference implementation.
final class ClassScores {
    private ClassScores() {}

    /// {@return the first input as `[N, C]`, float64 if it is that, else float32; one row may be a
    /// vector}
    static Value rows(Translation node) {
        var x = node.input(0);
        if (x.type().rank() == 1) x = node.apply(new Unsqueeze(), x, node.vector(0));
        if (x.type().rank() != 2) throw node.wrong("X", "[N, C] or [C]", node.type(0));
        return node.cast(x, ReductionOperators.wide(x.type().dtype()));
    }

    /// {@return a constant in the dtype of a value}
    static Value like(Translation node, Value value, double[] numbers, int... shape) {
        var tensor = Tensor.zeros(value.type().dtype(), shape);
        for (int i = 0; i < numbers.length; i++) tensor.setDouble(i, numbers[i]);
        return node.constant(tensor);
    }

    /// {@return the floats of an attribute, null if it is not given}
    static double @org.jspecify.annotations.Nullable [] numbers(Translation node, String name) {
        var given = node.reals(name);
        return given == null ? null : given.stream().mapToDouble(Float::doubleValue).toArray();
    }

    /// {@return the floats of an attribute that must be there}
    static double[] needed(Translation node, String name) {
        var given = numbers(node, name);
        if (given == null) throw node.wrong(name, "floats", "none");
        return given;
    }

    /// Makes of scores what an attribute says.
    static Value transformed(Translation node, Value scores) {
        return transformed(
                node,
                node.choice(
                        "post_transform", "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"),
                scores);
    }

    static Value transformed(Translation node, String how, Value scores) {
        return switch (how) {
            case "SOFTMAX" -> node.apply(new Softmax(1), scores);
            case "LOGISTIC" -> node.apply(new Sigmoid(), scores);
            case "SOFTMAX_ZERO" -> softmaxZero(node, scores);
            case "PROBIT" -> probit(node, scores);
            default -> scores;
        };
    }

    /// Softmax of what is not 0; what is (within 1e−7) stays about 0. Where nothing is left, 0.5.
    private static Value softmaxZero(Translation node, Value x) {
        var most = node.apply(new ReduceMax(true), x, node.vector(1));
        var magnitude = node.apply(new Abs(), x);
        var isZero = node.apply(new Less(), magnitude, node.like(x, 1e-7));
        var small = node.mul(x, node.apply(new Exp(), node.apply(new Neg(), most)));
        var large = node.apply(new Exp(), node.sub(x, most));
        var parts = node.apply(new Where(), isZero, small, large);
        var sum = node.apply(new ReduceSum(true), parts, node.vector(1));
        var isNothing = node.apply(new Equal(), sum, node.like(sum, 0));
        var divisor = node.apply(new Where(), isNothing, node.like(sum, 1), sum);
        return node.apply(new Where(), isNothing, node.like(x, 0.5), node.div(parts, divisor));
    }

    /// The inverse of the normal distribution's integral, `√2 · erf⁻¹(2p − 1)`, by the
    /// approximation that ONNX's reference has: `erf⁻¹(x) = ±√(√(v² − l/a) − v)` with `l = ln(1 −
    /// x²)`, `a = 0.147` and `v = 2/(πa) + l/2`, right to 2e−3; 0 for p = 0 and 1.
    private static Value probit(Translation node, Value p) {
        double a = 0.147;
        var one = node.like(p, 1);
        var x = node.sub(node.mul(p, node.like(p, 2)), one);
        var rest = node.mul(node.sub(one, x), node.add(one, x));
        var isEnd = node.apply(new Equal(), rest, node.like(p, 0));
        var log = node.apply(new Log(), node.apply(new Where(), isEnd, one, rest));
        var v = node.add(node.mul(log, node.like(p, 0.5)), node.like(p, 2 / (Math.PI * a)));
        var square = node.sub(node.mul(v, v), node.mul(log, node.like(p, 1 / a)));
        var root = node.apply(new Sqrt(), node.sub(node.apply(new Sqrt(), square), v));
        var scaled = node.mul(root, node.like(p, Math.sqrt(2)));
        var isNegative = node.apply(new Less(), x, node.like(x, 0));
        var signed = node.apply(new Where(), isNegative, node.apply(new Neg(), scaled), scaled);
        return node.apply(new Where(), isEnd, node.like(p, 0), signed);
    }

    /// {@return the labels of the classes: integers or words}
    ///
    /// @param integers the name of the attribute that holds integers
    static Tensor labels(Translation node, String integers) {
        var numbers = node.integers(integers);
        var words = node.texts("classlabels_strings");
        if (numbers != null && numbers.isEmpty()) numbers = null;
        if (words != null && words.isEmpty()) words = null;
        if (words != null && numbers == null)
            return Tensor.of(DType.STRING, words.toArray(new String[0]), words.size());
        if (numbers == null || words != null)
            throw node.wrong(
                    integers + ", classlabels_strings",
                    "one of both",
                    numbers == null ? "none" : "both");
        return Tensor.of(numbers.stream().mapToLong(Long::longValue).toArray(), numbers.size());
    }

    /// {@return the label of the largest score of each row, the first of several}
    static Value top(Translation node, Tensor labels, Value scores) {
        var best = node.apply(new ArgMax(1, false, false), scores);
        return node.apply(new Gather(0), node.constant(labels), best);
    }

    /// {@return the only label where a column is above a limit, else 0}
    ///
    /// @param scores `[N, 1]`
    static Value above(Translation node, Tensor labels, Value scores, double limit, boolean also) {
        if (labels.dtype() == DType.STRING)
            throw node.wrong("classlabels_strings", "two or more labels", labels.size());
        var bound = node.like(scores, limit);
        var column = node.apply(new ReduceMax(false), scores, node.vector(1));
        var isBelow =
                also
                        ? node.apply(new Less(), column, bound)
                        : node.apply(new io.webdnn.graph.op.LessOrEqual(), column, bound);
        var zero = node.constant(Tensor.of(new long[] {0}));
        var label = node.constant(Tensor.of(new long[] {labels.getLong(0)}));
        return node.apply(new Where(), isBelow, zero, label);
    }

    /// {@return two columns side by side}
    static Value beside(Translation node, Value a, Value b) {
        return node.apply(new Concat(1), a, b);
    }

    /// {@return scores and what they are called in the standard: float32}
    static List<Value> outputs(Translation node, Value labels, Value scores) {
        return List.of(labels, node.cast(scores, DType.FLOAT32));
    }

    /// {@return whether a value is above 0, as 1 or 0 of its dtype}
    static Value isPositive(Translation node, Value x) {
        return node.cast(node.apply(new Greater(), x, node.like(x, 0)), x.type().dtype());
    }
}
