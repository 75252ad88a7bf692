package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Exp;
import io.webdnn.graph.op.Greater;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.PairwiseCoupling;
import io.webdnn.graph.op.Pow;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Tanh;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Support vector machines: sums over the kernel `k(x, v)` of a row with each support vector.
///
/// | kernel | `k(x, v)` |
/// |---|---|
/// | LINEAR | `x·v` |
/// | POLY | `(γ x·v + c)ᵈ` |
/// | RBF | `e^(−γ |x − v|²)` |
/// | SIGMOID | `tanh(γ x·v + c)` |
///
/// Source: ONNX ai.onnx.ml SVMClassifier-1, SVMRegressor-1; Chang, Lin, LIBSVM 2011.
final class SupportVectors {
    private SupportVectors() {}

    static void addTo(Map<String, Operator> table) {
        table.put(MachineLearningOperators.DOMAIN + "SVMClassifier", SupportVectors::classifier);
        table.put(
                MachineLearningOperators.DOMAIN + "SVMRegressor",
                single(SupportVectors::regressor));
    }

    /// {@return the kernel of each row with each support vector, `[N, count]`}
    private static Value kernels(Translation node, Value x, double[] vectors, int count) {
        int columns = columns(node, x);
        if (vectors.length != (long) count * columns)
            throw node.wrong(
                    "support_vectors", count + " of " + columns + " floats", vectors.length);
        var kernel = node.choice("kernel_type", "LINEAR", "POLY", "RBF", "SIGMOID");
        var given = ClassScores.numbers(node, "kernel_params");
        var parameters = given == null || given.length == 0 ? new double[3] : given;
        if (parameters.length != 3)
            throw node.wrong("kernel_params", "gamma, coef0 and degree", parameters.length);
        var rows = ClassScores.like(node, x, vectors, count, columns);
        var gamma = node.like(x, parameters[0]);
        if (kernel.equals("RBF")) {
            // Each difference: |x|² + |v|² − 2 x·v would cancel.
            var each = node.apply(new Unsqueeze(), x, node.vector(1));
            var difference = node.sub(each, node.apply(new Unsqueeze(), rows, node.vector(0)));
            var squares = node.mul(difference, difference);
            var distance = node.apply(new ReduceSum(false), squares, node.vector(2));
            return node.apply(new Exp(), node.apply(new Neg(), node.mul(gamma, distance)));
        }
        var product = node.apply(new MatMul(), x, node.apply(new Transpose(List.of(1, 0)), rows));
        if (kernel.equals("LINEAR")) return product;
        var line = node.add(node.mul(product, gamma), node.like(x, parameters[1]));
        return kernel.equals("SIGMOID")
                ? node.apply(new Tanh(), line)
                : node.apply(new Pow(), line, node.like(x, (int) parameters[2]));
    }

    private static int columns(Translation node, Value x) {
        var columns = x.type().shape().get(1);
        if (!columns.isFixed()) throw node.wrong("X", "a fixed number of columns", x.type());
        return Math.toIntExact(columns.value());
    }

    private static double[] rho(Translation node, int least) {
        var rho = ClassScores.needed(node, "rho");
        if (rho.length < least) throw node.wrong("rho", least + " floats", rho.length);
        return rho;
    }

