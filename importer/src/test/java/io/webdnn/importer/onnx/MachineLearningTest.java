package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.ModelFile.reals;
import static io.webdnn.importer.onnx.ModelFile.text;
import static io.webdnn.importer.onnx.ModelFile.texts;
import static io.webdnn.importer.onnx.OnnxWriter.integer;
import static io.webdnn.importer.onnx.OnnxWriter.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.onnx.OnnxWriter.Fields;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Models of classical machine learning against loops from their definitions.
class MachineLearningTest {
    @TempDir Path directory;

    private static final Tensor ROWS =
            Tensor.of(new float[] {1, -2, 0.5f, 3, -0.25f, 1.5f, 0, 0, -1}, 3, 3);

    private List<Tensor> run(String operator, Tensor x, int outputs, Fields... attributes) {
        return run(1, operator, List.of(x), outputs, attributes);
    }

    private List<Tensor> run(
            long version, String operator, List<Tensor> inputs, int outputs, Fields... attributes) {
        var model = new ModelFile().opset("ai.onnx.ml", version);
        var names = new ArrayList<String>();
        for (var input : inputs) {
            names.add("x" + names.size());
            model.initializer(names.getLast(), input);
        }
        var results = new ArrayList<String>();
        for (int i = 0; i < outputs; i++) results.add("y" + i);
        model.nodeOf("ai.onnx.ml", operator, "n", names, results, attributes);
        results.forEach(model::output);
        return Interpreter.run(OnnxImporter.read(model.write(directory)).graph(), List.of());
    }

    private void refused(String message, String operator, Tensor x, Fields... attributes) {
        assertThatThrownBy(() -> run(operator, x, 1, attributes))
                .isInstanceOf(GraphException.class)
                .hasMessage(operator + " 'n' (model.onnx, node 0): " + message);
    }

    private static void assertClose(Tensor actual, double... expected) {
        assertThat(actual.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(actual.size()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++)
            assertThat(actual.getDouble(i))
                    .as("element %d", i)
                    .isCloseTo(expected[i], within(1e-5 * Math.max(1, Math.abs(expected[i]))));
    }

    private static double dot(Tensor x, int row, double... w) {
        double sum = 0;
        for (int c = 0; c < w.length; c++) sum += x.getDouble(row * w.length + c) * w[c];
        return sum;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] softmax(double... x) {
        double most = Double.NEGATIVE_INFINITY;
        for (double value : x) most = Math.max(most, value);
        double sum = 0;
        var y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.exp(x[i] - most);
            sum += y[i];
        }
        for (int i = 0; i < x.length; i++) y[i] /= sum;
        return y;
    }

    private static final float[] COEFFICIENTS = {0.5f, -1, 2, 1, 1, 1, -0.5f, 0.25f, 0};

    private static double score(int row, int which) {
        double[] w = new double[3];
        for (int c = 0; c < 3; c++) w[c] = COEFFICIENTS[3 * which + c];
        return dot(ROWS, row, w) + new double[] {0.5, -1, 0.25}[which];
    }

    @Test
    void linearRegressor() {
        var expected = new double[9];
        for (int i = 0; i < 9; i++) expected[i] = score(i / 3, i % 3);
        var y =
                run(
                                "LinearRegressor",
                                ROWS,
                                1,
                                integer("targets", 3),
                                reals("coefficients", COEFFICIENTS),
                                reals("intercepts", 0.5f, -1, 0.25f))
                        .getFirst();
        assertClose(y, expected);
        var x = Tensor.of(new long[] {2, 3}, 2);
        var one =
                run(
                        "LinearRegressor",
                        x,
                        1,
                        reals("coefficients", 0.5f, -1),
                        text("post_transform", "LOGISTIC"));
        assertThat(one.getFirst().shape()).containsExactly(1, 1);
        assertClose(one.getFirst(), sigmoid(1 - 3));
        refused(
                "coefficients: expected a multiple of targets = 2, got 3",
                "LinearRegressor",
                x,
                integer("targets", 2),
                reals("coefficients", 1, 2, 3));
        refused(
                "intercepts: expected 1 floats, got 2",
                "LinearRegressor",
                x,
                reals("coefficients", 1, 2),
                reals("intercepts", 1, 2));
    }

