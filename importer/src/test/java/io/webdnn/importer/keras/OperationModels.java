package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/// Models of one function on tensors, as Keras 2 and Keras 3 write it, and what it must give.
final class OperationModels {
    static final double TOLERANCE = 2e-5;
    static final String NUMPY = "keras.src.ops.numpy:";
    static final String NN = "keras.src.ops.nn:";
    static final String X = tensor("x0");
    static final String Y = tensor("x1");

    private OperationModels() {}

    static String tensor(String name) {
        return "{'class_name': '__keras_tensor__', 'config': {'shape': [null, 3], 'dtype':"
                + " 'float32', 'keras_history': ['"
                + name
                + "', 0, 0]}}";
    }

    /// A call of TensorFlow's function on `x0`; other arguments by name, `x1` being `['x1', 0, 0]`.
    static SmallModel tf(String function, String named, String... shapes) {
        return node(function, "['x0', 0, 0, {" + named + "}]", shapes);
    }

    static SmallModel node(String function, String node, String... shapes) {
        var kind = function.contains("getitem") ? "SlicingOpLambda" : "TFOpLambda";
        return SmallModel.functional(
                "2.9.0",
                kind,
                "'trainable': true, 'dtype': 'float32', 'function': '" + function + "'",
                List.of(shapes),
                "[" + node + "]");
    }

    /// A call of an operation of Keras 3, with arguments by place.
    static SmallModel ops(String kind, String attributes, String arguments, String... shapes) {
        return SmallModel.functional(
                "3.5.0",
                kind,
                attributes,
                List.of(shapes),
                "[{'args': [" + arguments + "], 'kwargs': {}}]");
    }

    static Tensor random(int seed, int... shape) {
        return SmallModel.random(seed, shape);
    }

    static int[] shape(int... extents) {
        return extents;
    }

    static void assertGives(Tensor actual, int[] shape, IntToDoubleFunction expected) {
        assertEquals(Arrays.toString(shape), Arrays.toString(actual.shape()));
        var values = new double[actual.size()];
        var given = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = expected.applyAsDouble(i);
            given[i] = actual.getDouble(i);
        }
        assertArrayEquals(values, given, TOLERANCE);
    }

    static void assertEach(DoubleUnaryOperator expected, SmallModel... models) {
        var x = random(1, 4, 3);
        for (var model : models)
            assertGives(model.run(x), shape(4, 3), i -> expected.applyAsDouble(x.getDouble(i)));
    }

    static Tensor count(int... shape) {
        int size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        var values = new float[size];
        for (int i = 0; i < size; i++) values[i] = i;
        return Tensor.of(values, shape);
    }

    static void assertMoves(int[] shape, IntToDoubleFunction places, SmallModel... models) {
        for (var model : models) assertGives(model.run(count(2, 3, 4)), shape, places);
    }

    /// {@return the complaint about a model, without its file}
    static String message(SmallModel model) {
        var thrown = assertThrows(GraphException.class, () -> model.importer().graph());
        return String.valueOf(thrown.getMessage()).replaceFirst(" \\([^()]*\\.h5\\)", "");
    }
}
