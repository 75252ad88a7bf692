package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Neg;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.Map;

/// Models that are a matrix: `scores = X · Wᵀ + b`.
///
/// Source: ONNX ai.onnx.ml LinearClassifier-1, LinearRegressor-1.
final class LinearModels {
    private LinearModels() {}

    static void addTo(Map<String, Operator> table) {
        table.put(MachineLearningOperators.DOMAIN + "LinearClassifier", LinearModels::classifier);
        table.put(
                MachineLearningOperators.DOMAIN + "LinearRegressor",
                single(LinearModels::regressor));
    }

    /// {@return `X · Wᵀ + b`, W being the coefficients, row by row}
    private static Value scores(Translation node, Value x, double[] coefficients, int rows) {
        int columns = coefficients.length / rows;
        var transposed = new double[coefficients.length];
        for (int i = 0; i < coefficients.length; i++)
            transposed[i % columns * rows + i / columns] = coefficients[i];
        var weights = ClassScores.like(node, x, transposed, columns, rows);
        var scores = node.apply(new MatMul(), x, weights);
        var intercepts = ClassScores.numbers(node, "intercepts");
        if (intercepts == null) return scores;
        if (intercepts.length != rows)
            throw node.wrong("intercepts", rows + " floats", intercepts.length);
        return node.add(scores, ClassScores.like(node, x, intercepts, rows));
    }

    /// One model for each class, or one for the second of two, whose score is the first one's,
    /// negated.
    private static List<Value> classifier(Translation node) {
        node.integer("multi_class", 0); // how the model was trained; the scores are the same
        var labels = ClassScores.labels(node, "classlabels_ints");
        var x = ClassScores.rows(node);
        var coefficients = ClassScores.needed(node, "coefficients");
        var columns = x.type().shape().get(1);
        int classes = labels.size();
        if (!columns.isFixed()) throw node.wrong("X", "a fixed number of columns", x.type());
        boolean isPair = classes == 2 && coefficients.length == columns.value();
        int models = isPair ? 1 : classes;
        if (coefficients.length != models * columns.value())
            throw node.wrong(
                    "coefficients",
                    columns + " for each of " + classes + " classes",
                    coefficients.length);
        var scores = scores(node, x, coefficients, models);
        if (isPair) scores = ClassScores.beside(node, node.apply(new Neg(), scores), scores);
        var shown = ClassScores.transformed(node, scores);
        var label =
                classes > 1
                        ? ClassScores.top(node, labels, scores)
                        : ClassScores.above(node, labels, shown, shown == scores ? 0 : 0.5, true);
        return ClassScores.outputs(node, label, shown);
    }

    private static Value regressor(Translation node) {
        int targets = Math.toIntExact(node.integer("targets", 1));
        var x = ClassScores.rows(node);
        var coefficients = ClassScores.needed(node, "coefficients");
        if (targets < 1 || coefficients.length == 0 || coefficients.length % targets != 0)
            throw node.wrong(
                    "coefficients", "a multiple of targets = " + targets, coefficients.length);
        var scores = scores(node, x, coefficients, targets);
        return node.cast(ClassScores.transformed(node, scores), DType.FLOAT32);
    }
}