    @Test
    void linearClassifierOfThree() {
        var found =
                run(
                        "LinearClassifier",
                        ROWS,
                        2,
                        integers("classlabels_ints", 7, 8, 9),
                        integer("multi_class", 1),
                        reals("coefficients", COEFFICIENTS),
                        reals("intercepts", 0.5f, -1, 0.25f),
                        text("post_transform", "SOFTMAX"));
        for (int row = 0; row < 3; row++) {
            var scores = softmax(score(row, 0), score(row, 1), score(row, 2));
            int best = 0;
            for (int c = 0; c < 3; c++) {
                assertThat(found.get(1).getDouble(3 * row + c)).isCloseTo(scores[c], within(1e-6));
                if (scores[c] > scores[best]) best = c;
            }
            assertThat(found.get(0).getLong(row)).isEqualTo(7 + best);
        }
    }

    @Test
    void linearClassifierOfTwoWithOneRow() {
        var words = texts("classlabels_strings", "no", "yes");
        var weights = reals("coefficients", 0.5f, -1, 2);
        var found = run("LinearClassifier", ROWS, 2, words, weights);
        double[] s = {3.5, 4.75, -2};
        assertClose(found.get(1), -s[0], s[0], -s[1], s[1], -s[2], s[2]);
        assertThat(found.get(0).strings()).containsExactly("yes", "yes", "no");
        var logistic =
                run(
                        "LinearClassifier",
                        ROWS,
                        2,
                        words,
                        weights,
                        text("post_transform", "LOGISTIC"));
        assertClose(
                logistic.get(1),
                sigmoid(-s[0]),
                sigmoid(s[0]),
                sigmoid(-s[1]),
                sigmoid(s[1]),
                sigmoid(-s[2]),
                sigmoid(s[2]));
        refused(
                "coefficients: expected 3 for each of 2 classes, got 4",
                "LinearClassifier",
                ROWS,
                words,
                reals("coefficients", 1, 2, 3, 4));
        refused(
                "classlabels_ints, classlabels_strings: expected one of both, got none",
                "LinearClassifier",
                ROWS,
                weights);
    }

    @Test
    void oneLabelIsTakenAboveALimit() {
        var weights = reals("coefficients", 0, 0, 1);
        var label = integers("classlabels_ints", 5);
        assertThat(run("LinearClassifier", ROWS, 1, label, weights).getFirst().longs())
                .containsExactly(5, 5, 0);
        var sure = reals("intercepts", -1);
        assertThat(
                        run(
                                        "LinearClassifier",
                                        ROWS,
                                        1,
                                        label,
                                        weights,
                                        sure,
                                        text("post_transform", "LOGISTIC"))
                                .getFirst()
                                .longs())
                .containsExactly(0, 5, 0);
    }

    /// What is 0 takes no part; where nothing does, each has a half.
    @Test
    void softmaxOfWhatIsNotZero() {
        var x = Tensor.of(new float[] {0, 1, 3, 0, 0, 0}, 2, 3);
        var identity = reals("coefficients", 1, 0, 0, 0, 1, 0, 0, 0, 1);
        var y =
                run(
                                "LinearRegressor",
                                x,
                                1,
                                integer("targets", 3),
                                identity,
                                text("post_transform", "SOFTMAX_ZERO"))
                        .getFirst();
        var two = softmax(1, 3);
        assertClose(y, 0, two[0], two[1], 0.5, 0.5, 0.5);
    }

    /// The quantiles of the normal distribution, from a table; the approximation is right to 2e−3.
    @ParameterizedTest
    @CsvSource({"0.975, 1.959964", "0.5, 0", "0.1, -1.281552", "0.001, -3.090232", "1, 0"})
    void probit(float p, double quantile) {
        var y =
                run(
                                "LinearRegressor",
                                Tensor.of(new float[] {p}, 1, 1),
                                1,
                                reals("coefficients", 1),
                                text("post_transform", "PROBIT"))
                        .getFirst();
        assertThat(y.getDouble(0))
                .isCloseTo(quantile, within(5e-3 * Math.max(1, Math.abs(quantile))));
    }

    private static final float[] VECTORS = {1, 0, 0, 0, 1, -1, 2, 0.5f, 1, -1, -1, 0};

    private static double kernel(String type, int row, int v, double gamma, double c, int degree) {
        double product = 0;
        double distance = 0;
        for (int k = 0; k < 3; k++) {
            double a = ROWS.getDouble(3 * row + k);
            double b = VECTORS[3 * v + k];
            product += a * b;
            distance += (a - b) * (a - b);
        }
        return switch (type) {
            case "POLY" -> Math.pow(gamma * product + c, degree);
            case "RBF" -> Math.exp(-gamma * distance);
            case "SIGMOID" -> Math.tanh(gamma * product + c);
            default -> product;
        };
    }

