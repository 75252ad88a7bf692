package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Functions of TensorFlow in models of Keras 2, and operations of Keras 3, against the formulas of
/// their documentation in plain loops.
final class OperationsTest {
    private static final double TOLERANCE = 2e-5;
    private static final String NUMPY = "keras.src.ops.numpy:";
    private static final String NN = "keras.src.ops.nn:";
    private static final String X = tensor("x0");
    private static final String Y = tensor("x1");

    private static String tensor(String name) {
        return "{'class_name': '__keras_tensor__', 'config': {'shape': [null, 3], 'dtype':"
                + " 'float32', 'keras_history': ['"
                + name
                + "', 0, 0]}}";
    }

    /// A call of TensorFlow's function on `x0`; other arguments by name, `x1` being `['x1', 0, 0]`.
    private static SmallModel tf(String function, String named, String... shapes) {
        return node(function, "['x0', 0, 0, {" + named + "}]", shapes);
    }

    private static SmallModel node(String function, String node, String... shapes) {
        var kind = function.contains("getitem") ? "SlicingOpLambda" : "TFOpLambda";
        return SmallModel.functional(
                "2.9.0",
                kind,
                "'trainable': true, 'dtype': 'float32', 'function': '" + function + "'",
                List.of(shapes),
                "[" + node + "]");
    }

    /// A call of an operation of Keras 3, with arguments by place.
    private static SmallModel ops(
            String kind, String attributes, String arguments, String... shapes) {
        return SmallModel.functional(
                "3.5.0",
                kind,
                attributes,
                List.of(shapes),
                "[{'args': [" + arguments + "], 'kwargs': {}}]");
    }

    private static Tensor random(int seed, int... shape) {
        return SmallModel.random(seed, shape);
    }

    private static int[] shape(int... extents) {
        return extents;
    }