    /// `Σ coefficient · k(x, v) + ρ`, or, without support vectors, `x · coefficients + ρ`; of one
    /// class: 1 where that is above 0, else −1.
    private static Value regressor(Translation node) {
        var x = ClassScores.rows(node);
        int count = Math.toIntExact(node.integer("n_supports", 0));
        var coefficients = ClassScores.needed(node, "coefficients");
        double rho = rho(node, 1)[0];
        var vectors = ClassScores.numbers(node, "support_vectors");
        boolean isLinear = count == 0;
        if (isLinear) node.ignore("kernel_type", "kernel_params");
        int terms = isLinear ? columns(node, x) : count;
        if (coefficients.length != terms)
            throw node.wrong("coefficients", terms + " floats", coefficients.length);
        var kernels =
                isLinear ? x : kernels(node, x, vectors == null ? new double[0] : vectors, count);
        var weights = ClassScores.like(node, x, coefficients, terms, 1);
        var sum = node.add(node.apply(new MatMul(), kernels, weights), node.like(x, rho));
        var shown = ClassScores.transformed(node, sum);
        if (node.flag("one_class", false)) {
            var isInside = node.apply(new Greater(), sum, node.like(sum, 0));
            shown = node.apply(new Where(), isInside, node.like(sum, 1), node.like(sum, -1));
        }
        return node.cast(shown, DType.FLOAT32);
    }

    private static List<Value> classifier(Translation node) {
        var labels = ClassScores.labels(node, "classlabels_ints");
        var counts = node.integers("vectors_per_class");
        boolean hasVectors = counts != null && counts.stream().anyMatch(c -> c != 0);
        return hasVectors && counts != null ? pairwise(node, labels, counts) : linear(node, labels);
    }

    /// One model for each class: `x · coefficients + ρ`.
    private static List<Value> linear(Translation node, Tensor labels) {
        node.ignore("kernel_type", "kernel_params", "support_vectors", "prob_a", "prob_b");
        var x = ClassScores.rows(node);
        int classes = labels.size();
        int columns = columns(node, x);
        var coefficients = ClassScores.needed(node, "coefficients");
        if (coefficients.length != (long) classes * columns)
            throw node.wrong(
                    "coefficients",
                    columns + " for each of " + classes + " classes",
                    coefficients.length);
        var transposed = new double[coefficients.length];
        for (int i = 0; i < transposed.length; i++)
            transposed[i % columns * classes + i / columns] = coefficients[i];
        var weights = ClassScores.like(node, x, transposed, columns, classes);
        var bias = node.like(x, rho(node, 1)[0]);
        var scores = node.add(node.apply(new MatMul(), x, weights), bias);
        var label =
                classes > 1
                        ? ClassScores.top(node, labels, scores)
                        : ClassScores.above(node, labels, scores, 0, false);
        return ClassScores.outputs(node, label, ClassScores.transformed(node, scores));
    }

    /// A machine for each pair of classes: where its sum is above 0 it votes for the first of both,
    /// else for the second.
    private static List<Value> pairwise(Translation node, Tensor labels, List<Long> counts) {
        var x = ClassScores.rows(node);
        int classes = labels.size();
        if (counts.size() != classes || classes < 2)
            throw node.wrong("vectors_per_class", "one for each of 2 or more classes", counts);
        var pairs = new Pairs(node, counts);
        var vectors = ClassScores.needed(node, "support_vectors");
        var kernels = kernels(node, x, vectors, pairs.vectors);
        var weights = ClassScores.like(node, x, pairs.weights(), pairs.vectors, pairs.count());
        var rho = Arrays.copyOf(rho(node, pairs.count()), pairs.count());
        var bias = ClassScores.like(node, x, rho, pairs.count());
        var scores = node.add(node.apply(new MatMul(), kernels, weights), bias);
        // Who wins k of the pairs has k votes: those of the second are there unless the first wins.
        var isFirst = ClassScores.isPositive(node, scores);
        var gains = ClassScores.like(node, x, pairs.gains(), pairs.count(), classes);
        var start = ClassScores.like(node, x, pairs.seconds(), classes);
        var votes = node.add(node.apply(new MatMul(), isFirst, gains), start);
        var label = ClassScores.top(node, labels, votes);
        var a = ClassScores.numbers(node, "prob_a");
        var b = ClassScores.numbers(node, "prob_b");
        if (a != null && a.length > 0) {
            var shown = probabilities(node, scores, classes, a, b);
            return ClassScores.outputs(node, label, ClassScores.transformed(node, shown));
        }
        if (b != null && b.length > 0) throw node.wrong("prob_b", "none without prob_a", b.length);
        if (classes > 2)
            return ClassScores.outputs(node, label, ClassScores.transformed(node, scores));
        var how =
                node.choice(
                        "post_transform", "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");
        var both =
                how.equals("PROBIT")
                        ? scores
                        : ClassScores.beside(node, node.apply(new Neg(), scores), scores);
        return ClassScores.outputs(node, label, ClassScores.transformed(node, how, both));
    }