    @ParameterizedTest
    @CsvSource({"LINEAR", "POLY", "RBF", "SIGMOID"})
    void supportVectorRegressor(String type) {
        double[] weights = {0.5, -1.5, 2, 0.25};
        Fields[] attributes = {
            text("kernel_type", type),
            reals("kernel_params", 0.5f, -0.25f, 3),
            integer("n_supports", 4),
            reals("support_vectors", VECTORS),
            reals("coefficients", 0.5f, -1.5f, 2, 0.25f),
            reals("rho", 0.75f),
            integer("one_class", 0)
        };
        var y = run("SVMRegressor", ROWS, 1, attributes).getFirst();
        assertThat(y.shape()).containsExactly(3, 1);
        attributes[6] = integer("one_class", 1);
        var side = run("SVMRegressor", ROWS, 1, attributes).getFirst();
        for (int row = 0; row < 3; row++) {
            double sum = 0.75;
            for (int v = 0; v < 4; v++) sum += weights[v] * kernel(type, row, v, 0.5, -0.25, 3);
            assertThat(y.getDouble(row)).isCloseTo(sum, within(1e-4));
            assertThat(side.getDouble(row)).isEqualTo(sum > 0 ? 1 : -1);
        }
    }

    @Test
    void supportVectorRegressorWithoutVectors() {
        var y =
                run("SVMRegressor", ROWS, 1, reals("coefficients", 1, 2, 3), reals("rho", 0.5f))
                        .getFirst();
        assertClose(y, -1, 7.5, -2.5);
        refused(
                "coefficients: expected 3 floats, got 2",
                "SVMRegressor",
                ROWS,
                reals("coefficients", 1, 2),
                reals("rho", 0));
        refused(
                "rho: expected floats, got none",
                "SVMRegressor",
                ROWS,
                reals("coefficients", 1, 2, 3));
    }

    /// Three classes with 1, 2 and 1 vectors: a sum and a vote for each pair.
    @Test
    void supportVectorClassifierOfThree() {
        float[] coefficients = {1, -0.5f, 0.75f, -1, 0.5f, 2, -1, 0.25f};
        float[] rho = {0.1f, -0.2f, 0.3f};
        var found =
                run(
                        "SVMClassifier",
                        ROWS,
                        2,
                        texts("classlabels_strings", "a", "b", "c"),
                        text("kernel_type", "RBF"),
                        reals("kernel_params", 0.5f, 0, 0),
                        integers("vectors_per_class", 1, 2, 1),
                        reals("support_vectors", VECTORS),
                        reals("coefficients", coefficients),
                        reals("rho", rho));
        int[] starts = {0, 1, 3, 4};
        for (int row = 0; row < 3; row++) {
            var votes = new int[3];
            int pair = 0;
            for (int i = 0; i < 3; i++) {
                for (int j = i + 1; j < 3; j++, pair++) {
                    double sum = rho[pair];
                    for (int v = starts[i]; v < starts[i + 1]; v++)
                        sum += coefficients[4 * (j - 1) + v] * kernel("RBF", row, v, 0.5, 0, 0);
                    for (int v = starts[j]; v < starts[j + 1]; v++)
                        sum += coefficients[4 * i + v] * kernel("RBF", row, v, 0.5, 0, 0);
                    assertThat(found.get(1).getDouble(3 * row + pair)).isCloseTo(sum, within(1e-5));
                    votes[sum > 0 ? i : j]++;
                }
            }
            int best = 0;
            for (int c = 1; c < 3; c++) if (votes[c] > votes[best]) best = c;
            assertThat(found.get(0).strings()[row]).isEqualTo("abc".substring(best, best + 1));
        }
    }

    /// With one pair there is one minimum, `p = (r, 1 − r)`, which the iteration stops near.
    @Test
    void probabilitiesOfTwoClasses() {
        var found =
                run(
                        "SVMClassifier",
                        ROWS,
                        2,
                        integers("classlabels_ints", 3, 4),
                        integers("vectors_per_class", 2, 2),
                        reals("support_vectors", VECTORS),
                        reals("coefficients", 1, -0.5f, 0.75f, -1),
                        reals("rho", 0.1f),
                        reals("prob_a", -1.5f),
                        reals("prob_b", 0.25f));
        for (int row = 0; row < 3; row++) {
            double s = 0.1;
            for (int v = 0; v < 4; v++)
                s += new double[] {1, -0.5, 0.75, -1}[v] * kernel("LINEAR", row, v, 0, 0, 0);
            double r = sigmoid(1.5 * s - 0.25);
            assertThat(found.get(1).getDouble(2 * row)).isCloseTo(r, within(0.05));
            assertThat(found.get(1).getDouble(2 * row) + found.get(1).getDouble(2 * row + 1))
                    .isCloseTo(1, within(1e-5));
            assertThat(found.get(0).getLong(row)).isEqualTo(s > 0 ? 3 : 4);
        }
    }

