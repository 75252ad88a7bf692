package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationModels.NUMPY;
import static io.webdnn.importer.keras.OperationModels.X;
import static io.webdnn.importer.keras.OperationModels.Y;
import static io.webdnn.importer.keras.OperationModels.assertEach;
import static io.webdnn.importer.keras.OperationModels.assertGives;
import static io.webdnn.importer.keras.OperationModels.message;
import static io.webdnn.importer.keras.OperationModels.ops;
import static io.webdnn.importer.keras.OperationModels.random;
import static io.webdnn.importer.keras.OperationModels.shape;
import static io.webdnn.importer.keras.OperationModels.tf;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is refused, and files that say less, in models of Keras 2 with TensorFlow and of Keras 3,
/// against the formulas of their documentation in plain loops.
final class OperationsTest {
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
