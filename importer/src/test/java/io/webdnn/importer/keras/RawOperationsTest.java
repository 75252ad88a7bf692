package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationModels.assertEach;
import static io.webdnn.importer.keras.OperationModels.assertGives;
import static io.webdnn.importer.keras.OperationModels.assertMoves;
import static io.webdnn.importer.keras.OperationModels.message;
import static io.webdnn.importer.keras.OperationModels.random;
import static io.webdnn.importer.keras.OperationModels.shape;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Raw operations of TensorFlow, in models of Keras 2 with TensorFlow and of Keras 3, against the
/// formulas of their documentation in plain loops.
final class RawOperationsTest {
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
}