    /// Of each pair, the first has the probability `1 / (1 + e^(a·s + b))` (Platt), kept off 0 and
    /// 1; those of pairs make those of classes.
    private static Value probabilities(
            Translation node, Value scores, int classes, double[] a, double @Nullable [] b) {
        int pairs = classes * (classes - 1) / 2;
        if (a.length != pairs || b == null || b.length != pairs)
            throw node.wrong("prob_a, prob_b", "a float for each of " + pairs + " pairs", a.length);
        var slope = ClassScores.like(node, scores, a, pairs);
        var shift = ClassScores.like(node, scores, b, pairs);
        var line = node.add(node.mul(scores, slope), shift);
        var first = node.apply(new Sigmoid(), node.apply(new Neg(), line));
        var least = node.like(scores, 1e-7);
        var most = node.like(scores, 1 - 1e-7);
        return node.apply(
                new PairwiseCoupling(classes), node.apply(new Clip(), first, least, most));
    }

    /// The pairs (i, j), i < j, of classes, and the parts of the support vectors and coefficients
    /// that belong to each.
    private static final class Pairs {
        final int vectors;
        private final int classes;
        private final int[] starts;
        private final double[] coefficients;
        private final List<int[]> pairs = new ArrayList<>();

        Pairs(Translation node, List<Long> counts) {
            classes = counts.size();
            starts = new int[classes + 1];
            for (int i = 0; i < classes; i++) {
                long end = starts[i] + counts.get(i);
                if (counts.get(i) < 0 || end > Translation.MOST_ELEMENTS)
                    throw node.wrong("vectors_per_class", "numbers of vectors", counts);
                starts[i + 1] = (int) end;
                for (int j = i + 1; j < classes; j++) pairs.add(new int[] {i, j});
            }
            vectors = starts[classes];
            coefficients = ClassScores.needed(node, "coefficients");
            if (coefficients.length != (classes - 1L) * vectors)
                throw node.wrong(
                        "coefficients",
                        (classes - 1) + " rows of " + vectors + " floats",
                        coefficients.length);
            node.zeros("vectors_per_class", DType.INT8, vectors, pairs.size());
        }

        int count() {
            return pairs.size();
        }

        /// {@return what each support vector adds to each pair, `[vectors, pairs]`}
        double[] weights() {
            var weights = new double[vectors * count()];
            for (int p = 0; p < count(); p++) {
                int i = pairs.get(p)[0];
                int j = pairs.get(p)[1];
                for (int v = starts[i]; v < starts[i + 1]; v++)
                    weights[v * count() + p] = coefficients[(j - 1) * vectors + v];
                for (int v = starts[j]; v < starts[j + 1]; v++)
                    weights[v * count() + p] = coefficients[i * vectors + v];
            }
            return weights;
        }

        /// {@return by how many votes a class has more where the first of a pair wins, `[pairs,
        /// classes]`}
        double[] gains() {
            var gains = new double[count() * classes];
            for (int p = 0; p < count(); p++) {
                gains[p * classes + pairs.get(p)[0]] = 1;
                gains[p * classes + pairs.get(p)[1]] = -1;
            }
            return gains;
        }

        /// {@return in how many pairs a class is the second}
        double[] seconds() {
            var seconds = new double[classes];
            for (var pair : pairs) seconds[pair[1]]++;
            return seconds;
        }
    }
}