    @Test
    void supportVectorClassifierOfTwo() {
        Fields[] attributes = {
            integers("classlabels_ints", 3, 4),
            integers("vectors_per_class", 2, 2),
            reals("support_vectors", VECTORS),
            reals("coefficients", 1, -0.5f, 0.75f, -1),
            reals("rho", 0.1f),
            text("post_transform", "NONE")
        };
        var s = new double[3];
        for (int row = 0; row < 3; row++) {
            s[row] = 0.1;
            for (int v = 0; v < 4; v++)
                s[row] += new double[] {1, -0.5, 0.75, -1}[v] * kernel("LINEAR", row, v, 0, 0, 0);
        }
        var found = run("SVMClassifier", ROWS, 2, attributes);
        assertClose(found.get(1), -s[0], s[0], -s[1], s[1], -s[2], s[2]);
        for (int row = 0; row < 3; row++)
            assertThat(found.get(0).getLong(row)).isEqualTo(s[row] > 0 ? 3 : 4);
        attributes[5] = text("post_transform", "LOGISTIC");
        assertThat(run("SVMClassifier", ROWS, 2, attributes).get(1).getDouble(1))
                .isCloseTo(sigmoid(s[0]), within(1e-6));
        attributes[5] = reals("prob_a", 1);
        refused(
                "prob_a, prob_b: expected a float for each of 1 pairs, got 1",
                "SVMClassifier",
                ROWS,
                attributes);
    }

    @Test
    void supportVectorClassifierWithoutVectors() {
        var found =
                run(
                        "SVMClassifier",
                        ROWS,
                        2,
                        integers("classlabels_ints", 1, 2),
                        reals("coefficients", 1, 0, 0, 0, 1, 0),
                        reals("rho", 0.5f));
        assertClose(found.get(1), 1.5, -1.5, 3.5, 0.25, 0.5, 0.5);
        assertThat(found.get(0).longs()).containsExactly(1, 1, 1);
    }

    // Trees

    /// Tree 4: x₀ ≤ 0.5 ? (x₁ < −1 ? leaf 3 : leaf 4) : leaf 2; tree 9: one leaf.
    private static final Fields[] NODES = {
        integers("nodes_treeids", 4, 4, 4, 4, 4, 9),
        integers("nodes_nodeids", 0, 1, 2, 3, 4, 0),
        integers("nodes_featureids", 0, 1, 0, 0, 0, 0),
        texts("nodes_modes", "BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF", "LEAF"),
        reals("nodes_values", 0.5f, -1, 0, 0, 0, 0),
        integers("nodes_truenodeids", 1, 3, 0, 0, 0, 0),
        integers("nodes_falsenodeids", 2, 4, 0, 0, 0, 0),
        integers("nodes_missing_value_tracks_true", 1, 0, 0, 0, 0, 0),
        reals("nodes_hitrates", 1, 1, 1, 1, 1, 1)
    };

    /// Reach leaf 3, 4, 2 and, NaN being true at the root and false below, 4.
    private static final Tensor POINTS =
            Tensor.of(new float[] {0, -2, 0.5f, 3, 1, 0, Float.NaN, Float.NaN}, 4, 2);

    private List<Tensor> trees(String operator, Tensor x, int outputs, Fields... more) {
        var all = new ArrayList<>(List.of(NODES));
        all.addAll(List.of(more));
        return run(operator, x, outputs, all.toArray(new Fields[0]));
    }

    @Test
    void treeClassifierWithSeveralVotesOfALeaf() {
        Fields[] votes = {
            integers("class_treeids", 4, 4, 4, 4, 9),
            integers("class_nodeids", 2, 2, 3, 4, 0),
            integers("class_ids", 0, 1, 2, 1, 2),
            reals("class_weights", 0.75f, 0.25f, 1, 1, 0.5f),
            integers("classlabels_int64s", 10, 20, 30),
            reals("base_values", 0, 0, 0.1f)
        };
        var found = trees("TreeEnsembleClassifier", POINTS, 2, votes);
        assertClose(found.get(1), 0, 0, 1.6, 0, 1, 0.6, 0.75, 0.25, 0.6, 0, 1, 0.6);
        assertThat(found.get(0).longs()).containsExactly(30, 20, 10, 20);
    }

