package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationModels.NUMPY;
import static io.webdnn.importer.keras.OperationModels.X;
import static io.webdnn.importer.keras.OperationModels.Y;
import static io.webdnn.importer.keras.OperationModels.assertGives;
import static io.webdnn.importer.keras.OperationModels.assertMoves;
import static io.webdnn.importer.keras.OperationModels.count;
import static io.webdnn.importer.keras.OperationModels.node;
import static io.webdnn.importer.keras.OperationModels.ops;
import static io.webdnn.importer.keras.OperationModels.random;
import static io.webdnn.importer.keras.OperationModels.shape;
import static io.webdnn.importer.keras.OperationModels.tf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.webdnn.graph.interpret.Interpreter;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Functions that change shapes, in models of Keras 2 with TensorFlow and of Keras 3, against the
/// formulas of their documentation in plain loops.
final class ShapeOperationsTest {
    private static final String DOTS = "{'class_name': '__ellipsis__', 'config': {}}";

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
}