    private static void assertGives(Tensor actual, int[] shape, IntToDoubleFunction expected) {
        assertEquals(Arrays.toString(shape), Arrays.toString(actual.shape()));
        var values = new double[actual.size()];
        var given = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = expected.applyAsDouble(i);
            given[i] = actual.getDouble(i);
        }
        assertArrayEquals(values, given, TOLERANCE);
    }

    private static void assertEach(DoubleUnaryOperator expected, SmallModel... models) {
        var x = random(1, 4, 3);
        for (var model : models)
            assertGives(model.run(x), shape(4, 3), i -> expected.applyAsDouble(x.getDouble(i)));
    }

    private static void assertFunction(
            String ofTensorFlow, String ofKeras, DoubleUnaryOperator expected) {
        assertEach(expected, tf(ofTensorFlow, "'name': null", "3"), ops(ofKeras, "", X, "3"));
    }

    @Test
    void functionsOfElements() {
        assertFunction("math.abs", NUMPY + "Absolute", Math::abs);
        assertFunction("math.negative", NUMPY + "Negative", x -> -x);
        assertFunction("math.sign", NUMPY + "Sign", Math::signum);
        assertFunction("math.square", NUMPY + "Square", x -> x * x);
        assertFunction("math.acos", NUMPY + "Arccos", Math::acos);
        assertFunction("math.asin", NUMPY + "Arcsin", Math::asin);
        assertFunction("math.atan", NUMPY + "Arctan", Math::atan);
        assertFunction("math.asinh", NUMPY + "Arcsinh", x -> Math.log(x + Math.sqrt(x * x + 1)));
        assertFunction("math.atanh", NUMPY + "Arctanh", x -> 0.5 * Math.log((1 + x) / (1 - x)));
        assertFunction("math.ceil", NUMPY + "Ceil", Math::ceil);
        assertFunction("math.floor", NUMPY + "Floor", Math::floor);
        assertFunction("math.round", NUMPY + "Round", Math::rint);
        assertFunction("math.cos", NUMPY + "Cos", Math::cos);
        assertFunction("math.sin", NUMPY + "Sin", Math::sin);
        assertFunction("math.tan", NUMPY + "Tan", Math::tan);
        assertFunction("math.cosh", NUMPY + "Cosh", Math::cosh);
        assertFunction("math.sinh", NUMPY + "Sinh", Math::sinh);
        assertFunction("math.tanh", NUMPY + "Tanh", Math::tanh);
        assertFunction("math.exp", NUMPY + "Exp", Math::exp);
        assertFunction("math.expm1", NUMPY + "Expm1", Math::expm1);
        assertFunction("math.log1p", NUMPY + "Log1p", Math::log1p);
        assertFunction("nn.relu", NN + "Relu", x -> Math.max(x, 0));
        assertFunction("nn.relu6", NN + "Relu6", x -> Math.min(Math.max(x, 0), 6));
        assertFunction("math.sigmoid", NN + "Sigmoid", x -> 1 / (1 + Math.exp(-x)));
        assertFunction("nn.silu", NN + "Silu", x -> x / (1 + Math.exp(-x)));
        assertFunction("math.softplus", NN + "Softplus", x -> Math.log1p(Math.exp(x)));
        assertFunction("nn.softsign", NN + "Softsign", x -> x / (1 + Math.abs(x)));
        assertFunction("math.log_sigmoid", NN + "LogSigmoid", x -> -Math.log1p(Math.exp(-x)));
        assertFunction("nn.elu", NN + "Elu", x -> x < 0 ? Math.expm1(x) : x);
        assertFunction("nn.leaky_relu", NN + "LeakyRelu", x -> x < 0 ? 0.2 * x : x);
        assertFunction("identity", NUMPY + "Copy", x -> x);
        assertFunction("ones_like", NUMPY + "OnesLike", _ -> 1);
        assertFunction("zeros_like", NUMPY + "ZerosLike", _ -> 0);
    }

    @Test
    void functionsOfPositiveElements() {
        var x = random(1, 4, 3);
        for (int i = 0; i < x.size(); i++) x.floats()[i] = 1.5f + x.floats()[i];
        var functions =
                List.of("math.sqrt", "math.rsqrt", "math.log", "math.reciprocal", "math.acosh");
        var kinds = List.of("Sqrt", "Rsqrt", "Log", "Reciprocal", "Arccosh");
        List<DoubleUnaryOperator> expected =
                List.of(
                        Math::sqrt,
                        v -> 1 / Math.sqrt(v),
                        Math::log,
                        v -> 1 / v,
                        v -> Math.log(v + Math.sqrt(v * v - 1)));
        for (int k = 0; k < kinds.size(); k++) {
            var each = expected.get(k);
            boolean isCosine = kinds.get(k).equals("Arccosh"); // from 1 on
            var from = isCosine ? Tensor.of(new float[] {1.5f, 2, 3}, 1, 3) : x;
            for (var model :
                    List.of(tf(functions.get(k), "", "3"), ops(NUMPY + kinds.get(k), "", X, "3")))
                assertGives(
                        model.run(from), from.shape(), i -> each.applyAsDouble(from.getDouble(i)));
        }
        assertGives(
                ops(NUMPY + "Log2", "", X, "3").run(x),
                shape(4, 3),
                i -> Math.log(x.getDouble(i)) / Math.log(2));
        assertGives(
                ops(NUMPY + "Log10", "", X, "3").run(x),
                shape(4, 3),
                i -> Math.log10(x.getDouble(i)));
    }

    private static double gelu(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    @Test
    void attributesOfFunctions() {
        // TensorFlow's GELU is exact unless it is said, Keras 3's approximate
        assertEach(
                OperationsTest::gelu,
                tf("nn.gelu", "'approximate': true", "3"),
                ops(NN + "Gelu", "'approximate': true", X, "3"),
                ops(NN + "Gelu", "", X, "3"));
        var x = Tensor.of(new float[] {2, 2, 2}, 1, 3);
        for (var model :
                List.of(tf("nn.gelu", "", "3"), ops(NN + "Gelu", "'approximate': false", X, "3")))
            assertEquals(1.9544997, model.run(x).getDouble(0), 1e-6); // 2·Φ(2)
        assertEach(
                v -> v < 0 ? 0.5 * v : v,
                tf("nn.leaky_relu", "'alpha': 0.5", "3"),
                ops(NN + "LeakyRelu", "'negative_slope': 0.5", X, "3"));
        assertEach(
                v -> Math.min(Math.max(v, -0.25), 0.5),
                tf("clip_by_value", "'clip_value_min': -0.25, 'clip_value_max': 0.5", "3"),
                ops(NUMPY + "Clip", "'x_min': -0.25, 'x_max': 0.5", X, "3"));
        var large = Tensor.of(new float[] {-2.7f, 1.9f, 3.2f}, 1, 3);
        for (var model :
                List.of(
                        tf("cast", "'dtype': 'int32'", "3"),
                        ops("keras.src.ops.core:Cast", "'dtype': 'int32'", X, "3")))
            assertGives(model.run(large), shape(1, 3), i -> (int) large.getDouble(i));
        // Keras 3's piecewise logistic function has PyTorch's slope
        assertEach(v -> Math.min(Math.max(v / 6 + 0.5, 0), 1), ops(NN + "HardSigmoid", "", X, "3"));
    }

    private static void assertPairs(
            String ofTensorFlow, String ofKeras, DoubleBinaryOperator expected) {
        var a = random(2, 4, 3);
        var b = random(3, 4, 3);
        for (int i = 0; i < b.size(); i++) b.floats()[i] += Math.signum(b.floats()[i]) * 0.5f;
        for (var model :
                List.of(
                        tf(ofTensorFlow, "'y': ['x1', 0, 0], 'name': null", "3", "3"),
                        ops(NUMPY + ofKeras, "", X + ", " + Y, "3", "3")))
            assertGives(
                    model.run(a, b),
                    shape(4, 3),
                    i -> expected.applyAsDouble(a.getDouble(i), b.getDouble(i)));
    }

    @Test
    void functionsOfTwoElements() {
        assertPairs("__operators__.add", "Add", Double::sum);
        assertPairs("math.add", "Add", Double::sum);
        assertPairs("math.subtract", "Subtract", (a, b) -> a - b);
        assertPairs("math.multiply", "Multiply", (a, b) -> a * b);
        assertPairs("math.truediv", "TrueDivide", (a, b) -> a / b);
        assertPairs("math.divide", "Divide", (a, b) -> a / b);
        assertPairs("math.floordiv", "FloorDivide", (a, b) -> Math.floor(a / b));
        assertPairs("math.floormod", "Mod", (a, b) -> a - b * Math.floor(a / b));
        assertPairs("math.maximum", "Maximum", Math::max);
        assertPairs("math.minimum", "Minimum", Math::min);
        assertPairs("math.greater", "Greater", (a, b) -> a > b ? 1 : 0);
        assertPairs("math.greater_equal", "GreaterEqual", (a, b) -> a >= b ? 1 : 0);
        assertPairs("math.less", "Less", (a, b) -> a < b ? 1 : 0);
        assertPairs("math.less_equal", "LessEqual", (a, b) -> a <= b ? 1 : 0);
        assertPairs("__operators__.eq", "Equal", (a, b) -> a == b ? 1 : 0);
        assertPairs("__operators__.ne", "NotEqual", (a, b) -> a == b ? 0 : 1);
        assertPairs("math.divide_no_nan", "DivideNoNan", (a, b) -> a / b);
        assertPairs("math.logical_and", "LogicalAnd", (a, b) -> a != 0 && b != 0 ? 1 : 0);
    }

    @Test
    void numbersStandBesideTensors() {
        assertEach(
                x -> x * 2 + 0,
                tf("math.multiply", "'y': 2.0, 'name': null", "3"),
                tf("math.multiply", "'y': 2", "3"),
                ops(NUMPY + "Multiply", "", X + ", 2.0", "3"));
        assertEach(
                x -> 1 - x,
                node("math.subtract", "['_CONSTANT_VALUE', -1, 1.0, {'y': ['x0', 0, 0]}]", "3"),
                ops(NUMPY + "Subtract", "", "1, " + X, "3"));
        assertEach(
                x -> Math.pow(x, 2),
                tf("math.pow", "'y': 2", "3"),
                ops(NUMPY + "Power", "", X + ", 2", "3"));
        var x = random(1, 4, 3);
        var row =
                "{'class_name': '__numpy__', 'config': {'value': [1.0, 2.0, 3.0], 'dtype':"
                        + " 'float32'}}";
        for (var model :
                List.of(
                        tf("__operators__.add", "'y': [1.0, 2.0, 3.0]", "3"),
                        ops(NUMPY + "Add", "", X + ", " + row, "3")))
            assertGives(model.run(x), shape(4, 3), i -> x.getDouble(i) + i % 3 + 1);
    }

    /// Without a module (`.h5` of Keras 3) several arguments tell an operation from a layer.
    @Test
    void operationsOfFilesThatDoNotSayModules() {
        assertEach(x -> x + 1, ops("Add", "", X + ", 1.0", "3"));
        assertEach(x -> Math.max(x, 0), ops("Relu", "", X, "3"));
        var a = random(1, 4, 3);
        var b = random(2, 4, 3);
        assertGives(
                ops("Add", "", "[" + X + ", " + Y + "]", "3", "3").run(a, b),
                shape(4, 3),
                i -> a.getDouble(i) + b.getDouble(i));
    }

    @Test
    void conditions() {
        var a = random(2, 4, 3);
        var b = random(3, 4, 3);
        assertGives(
                node("where", "['x0', 0, 0, {'x': ['x1', 0, 0], 'y': 0.0}]", "3", "3").run(a, b),
                shape(4, 3),
                i -> a.getDouble(i) != 0 ? b.getDouble(i) : 0);
        assertGives(
                ops(NUMPY + "Where", "", X + ", " + Y + ", 0.0", "3", "3").run(a, b),
                shape(4, 3),
                i -> a.getDouble(i) != 0 ? b.getDouble(i) : 0);
    }

    /// Reductions of `[2, 3, 4]` over axis 1 or −2.
    private static void assertReduced(
            String ofTensorFlow, String ofKeras, ToDoubleFunction<double[]> f) {
        var x = random(5, 2, 3, 4);
        for (var model :
                List.of(
                        tf(ofTensorFlow, "'axis': -2, 'keepdims': true, 'name': null", "3, 4"),
                        ops(ofKeras, "'axis': 1, 'keepdims': true", X, "3, 4")))
            assertGives(
                    model.run(x),
                    shape(2, 1, 4),
                    i -> {
                        var column = new double[3];
                        for (int k = 0; k < 3; k++)
                            column[k] = x.getDouble(i / 4 * 12 + k * 4 + i % 4);
                        return f.applyAsDouble(column);
                    });
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / values.length;
    }

    @Test
    void reductions() {
        assertReduced("math.reduce_mean", NUMPY + "Mean", OperationsTest::mean);
        assertReduced("math.reduce_sum", NUMPY + "Sum", v -> Arrays.stream(v).sum());
        assertReduced("math.reduce_max", NUMPY + "Max", v -> Arrays.stream(v).max().orElseThrow());
        assertReduced("math.reduce_min", NUMPY + "Min", v -> Arrays.stream(v).min().orElseThrow());
        assertReduced("math.reduce_prod", NUMPY + "Prod", v -> v[0] * v[1] * v[2]);
        assertReduced("math.reduce_variance", NUMPY + "Var", OperationsTest::variance);
        assertReduced("math.reduce_std", NUMPY + "Std", v -> Math.sqrt(variance(v)));
        assertReduced(
                "math.reduce_logsumexp",
                "keras.src.ops.math:Logsumexp",
                v -> Math.log(Arrays.stream(v).map(Math::exp).sum()));
        assertReduced(
                "norm",
                "keras.src.ops.linalg:Norm",
                v -> Math.sqrt(Arrays.stream(v).map(e -> e * e).sum()));
        assertReduced("math.reduce_any", NUMPY + "Any", _ -> 1);
        assertReduced("math.reduce_all", NUMPY + "All", _ -> 1);
    }

    @Test
    void reductionsOverAllAndOverSeveral() {
        var x = random(6, 2, 3, 4);
        for (var model :
                List.of(
                        tf("math.reduce_mean", "'axis': [1, 2]", "3, 4"),
                        ops(NUMPY + "Mean", "'axis': [1, -1], 'keepdims': false", X, "3, 4")))
            assertGives(
                    model.run(x),
                    shape(2),
                    i -> {
                        double sum = 0;
                        for (int k = 0; k < 12; k++) sum += x.getDouble(i * 12 + k);
                        return sum / 12;
                    });
        double sum = 0;
        for (int i = 0; i < 24; i++) sum += x.getDouble(i);
        var all = ops(NUMPY + "Sum", "'axis': null, 'keepdims': false", X, "3, 4").run(x);
        assertEquals(sum, all.getDouble(0), 1e-5);
    }

    @Test
    void placesOfExtremes() {
        var x = Tensor.of(new float[] {1, 5, 2, 7, 0, 3}, 2, 3);
        for (var model :
                List.of(
                        tf("math.argmax", "'axis': -1, 'output_type': 'int64'", "3"),
                        ops(NUMPY + "Argmax", "'axis': 1, 'keepdims': false", X, "3")))
            assertGives(model.run(x), shape(2), i -> i == 0 ? 1 : 0);
        // without an axis TensorFlow takes the first, Keras 3 all
        assertGives(tf("math.argmin", "", "3").run(x), shape(3), i -> i == 1 ? 1 : 0);
        assertEquals(3, ops(NUMPY + "Argmax", "'axis': null", X, "3").run(x).getLong(0));
        assertGives(
                tf("math.cumsum", "'axis': 1", "3").run(x),
                shape(2, 3),
                i -> new double[] {1, 6, 8, 7, 7, 10}[i]);
        var both =
                Interpreter.run(
                        tf("math.top_k", "'k': 2, 'sorted': true", "3").importer().graph(),
                        List.of(x));
        assertGives(both.getFirst(), shape(2, 2), i -> new double[] {5, 2, 7, 3}[i]);
    }

    private static Tensor count(int... shape) {
        int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        var values = new float[size];
        for (int i = 0; i < size; i++) values[i] = i;
        return Tensor.of(values, shape);
    }

    private static void assertMoves(int[] shape, IntToDoubleFunction places, SmallModel... models) {
        for (var model : models) assertGives(model.run(count(2, 3, 4)), shape, places);
    }

    @Test
    void shapesChange() {
        assertMoves(
                shape(2, 12),
                i -> i,
                tf("reshape", "'shape': [-1, 12]", "3, 4"),
                ops(NUMPY + "Reshape", "'newshape': [-1, 12]", X, "3, 4"));
        assertMoves(
                shape(2, 4, 3),
                i -> i / 12 * 12 + i % 3 * 4 + i / 3 % 4,
                tf("transpose", "'perm': [0, 2, 1]", "3, 4"),
                tf("compat.v1.transpose", "'perm': [0, 2, 1]", "3, 4"),
                ops(NUMPY + "Transpose", "'axes': [0, 2, 1]", X, "3, 4"),
                ops(NUMPY + "Swapaxes", "'axis1': 1, 'axis2': -1", X, "3, 4"),
                ops(NUMPY + "Moveaxis", "'source': 2, 'destination': 1", X, "3, 4"));
        assertMoves(
                shape(2, 1, 3, 4),
                i -> i,
                tf("expand_dims", "'axis': 1", "3, 4"),
                ops(NUMPY + "ExpandDims", "'axis': 1", X, "3, 4"));
        assertMoves(
                shape(2, 6, 4),
                i -> i / 24 * 12 + i / 4 % 6 % 3 * 4 + i % 4,
                tf("tile", "'multiples': [1, 2, 1]", "3, 4"),
                ops(NUMPY + "Tile", "'repeats': [2, 1]", X, "3, 4"));
        assertMoves(
                shape(2, 6, 4),
                i -> i / 24 * 12 + i / 4 % 6 / 2 * 4 + i % 4,
                tf("repeat", "'repeats': 2, 'axis': 1", "3, 4"),
                ops(NUMPY + "Repeat", "'repeats': 2, 'axis': 1", X, "3, 4"));
        assertMoves(
                shape(2, 3, 4),
                i -> i / 12 * 12 + (2 - i / 4 % 3) * 4 + i % 4,
                tf("reverse", "'axis': [1]", "3, 4"),
                ops(NUMPY + "Flip", "'axis': 1", X, "3, 4"));
        assertMoves(
                shape(2, 3, 4),
                i -> i / 4 * 4 + (i % 4 + 3) % 4,
                tf("roll", "'shift': 1, 'axis': 2", "3, 4"),
                ops(NUMPY + "Roll", "'shift': 1, 'axis': 2", X, "3, 4"));
        assertMoves(
                shape(2, 4, 4),
                i -> i / 4 % 4 == 0 ? 9 : i / 16 * 12 + (i / 4 % 4 - 1) * 4 + i % 4,
                tf(
                        "pad",
                        "'paddings': [[0, 0], [1, 0], [0, 0]], 'mode': 'CONSTANT',"
                                + " 'constant_values': 9",
                        "3, 4"));
        assertMoves(
                shape(2, 3, 5),
                i -> i / 5 * 4 + (i % 5 == 0 ? 1 : i % 5 - 1),
                ops(
                        NUMPY + "Pad",
                        "'pad_width': [[0, 0], [0, 0], [1, 0]], 'mode': 'reflect'",
                        X,
                        "3, 4"));
        assertMoves(
                shape(2, 2, 4),
                i -> i / 8 * 12 + (i / 4 % 2 == 0 ? 2 : 0) * 4 + i % 4,
                tf("gather", "'indices': [2, 0], 'axis': 1", "3, 4"),
                ops(NUMPY + "Take", "'axis': 1", X + ", [2, 0]", "3, 4"));
    }

    private static String range(String start, String stop, String step) {
        return "{'start': %s, 'stop': %s, 'step': %s}".formatted(start, stop, step);
    }

    private static String laterRange(String start, String stop, String step) {
        return "{'class_name': '__slice__', 'config': " + range(start, stop, step) + "}";
    }

    private static final String DOTS = "{'class_name': '__ellipsis__', 'config': {}}";

    private static void assertSubscript(
            int[] shape, IntToDoubleFunction places, String ofKeras2, String ofKeras3) {
        assertMoves(
                shape,
                places,
                tf("__operators__.getitem", "'slice_spec': " + ofKeras2, "3, 4"),
                ops(NUMPY + "GetItem", "", X + ", " + ofKeras3, "3, 4"));
    }

    @Test
    void subscripts() {
        var all = range("null", "null", "null");
        var allLater = laterRange("null", "null", "null");
        assertSubscript(
                shape(2, 4),
                i -> i / 4 * 12 + 8 + i % 4,
                "[" + all + ", -1]",
                "[" + allLater + ", -1]");
        assertSubscript(
                shape(2, 2, 4),
                i -> i / 8 * 12 + 4 + i % 8,
                "[" + all + ", " + range("1", "null", "null") + "]",
                "[" + allLater + ", " + laterRange("1", "null", "null") + "]");
        assertSubscript(
                shape(2, 3, 2),
                i -> i / 2 * 4 + 3 - 2 * (i % 2),
                "[{'class_name': '__ellipsis__'}, " + range("null", "null", "-2") + "]",
                "[" + DOTS + ", " + laterRange("null", "null", "-2") + "]");
        assertSubscript(
                shape(2, 1, 4),
                i -> i / 4 * 12 + i % 4,
                "[" + all + ", null, 0]",
                "[" + allLater + ", null, 0]");
        assertSubscript(shape(2, 3, 4), i -> i, all, allLater); // not in a list
    }

    @Test
    void joiningAndCutting() {
        var a = random(1, 2, 3);
        var b = random(2, 2, 3);
        for (var model :
                List.of(
                        node(
                                "concat",
                                "[['x0', 0, 0, {'axis': -1}], ['x1', 0, 0, {'axis': -1}]]",
                                "3",
                                "3"),
                        ops(
                                NUMPY + "Concatenate",
                                "'axis': -1",
                                "[" + X + ", " + Y + "]",
                                "3",
                                "3")))
            assertGives(
                    model.run(a, b),
                    shape(2, 6),
                    i -> (i % 6 < 3 ? a : b).getDouble(i / 6 * 3 + i % 3));
        for (var model :
                List.of(
                        node(
                                "stack",
                                "[['x0', 0, 0, {'axis': 1}], ['x1', 0, 0, {'axis': 1}]]",
                                "3",
                                "3"),
                        ops(NUMPY + "Stack", "'axis': 1", "[" + X + ", " + Y + "]", "3", "3")))
            assertGives(
                    model.run(a, b),
                    shape(2, 2, 3),
                    i -> (i / 3 % 2 == 0 ? a : b).getDouble(i / 6 * 3 + i % 3));
        // the first part
        for (var model :
                List.of(
                        tf("split", "'num_or_size_splits': [1, -1], 'axis': 1", "3"),
                        ops(NUMPY + "Split", "'indices_or_sections': [1], 'axis': 1", X, "3"),
                        tf("split", "'num_or_size_splits': 3, 'axis': 1", "3")))
            assertGives(model.run(a), shape(2, 1), i -> a.getDouble(3 * i));
        assertGives(tf("unstack", "'axis': 1", "3").run(a), shape(2), i -> a.getDouble(3 * i));
    }

    @Test
    void products() {
        var a = random(1, 2, 3, 4);
        var b = random(2, 2, 4, 5);
        IntToDoubleFunction product =
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 4; k++)
                        sum +=
                                a.getDouble(i / 5 * 4 + k)
                                        * b.getDouble(i / 15 * 20 + k * 5 + i % 5);
                    return sum;
                };
        for (var model :
                List.of(
                        tf("linalg.matmul", "'b': ['x1', 0, 0]", "3, 4", "4, 5"),
                        ops(NUMPY + "Matmul", "", X + ", " + Y, "3, 4", "4, 5"),
                        ops(
                                NUMPY + "Einsum",
                                "'subscripts': 'bij,bjk->bik'",
                                X + ", " + Y,
                                "3, 4",
                                "4, 5"))) assertGives(model.run(a, b), shape(2, 3, 5), product);
        var c = random(3, 2, 5, 4);
        assertGives(
                tf("linalg.matmul", "'b': ['x1', 0, 0], 'transpose_b': true", "3, 4", "5, 4")
                        .run(a, c),
                shape(2, 3, 5),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 4; k++)
                        sum +=
                                a.getDouble(i / 5 * 4 + k)
                                        * c.getDouble(i / 15 * 20 + i % 5 * 4 + k);
                    return sum;
                });
        var matrix = "[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]";
        var x = random(4, 2, 3);
        assertGives(
                tf("tensordot", "'b': " + matrix + ", 'axes': 1", "3").run(x),
                shape(2, 2),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 3; k++)
                        sum += x.getDouble(i / 2 * 3 + k) * (1 + 2 * k + i % 2);
                    return sum;
                });
    }

    @Test
    void normalizations() {
        var x = random(1, 2, 3);
        for (var model :
                List.of(
                        tf("nn.softmax", "'axis': -1", "3"),
                        tf("nn.softmax", "'axis': null", "3"),
                        ops(NN + "Softmax", "'axis': 1", X, "3")))
            assertGives(
                    model.run(x),
                    shape(2, 3),
                    i -> {
                        double sum = 0;
                        for (int k = 0; k < 3; k++) sum += Math.exp(x.getDouble(i / 3 * 3 + k));
                        return Math.exp(x.getDouble(i)) / sum;
                    });
        for (var model :
                List.of(
                        tf("math.l2_normalize", "'axis': 1, 'epsilon': 1e-12", "3"),
                        ops(NN + "Normalize", "'axis': -1, 'order': 2, 'epsilon': null", X, "3")))
            assertGives(
                    model.run(x),
                    shape(2, 3),
                    i -> {
                        double sum = 0;
                        for (int k = 0; k < 3; k++) sum += Math.pow(x.getDouble(i / 3 * 3 + k), 2);
                        return x.getDouble(i) / Math.sqrt(sum);
                    });
    }

    @Test
    void categoriesAndWindows() {
        var indices = Tensor.of(new float[] {0, 2, 3, 1}, 2, 2);
        for (var model :
                List.of(
                        tf("one_hot", "'depth': 4", "2"),
                        ops(NN + "OneHot", "'num_classes': 4, 'axis': -1", X, "2")))
            assertGives(
                    model.run(indices),
                    shape(2, 2, 4),
                    i -> indices.getDouble(i / 4) == i % 4 ? 1 : 0);
        var image = random(1, 1, 4, 4, 2);
        for (var model :
                List.of(
                        tf(
                                "nn.max_pool2d",
                                "'ksize': [1, 2, 2, 1], 'strides': 2, 'padding': 'VALID'",
                                "4, 4, 2"),
                        ops(
                                NN + "MaxPool",
                                "'pool_size': 2, 'strides': null, 'padding': 'valid',"
                                        + " 'data_format': 'channels_last'",
                                X,
                                "4, 4, 2")))
            assertGives(
                    model.run(image),
                    shape(1, 2, 2, 2),
                    i -> {
                        double most = -9;
                        for (int dy = 0; dy < 2; dy++)
                            for (int dx = 0; dx < 2; dx++)
                                most =
                                        Math.max(
                                                most,
                                                image.getDouble(
                                                        ((i / 4 * 2 + dy) * 4 + i / 2 % 2 * 2 + dx)
                                                                        * 2
                                                                + i % 2));
                        return most;
                    });
        for (var model :
                List.of(
                        tf("image.resize", "'size': [8, 8], 'method': 'nearest'", "4, 4, 2"),
                        ops(
                                "keras.src.ops.image:Resize",
                                "'size': [8, 8], 'interpolation': 'nearest'",
                                X,
                                "4, 4, 2")))
            assertGives(
                    model.run(image),
                    shape(1, 8, 8, 2),
                    i -> image.getDouble((i / 16 / 2 * 4 + i / 2 % 8 / 2) * 2 + i % 2));
        var blocks = random(2, 1, 2, 2, 4);
        assertGives(
                tf("nn.depth_to_space", "'block_size': 2", "2, 2, 4").run(blocks),
                shape(1, 4, 4, 1),
                i -> blocks.getDouble((i / 4 / 2 * 2 + i % 4 / 2) * 4 + i / 4 % 2 * 2 + i % 4 % 2));
    }

    /// `tf.reshape(x, [tf.shape(x)[0], -1, 2])`: extents that the model computes, of a batch that
    /// is a symbol.
    @Test
    void shapesThatTheModelComputes() {
        var model =
                "{'class_name': 'Functional', 'config': {'name': 'm', 'layers': [{'class_name':"
                        + " 'InputLayer', 'name': 'x', 'config': {'name': 'x', 'batch_input_shape':"
                        + " [null, 3, 4]}, 'inbound_nodes': []}, {'class_name': 'TFOpLambda', 'name':"
                        + " 's', 'config': {'name': 's', 'function': 'compat.v1.shape'},"
                        + " 'inbound_nodes': [['x', 0, 0, {'out_type': 'int32'}]]}, {'class_name':"
                        + " 'SlicingOpLambda', 'name': 'n', 'config': {'name': 'n', 'function':"
                        + " '__operators__.getitem'}, 'inbound_nodes': [['s', 0, 0, {'slice_spec':"
                        + " 0}]]}, {'class_name': 'TFOpLambda', 'name': 'd', 'config': {'name': 'd',"
                        + " 'function': 'reshape'}, 'inbound_nodes': [['x', 0, 0, {'shape': [['n', 0,"
                        + " 0], -1, 2]}]]}], 'input_layers': [['x', 0, 0]], 'output_layers': [['d', 0,"
                        + " 0]]}}";
        var graph = SmallModel.written("2.9.0", model, Map.of()).importer().graph();
        assertEquals("float32[N, 6, 2]", graph.outputs().getFirst().type().toString());
        var y = Interpreter.run(graph, List.of(count(2, 3, 4))).getFirst();
        assertGives(y, shape(2, 6, 2), i -> i);
    }

    /// An operation as TensorFlow 2.0 … 2.3 wrote it.
    private static SmallModel raw(
            String op, int inputs, String attributes, String constants, String... shapes) {
        var tensors =
                shapes.length == 1 ? "['x0', 0, 0, {}]" : "['x0', 0, 0, {}], ['x1', 0, 0, {}]";
        var names = new String[inputs];
        Arrays.fill(names, "'input'");
        return SmallModel.functional(
                "2.3.0-tf",
                "TensorFlowOpLayer",
                "'trainable': true, 'dtype': 'float32', 'node_def': {'name': 'd', 'op': '"
                        + op
                        + "', 'input': "
                        + Arrays.toString(names)
                        + ", 'attr': {'T': {'type': 'DT_FLOAT'}"
                        + (attributes.isEmpty() ? "" : ", " + attributes)
                        + "}}, 'constants': {"
                        + constants
                        + "}",
                List.of(shapes),
                "[[" + tensors + "]]");
    }

    @Test
    void rawOperations() {
        assertEach(x -> x + 2, raw("AddV2", 2, "", "'1': 2.0", "3"));
        assertEach(x -> 1 - x, raw("Sub", 2, "", "'0': 1.0", "3"));
        assertEach(x -> Math.max(x, 0), raw("Relu", 1, "", "", "3"));
        assertEach(x -> x < 0 ? 0.5 * x : x, raw("LeakyRelu", 1, "'alpha': {'f': 0.5}", "", "3"));
        var x = random(5, 2, 3, 4);
        assertGives(
                raw("Mean", 2, "'keep_dims': {'b': true}", "'1': [1]", "3, 4").run(x),
                shape(2, 1, 4),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 3; k++) sum += x.getDouble(i / 4 * 12 + k * 4 + i % 4);
                    return sum / 3;
                });
        assertMoves(
                shape(2, 4, 3),
                i -> i / 12 * 12 + i % 3 * 4 + i / 3 % 4,
                raw("Transpose", 2, "", "'1': [0, 2, 1]", "3, 4"));
        assertMoves(shape(2, 1, 3, 4), i -> i, raw("ExpandDims", 2, "", "'1': 1", "3, 4"));
        // x[:, 1:, -1]
        assertMoves(
                shape(2, 2),
                i -> i / 2 * 12 + (i % 2 + 1) * 4 + 3,
                raw(
                        "StridedSlice",
                        4,
                        "'begin_mask': {'i': '1'}, 'end_mask': {'i': '3'}, 'shrink_axis_mask':"
                                + " {'i': '4'}, 'ellipsis_mask': {'i': '0'}, 'new_axis_mask':"
                                + " {'i': '0'}",
                        "'1': [0, 1, -1], '2': [0, 0, 0], '3': [1, 1, 1]",
                        "3, 4"));
        var large = Tensor.of(new float[] {-2.7f, 1.9f, 3.2f}, 1, 3);
        assertGives(
                raw("Cast", 1, "'DstT': {'type': 'DT_INT32'}", "", "3").run(large),
                shape(1, 3),
                i -> (int) large.getDouble(i));
        var a = random(1, 2, 3);
        var b = random(2, 2, 3);
        assertGives(
                raw("ConcatV2", 3, "'N': {'i': '2'}", "'2': 1", "3", "3").run(a, b),
                shape(2, 6),
                i -> (i % 6 < 3 ? a : b).getDouble(i / 6 * 3 + i % 3));
        assertEquals(
                "TensorFlowOpLayer 'd': operation: expected a function of TensorFlow that is known"
                        + " here (write it as a class of a layer, and a CustomLayer for that), got"
                        + " 'Betainc'",
                message(raw("Betainc", 1, "", "", "3")));
        assertEquals(
                "TensorFlowOpLayer 'd': inputs: expected 2, got 1",
                message(raw("AddV2", 2, "", "", "3")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    signal.fft | 'name': null | operation: expected a function of TensorFlow that is known here (write it as a class of a layer, and a CustomLayer for that), got 'signal.fft'
                    sparse.add | 'y': 1.0 | operation: expected a function of TensorFlow that is known here (write it as a class of a layer, and a CustomLayer for that), got 'sparse.add'
                    math.add | 'y': 1.0, 'extra': 3 | call argument 'extra': expected none, got 3
                    math.add | 'name': null | y of math.add: expected a tensor, got none
                    cast | 'dtype': 'complex64' | dtype of cast: expected a type of numbers, got complex64
                    math.reduce_mean | 'axis': 2 | axis of math.reduce_mean: expected an axis of 2, got 2
                    math.reduce_mean | 'axis': 1, 'keepdims': 3 | keepdims of math.reduce_mean: expected true or false, got 3
                    math.reduce_mean | 'axis': 'a' | axis of math.reduce_mean: expected integers, got a
                    split | 'num_or_size_splits': 2, 'axis': 1 | number of parts of split: expected a divisor of 3, got 2
                    pad | 'paddings': [[1, 0]], 'mode': 'ODD' | mode of pad: expected constant, reflect, edge or wrap, got 'odd'
                    pad | 'paddings': [[1, 0, 1]] | paddings of pad: expected a pair for each axis of [N, 3], got [[1, 0, 1]]
                    one_hot | 'depth': 0 | depth of one_hot: expected 1 or more, got 0
                    image.resize | 'size': [4, 4] | images of image.resize: expected rank 4, got [N, 3]
                    nn.max_pool2d | 'ksize': 2 | input of nn.max_pool2d: expected rank 3, 4 or 5, got [N, 3]
                    tile | 'name': null | repeats of tile: expected integers, got none
                    roll | 'shift': 1 | shift of roll: expected one for each axis of null, got [1]
                    norm | 'ord': 3 | ord of norm: expected the Euclidean norm, or 1 of vectors, got 3
                    nn.depth_to_space | 'block_size': 2 | input of nn.depth_to_space: expected rank 4, got [N, 3]
                    """)
    void whatIsRefused(String function, String named, String message) {
        assertEquals("TFOpLambda 'd': " + message, message(tf(function, named, "3")));
    }

    /// {@return the complaint about a model, without its file}
    private static String message(SmallModel model) {
        var thrown = assertThrows(GraphException.class, () -> model.importer().graph());
        return String.valueOf(thrown.getMessage()).replaceFirst(" \\([^()]*\\.h5\\)", "");
    }

    @Test
    void unknownOperationsOfKeras() {
        assertEquals(
                "FFT 'd': operation: expected an operation of Keras that is known here (write it"
                        + " as a class of a layer, and a CustomLayer for that), got 'FFT'",
                message(ops("keras.src.ops.math:FFT", "", X, "3")));
        assertEquals(
                "Add 'd': argument 2 of Add: expected none, got 2.0",
                message(ops(NUMPY + "Add", "", X + ", 1.0, 2.0", "3")));
        assertEquals(
                "GetItem 'd': subscript of GetItem: expected at most 2 entries, got [0, 0, 0]",
                message(ops(NUMPY + "GetItem", "", X + ", [0, 0, 0]", "3")));
        assertEquals(
                "Mean 'd': attribute 'other': expected one that this layer is known to have, got 1",
                message(ops(NUMPY + "Mean", "'axis': 1, 'other': 1", X, "3")));
    }
}