    @Test
    void treeClassifierOfTwoWithVotesForOne() {
        Fields[] votes = {
            integers("class_treeids", 4, 4, 4, 9),
            integers("class_nodeids", 2, 3, 4, 0),
            integers("class_ids", 0, 0, 0, 0),
            reals("class_weights", 0.25f, 0.5f, -2, 0.125f),
            texts("classlabels_strings", "no", "yes"),
            text("post_transform", "NONE")
        };
        double[] s = {0.625, -1.875, 0.375, -1.875};
        var found = trees("TreeEnsembleClassifier", POINTS, 2, votes);
        assertClose(found.get(1), 1 - s[0], s[0], 1 - s[1], s[1], 1 - s[2], s[2], 1 - s[3], s[3]);
        assertThat(found.get(0).strings()).containsExactly("yes", "no", "no", "no");
        votes[5] = text("post_transform", "LOGISTIC");
        var logistic = trees("TreeEnsembleClassifier", POINTS, 2, votes);
        assertThat(logistic.get(1).getDouble(5)).isCloseTo(sigmoid(s[2]), within(1e-6));
        assertThat(logistic.get(1).getDouble(4)).isCloseTo(sigmoid(-s[2]), within(1e-6));
        assertThat(logistic.get(0).strings()).containsExactly("yes", "no", "yes", "no");
    }

    @ParameterizedTest
    @CsvSource({
        "SUM, 4 0 3 -1 1 -2 3 -1",
        "AVERAGE, 2 0 1.5 -0.5 0.5 -1 1.5 -0.5",
        "MIN, 1 0 1 -1 1 -2 1 -1",
        "MAX, 3 0 2 -1 1 -2 2 -1"
    })
    void treeRegressor(String how, String numbers) {
        Fields[] votes = {
            integers("target_treeids", 4, 4, 4, 4, 9),
            integers("target_nodeids", 3, 4, 4, 2, 0),
            integers("target_ids", 0, 0, 1, 1, 0),
            reals("target_weights", 3, 2, -1, -2, 1),
            integer("n_targets", 2),
            text("aggregate_function", how),
            reals("base_values", 0.5f, 0)
        };
        var expected =
                Pattern.compile(" ")
                        .splitAsStream(numbers)
                        .mapToDouble(Double::parseDouble)
                        .toArray();
        for (int i = 0; i < expected.length; i += 2) expected[i] += 0.5;
        assertClose(trees("TreeEnsembleRegressor", POINTS, 1, votes).getFirst(), expected);
    }

    @Test
    void brokenTreesAreRefused() {
        Fields[] votes = {
            integers("target_treeids", 4),
            integers("target_nodeids", 1),
            integers("target_ids", 0),
            reals("target_weights", 3)
        };
        refusedTrees("target_nodeids: expected leaves, got 1, an inner node", votes);
        votes[1] = integers("target_nodeids", 2);
        votes[2] = integers("target_ids", 1);
        refusedTrees("target: expected 0 ... 0, got 1", votes);
    }

    private void refusedTrees(String message, Fields... votes) {
        assertThatThrownBy(() -> trees("TreeEnsembleRegressor", POINTS, 1, votes))
                .isInstanceOf(GraphException.class)
                .hasMessageEndingWith(": " + message);
    }

    // Others

    @Test
    void wholeNumbersAreComparedWithAFraction() {
        var x = Tensor.of(new long[] {-1, 0, 1}, 3);
        var y = run("Binarizer", x, 1, OnnxWriter.real("threshold", -0.5f)).getFirst();
        assertThat(y.longs()).containsExactly(0, 1, 1);
    }

    @Test
    void featuresAreCutOrFilled() {
        var a = Tensor.of(new float[] {1, 2, 3}, 3);
        var b = Tensor.of(new long[] {4, 5}, 1, 2);
        var y =
                run(1, "FeatureVectorizer", List.of(a, b), 1, integers("inputdimensions", 2, 3))
                        .getFirst();
        assertThat(y.shape()).containsExactly(1, 5);
        assertThat(y.floats()).containsExactly(1, 2, 4, 5, 0);
    }

