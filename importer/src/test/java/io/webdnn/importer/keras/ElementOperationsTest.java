package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationModels.NN;
import static io.webdnn.importer.keras.OperationModels.NUMPY;
import static io.webdnn.importer.keras.OperationModels.X;
import static io.webdnn.importer.keras.OperationModels.Y;
import static io.webdnn.importer.keras.OperationModels.assertEach;
import static io.webdnn.importer.keras.OperationModels.assertGives;
import static io.webdnn.importer.keras.OperationModels.node;
import static io.webdnn.importer.keras.OperationModels.ops;
import static io.webdnn.importer.keras.OperationModels.random;
import static io.webdnn.importer.keras.OperationModels.shape;
import static io.webdnn.importer.keras.OperationModels.tf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/// Functions of single elements, and of two, in models of Keras 2 with TensorFlow and of Keras 3,
/// against the formulas of their documentation in plain loops.
final class ElementOperationsTest {
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
                ElementOperationsTest::gelu,
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
}