    @Test
    void firstLabelEncoderExchangesWordsAndPlaces() {
        var classes = texts("classes_strings", "a", "b");
        var places = Tensor.of(new long[] {1, 5, 0}, 3);
        assertThat(run("LabelEncoder", places, 1, classes).getFirst().strings())
                .containsExactly("b", "_Unused", "a");
        assertThat(
                        run("LabelEncoder", places, 1, classes, text("default_string", "none"))
                                .getFirst()
                                .strings())
                .containsExactly("b", "none", "a");
    }

    /// Of equal keys the last one counts.
    @Test
    void repeatedKeys() {
        var keys = integers("keys_int64s", 1, 2, 1);
        var values = reals("values_floats", 0.5f, 1.5f, 2.5f);
        var x = Tensor.of(new long[] {1, 2, 3}, 3);
        var y = run(2, "LabelEncoder", List.of(x), 1, keys, values).getFirst();
        assertThat(y.floats()).containsExactly(2.5f, 1.5f, -0f);
    }

    // Maps

    @Test
    void mapsOfLabelsAreTheirValues() {
        var found = run("ZipMap", ROWS, 1, texts("classlabels_strings", "a", "b", "c")).getFirst();
        assertThat(found.floats()).containsExactly(ROWS.floats());
        refused(
                "X: expected [N, 2], a column for each label, got float32[3, 3]",
                "ZipMap",
                ROWS,
                integers("classlabels_int64s", 1, 2));
    }

    private Tensor ofMap(Tensor keys, Tensor values, String operator, Fields... attributes) {
        var model =
                new ModelFile()
                        .map("x", keys.dtype(), values.dtype())
                        .nodeOf("ai.onnx.ml", operator, "n", List.of("x"), List.of("y"), attributes)
                        .output("y");
        var graph = OnnxImporter.read(model.write(directory)).keys("x", keys).graph();
        return Interpreter.run(graph, List.of(values)).getFirst();
    }

    private static Tensor words(String... words) {
        return Tensor.of(DType.STRING, words, words.length);
    }

    @Test
    void mapsBecomeVectors() {
        var values = Tensor.of(new float[] {4, 8}, 2);
        var y =
                ofMap(
                        words("a", "c"),
                        values,
                        "DictVectorizer",
                        texts("string_vocabulary", "z", "c", "b", "a"));
        assertThat(y.shape()).containsExactly(1, 4);
        assertThat(y.floats()).containsExactly(0, 8, 0, 4);
        var keys = Tensor.of(new long[] {7, 3}, 2);
        var z =
                ofMap(
                        keys,
                        words("p", "q"),
                        "DictVectorizer",
                        integers("int64_vocabulary", 3, 5, 7));
        assertThat(z.strings()).containsExactly("q", "", "p");
        assertThatThrownBy(() ->
                        ofMap(keys, values, "DictVectorizer", integers("int64_vocabulary", 7)))
                .isInstanceOf(GraphException.class)
                .hasMessageEndingWith("X: expected keys of the vocabulary, got 3");
    }

    @Test
    void mapsAreCast() {
        var keys = Tensor.of(new long[] {3, 1}, 2);
        var values = Tensor.of(new float[] {4.75f, 8}, 2);
        assertThat(ofMap(keys, values, "CastMap").floats()).containsExactly(8, 4.75f);
        assertThat(ofMap(keys, values, "CastMap", text("cast_to", "TO_INT64")).longs())
                .containsExactly(8, 4);
        var sparse =
                ofMap(
                        keys,
                        words("4.5", "8"),
                        "CastMap",
                        text("map_form", "SPARSE"),
                        integer("max_map", 5),
                        text("cast_to", "TO_FLOAT"));
        assertThat(sparse.floats()).containsExactly(0, 8, 0, 4.5f, 0);
    }

    @Test
    void keysOfMapsMustBeKnown() {
        var model =
                new ModelFile()
                        .map("x", DType.INT64, DType.FLOAT32)
                        .nodeOf("ai.onnx.ml", "CastMap", "n", List.of("x"), List.of("y"))
                        .output("y");
        var importer = OnnxImporter.read(model.write(directory));
        assertThatThrownBy(importer::graph)
                .isInstanceOf(GraphException.class)
                .hasMessage(
                        "model.onnx: input 'x': expected the keys of the map, known when compiling, got"
                                + " none");
        importer.keys("x", words("a"));
        assertThatThrownBy(importer::graph)
                .isInstanceOf(GraphException.class)
                .hasMessage("model.onnx: input 'x': expected int64 keys, got string");
    }
}
