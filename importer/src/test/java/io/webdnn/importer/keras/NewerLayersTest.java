package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Layers for which no outputs of Keras are at hand, against the formulas of its documentation in
/// plain loops.
final class NewerLayersTest {
    private static final float TOLERANCE = 2e-5f;

    private static void assertGives(Tensor actual, int[] shape, IntToDoubleFunction expected) {
        assertEquals(Arrays.toString(shape), Arrays.toString(actual.shape()));
        var values = new float[actual.size()];
        for (int i = 0; i < values.length; i++) values[i] = (float) expected.applyAsDouble(i);
        var given = new float[values.length];
        for (int i = 0; i < given.length; i++) given[i] = (float) actual.getDouble(i);
        assertArrayEquals(values, given, TOLERANCE);
    }

    private static int[] shape(int... extents) {
        return extents;
    }

    private static Tensor random(int seed, int... shape) {
        return SmallModel.random(seed, shape);
    }

    @Test
    void groupNormalization() {
        var x = random(1, 2, 3, 6); // [N, T, C]
        var gamma = random(2, 6);
        var beta = random(3, 6);
        var y =
                SmallModel.of(
                                "3.3.0",
                                "GroupNormalization",
                                "'groups': 3, 'axis': -1, 'epsilon': 0.01",
                                "3, 6",
                                gamma,
                                beta)
                        .run(x);
        assertGives(
                y,
                shape(2, 3, 6),
                i -> {
                    int n = i / 18;
                    int c = i % 6;
                    int group = c / 2;
                    double sum = 0;
                    double squares = 0;
                    for (int t = 0; t < 3; t++)
                        for (int k = 0; k < 2; k++)
                            sum += x.getDouble(n * 18 + t * 6 + group * 2 + k);
                    double mean = sum / 6;
                    for (int t = 0; t < 3; t++)
                        for (int k = 0; k < 2; k++)
                            squares +=
                                    Math.pow(x.getDouble(n * 18 + t * 6 + group * 2 + k) - mean, 2);
                    return (x.getDouble(i) - mean)
                                    / Math.sqrt(squares / 6 + 0.01)
                                    * gamma.getDouble(c)
                            + beta.getDouble(c);
                });
    }

    @Test
    void groupsOfChannelsThatStandFirst() {
        var x = random(1, 2, 4, 3);
        var y =
                SmallModel.of(
                                "3.3.0",
                                "GroupNormalization",
                                "'groups': -1, 'axis': 1, 'scale': false, 'center': false",
                                "4, 3")
                        .run(x);
        assertGives(
                y,
                shape(2, 4, 3),
                i -> {
                    int row = i / 3 * 3;
                    double mean =
                            (x.getDouble(row) + x.getDouble(row + 1) + x.getDouble(row + 2)) / 3;
                    double squares = 0;
                    for (int k = 0; k < 3; k++) squares += Math.pow(x.getDouble(row + k) - mean, 2);
                    return (x.getDouble(i) - mean) / Math.sqrt(squares / 3 + 1e-3);
                });
    }

    @Test
    void layerNormalizationOverTwoAxes() {
        var x = random(4, 2, 3, 4);
        var gamma = random(5, 3, 4);
        var beta = random(6, 3, 4);
        var y =
                SmallModel.of("2.9.0", "LayerNormalization", "'axis': [1, 2]", "3, 4", gamma, beta)
                        .run(x);
        assertGives(
                y,
                shape(2, 3, 4),
                i -> {
                    int n = i / 12;
                    double mean = 0;
                    double variance = 0;
                    for (int k = 0; k < 12; k++) mean += x.getDouble(n * 12 + k) / 12;
                    for (int k = 0; k < 12; k++)
                        variance += Math.pow(x.getDouble(n * 12 + k) - mean, 2) / 12;
                    return (x.getDouble(i) - mean)
                                    / Math.sqrt(variance + 1e-3)
                                    * gamma.getDouble(i % 12)
                            + beta.getDouble(i % 12);
                });
    }

    @Test
    void rootMeanSquares() {
        var x = random(7, 2, 5);
        var scale = random(8, 5);
        var own =
                SmallModel.of(
                        "3.9.0", "RMSNormalization", "'axis': -1, 'epsilon': 1e-6", "5", scale);
        var layer =
                SmallModel.of(
                        "3.3.0",
                        "LayerNormalization",
                        "'rms_scaling': true, 'epsilon': 1e-6, 'center': true",
                        "5",
                        scale);
        for (var model : List.of(own, layer)) {
            assertGives(
                    model.run(x),
                    shape(2, 5),
                    i -> {
                        double squares = 0;
                        for (int k = 0; k < 5; k++)
                            squares += Math.pow(x.getDouble(i / 5 * 5 + k), 2);
                        return x.getDouble(i)
                                / Math.sqrt(squares / 5 + 1e-6)
                                * scale.getDouble(i % 5);
                    });
        }
    }

    @Test
    void unitNormalization() {
        var x = random(9, 2, 3, 4);
        assertGives(
                SmallModel.of("3.3.0", "UnitNormalization", "'axis': [1, 2]", "3, 4").run(x),
                shape(2, 3, 4),
                i -> {
                    double squares = 0;
                    for (int k = 0; k < 12; k++)
                        squares += Math.pow(x.getDouble(i / 12 * 12 + k), 2);
                    return x.getDouble(i) / Math.sqrt(squares);
                });
    }

    @Test
    void spectralNormalizationHasItsKernelAsTrained() throws Exception {
        var x = random(1, 2, 3);
        var kernel = random(2, 3, 2);
        var inner =
                "'layer': {'class_name': 'Dense', 'config': {'name': 'e', 'units': 2, 'use_bias': false}}, 'power_iterations': 1";
        var root = new io.webdnn.tensor.hdf5.Hdf5Group();
        root.put(
                "model_config",
                ("{'class_name': 'Sequential', 'config': {'name': 's', 'layers': [{'class_name': 'InputLayer', 'config': {'name': 'x', 'batch_input_shape': [null, 3]}}, {'class_name': 'SpectralNormalization', 'config': {'name': 'd', "
                                + inner
                                + "}}]}}")
                        .replace('\'', '"'));
        root.put("keras_version", "2.14.0");
        var layer = root.putGroup("model_weights").putGroup("d");
        layer.put("weight_names", List.of("d/kernel:0", "d/sn_u:0"));
        var inside = layer.putGroup("d");
        inside.put("kernel:0", kernel);
        inside.put("sn_u:0", random(3, 1, 2));
        var file = java.nio.file.Files.createTempFile("model", ".h5");
        io.webdnn.tensor.hdf5.Hdf5File.write(file, root);
        var y =
                io.webdnn.graph.interpret.Interpreter.run(
                                KerasImporter.read(file).graph(), List.of(x))
                        .getFirst();
        java.nio.file.Files.delete(file);
        assertGives(
                y,
                shape(2, 2),
                i -> {
                    double sum = 0;
                    for (int k = 0; k < 3; k++)
                        sum += x.getDouble(i / 2 * 3 + k) * kernel.getDouble(k * 2 + i % 2);
                    return sum;
                });
    }

    @Test
    void einsumDense() {
        var x = random(10, 2, 3, 4);
        var kernel = random(11, 4, 5, 2);
        var bias = random(12, 5, 2);
        for (var equation : List.of("abc,cde->abde", "...c,cde->...de")) {
            assertGives(
                    SmallModel.of(
                                    "3.3.0",
                                    "EinsumDense",
                                    "'equation': '"
                                            + equation
                                            + "', 'output_shape': [null, 5, 2], 'bias_axes': 'de', 'activation': 'relu'",
                                    "3, 4",
                                    kernel,
                                    bias)
                            .run(x),
                    shape(2, 3, 5, 2),
                    i -> {
                        double sum = bias.getDouble(i % 10);
                        for (int c = 0; c < 4; c++)
                            sum += x.getDouble(i / 10 * 4 + c) * kernel.getDouble(c * 10 + i % 10);
                        return Math.max(0, sum);
                    });
        }
    }

    // Preprocessing

    @Test
    void rescaling() {
        var x = random(13, 2, 3);
        assertGives(
                SmallModel.of("2.9.0", "Rescaling", "'scale': 0.5, 'offset': [1, 2, 3]", "3")
                        .run(x),
                shape(2, 3),
                i -> x.getDouble(i) * 0.5 + i % 3 + 1);
    }

    @Test
    void normalization() {
        var x = random(14, 2, 3);
        var mean = random(15, 3);
        var variance = Tensor.of(new float[] {0.25f, 4, 0}, 3);
        var count = Tensor.of(new float[] {7}, new int[0]);
        var keras2 =
                SmallModel.of(
                        "2.9.0",
                        "Normalization",
                        "'axis': [-1], 'mean': null, 'variance': null",
                        "3",
                        mean,
                        variance,
                        count);
        var keras3 =
                SmallModel.of(
                        "3.3.0",
                        "Normalization",
                        "'axis': [1], 'invert': false",
                        "3",
                        mean,
                        variance);
        for (var model : List.of(keras2, keras3)) {
            assertGives(
                    model.run(
                            Tensor.of(
                                    new float[] {1, 2, mean.floats()[2], 3, 4, mean.floats()[2]},
                                    2,
                                    3)),
                    shape(2, 3),
                    i ->
                            i % 3 == 2
                                    ? 0
                                    : ((new double[] {1, 2, 0, 3, 4, 0})[i] - mean.getDouble(i % 3))
                                            / Math.sqrt(variance.getDouble(i % 3)));
        }
        assertGives(
                SmallModel.of(
                                "3.3.0",
                                "Normalization",
                                "'axis': null, 'mean': 3.0, 'variance': 4.0",
                                "3")
                        .run(x),
                shape(2, 3),
                i -> (x.getDouble(i) - 3) / 2);
        assertGives(
                SmallModel.of(
                                "3.3.0",
                                "Normalization",
                                "'axis': null, 'mean': 3.0, 'variance': 4.0, 'invert': true",
                                "3")
                        .run(x),
                shape(2, 3),
                i -> x.getDouble(i) * 2 + 3);
    }

    @Test
    void resizingBetweenPixels() {
        var x = random(16, 1, 4, 6, 2);
        var bilinear =
                SmallModel.of(
                                "2.9.0",
                                "Resizing",
                                "'height': 7, 'width': 3, 'interpolation': 'bilinear'",
                                "4, 6, 2")
                        .run(x);
        assertGives(
                bilinear,
                shape(1, 7, 3, 2),
                i -> {
                    double row = (Math.floorDiv(i, 6) + 0.5) * 4 / 7.0 - 0.5;
                    double column = (i / 2 % 3 + 0.5) * 6 / 3.0 - 0.5;
                    double sum = 0;
                    for (int a = 0; a < 2; a++) {
                        for (int b = 0; b < 2; b++) {
                            int r = (int) Math.floor(row) + a;
                            int c = (int) Math.floor(column) + b;
                            double share = (1 - Math.abs(row - r)) * (1 - Math.abs(column - c));
                            r = Math.clamp(r, 0, 3);
                            c = Math.clamp(c, 0, 5);
                            sum += share * x.getDouble((r * 6 + c) * 2 + i % 2);
                        }
                    }
                    return sum;
                });
        var nearest =
                SmallModel.of(
                                "2.9.0",
                                "Resizing",
                                "'height': 7, 'width': 3, 'interpolation': 'nearest'",
                                "4, 6, 2")
                        .run(x);
        assertGives(
                nearest,
                shape(1, 7, 3, 2),
                i -> {
                    int r = (int) Math.floor((Math.floorDiv(i, 6) + 0.5) * 4 / 7);
                    int c = (int) Math.floor((i / 2 % 3 + 0.5) * 2);
                    return x.getDouble((r * 6 + c) * 2 + i % 2);
                });
    }

    @Test
    void upSamplingBetweenPixels() {
        var x = Tensor.of(new float[] {0, 1}, 1, 1, 2, 1);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "UpSampling2D",
                                "'size': [1, 2], 'interpolation': 'bilinear'",
                                "1, 2, 1")
                        .run(x),
                shape(1, 1, 4, 1),
                i -> new double[] {0, 0.25, 0.75, 1}[i]);
    }

    @Test
    void resizingKeepsProportions() {
        var x = random(17, 1, 4, 8, 1);
        // the middle 4 × 4, then every second
        var cropped =
                SmallModel.of(
                                "3.3.0",
                                "Resizing",
                                "'height': 2, 'width': 2, 'interpolation': 'nearest', 'crop_to_aspect_ratio': true",
                                "4, 8, 1")
                        .run(x);
        assertGives(
                cropped,
                shape(1, 2, 2, 1),
                i -> x.getDouble((i / 2 * 2 + 1) * 8 + 2 + i % 2 * 2 + 1));
        // two rows of 9 above and below, then every second
        var padded =
                SmallModel.of(
                                "3.3.0",
                                "Resizing",
                                "'height': 4, 'width': 4, 'interpolation': 'nearest', 'pad_to_aspect_ratio': true, 'fill_value': 9.0",
                                "4, 8, 1")
                        .run(x);
        assertGives(
                padded,
                shape(1, 4, 4, 1),
                i ->
                        i / 4 == 0 || i / 4 == 3
                                ? 9
                                : x.getDouble((i / 4 * 2 - 1) * 8 + i % 4 * 2 + 1));
    }

    @Test
    void centerCrop() {
        var x = random(18, 1, 5, 6, 1);
        var y = SmallModel.of("2.9.0", "CenterCrop", "'height': 2, 'width': 3", "5, 6, 1").run(x);
        assertGives(y, shape(1, 2, 3, 1), i -> x.getDouble((i / 3 + 1) * 6 + i % 3 + 1));
    }

    @Test
    void categories() {
        var x = Tensor.of(new float[] {0, 2, 2, 3, 1, 0}, 2, 3);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "CategoryEncoding",
                                "'num_tokens': 4, 'output_mode': 'multi_hot'",
                                "3")
                        .run(x),
                shape(2, 4),
                i -> new double[] {1, 0, 1, 0, 1, 1, 0, 1}[i]);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "CategoryEncoding",
                                "'num_tokens': 4, 'output_mode': 'count'",
                                "3")
                        .run(x),
                shape(2, 4),
                i -> new double[] {1, 0, 2, 0, 1, 1, 0, 1}[i]);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "CategoryEncoding",
                                "'num_tokens': 4, 'output_mode': 'one_hot'",
                                "1")
                        .run(Tensor.of(new float[] {3, 1}, 2, 1)),
                shape(2, 4),
                i -> new double[] {0, 0, 0, 1, 0, 1, 0, 0}[i]);
        assertGives(
                SmallModel.functional(
                                "2.9.0",
                                "CategoryEncoding",
                                "'num_tokens': 3, 'output_mode': 'count'",
                                List.of("2", "2"),
                                "[[['x0', 0, 0, {'count_weights': ['x1', 0, 0]}]]]")
                        .run(
                                Tensor.of(new float[] {2, 2}, 1, 2),
                                Tensor.of(new float[] {0.5f, 3}, 1, 2)),
                shape(1, 3),
                i -> new double[] {0, 0, 3.5}[i]);
    }

    @Test
    void discretization() {
        var x = Tensor.of(new float[] {-1, 0, 0.5f, 1, 7}, 1, 5);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "Discretization",
                                "'bin_boundaries': [0.0, 1.0, 2.0], 'output_mode': 'int'",
                                "5")
                        .run(x),
                shape(1, 5),
                i -> new double[] {0, 1, 1, 2, 3}[i]);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "Discretization",
                                "'bin_boundaries': [0.0, 1.0, 2.0], 'output_mode': 'count'",
                                "5")
                        .run(x),
                shape(1, 4),
                i -> new double[] {1, 2, 1, 1}[i]);
    }

    @Test
    void integerLookup() {
        var x = Tensor.of(new float[] {12, 36, 5, 0}, 1, 4);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "IntegerLookup",
                                "'vocabulary': [12, 36, 1138], 'mask_token': 0, 'output_mode': 'int'",
                                "4")
                        .run(x),
                shape(1, 4),
                i -> new double[] {2, 3, 1, 0}[i]);
        assertGives(
                SmallModel.of(
                                "2.9.0",
                                "IntegerLookup",
                                "'vocabulary': [12, 36, 1138], 'mask_token': null, 'output_mode': 'multi_hot'",
                                "4")
                        .run(x),
                shape(1, 4),
                i -> new double[] {1, 1, 1, 0}[i]);
    }

    @Test
    void whatVariesImagesInTrainingDoesNothing() {
        var x = random(19, 1, 2, 2, 1);
        assertGives(
                SmallModel.of("3.3.0", "RandomFlip", "'mode': 'horizontal', 'seed': 1", "2, 2, 1")
                        .run(x),
                shape(1, 2, 2, 1),
                x::getDouble);
    }

    // Activations

    private static void assertActivation(String name, java.util.function.DoubleUnaryOperator f) {
        var x =
                Tensor.of(
                        new float[] {-7, -3, -1, -0.6f, -0.4f, 0, 0.3f, 0.5f, 1, 2.5f, 3.5f, 8},
                        1,
                        12);
        var y = SmallModel.of("3.8.0", "Activation", "'activation': '" + name + "'", "12").run(x);
        assertGives(y, shape(1, 12), i -> f.applyAsDouble(x.getDouble(i)));
    }

    @Test
    void activations() {
        assertActivation("silu", x -> x / (1 + Math.exp(-x)));
        assertActivation("swish", x -> x / (1 + Math.exp(-x)));
        assertActivation("hard_silu", x -> x * Math.clamp(x + 3, 0, 6) / 6);
        assertActivation("hard_swish", x -> x * Math.clamp(x + 3, 0, 6) / 6);
        assertActivation("hard_sigmoid", x -> Math.clamp(x + 3, 0, 6) / 6);
        assertActivation("hard_tanh", x -> Math.clamp(x, -1, 1));
        assertActivation("hard_shrink", x -> Math.abs(x) > 0.5 ? x : 0);
        assertActivation("soft_shrink", x -> Math.signum(x) * Math.max(0, Math.abs(x) - 0.5));
        assertActivation("tanh_shrink", x -> x - Math.tanh(x));
        assertActivation("mish", x -> x * Math.tanh(Math.log1p(Math.exp(x))));
        assertActivation("log_sigmoid", x -> -Math.log1p(Math.exp(-x)));
        assertActivation("celu", x -> Math.max(0, x) + Math.min(0, Math.expm1(x)));
        assertActivation("selu", x -> 1.05070098 * (x > 0 ? x : 1.67326324 * Math.expm1(x)));
        assertActivation("softsign", x -> x / (1 + Math.abs(x)));
        assertActivation("squareplus", x -> (x + Math.sqrt(x * x + 4)) / 2);
        assertActivation("sparse_plus", x -> x <= -1 ? 0 : x >= 1 ? x : (x + 1) * (x + 1) / 4);
        assertActivation("sparse_sigmoid", x -> x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2);
        assertActivation("relu6", x -> Math.clamp(x, 0, 6));
        assertActivation("leaky_relu", x -> x < 0 ? 0.2 * x : x);
        assertActivation("exponential", Math::exp);
    }

    @Test
    void gatedHalves() {
        var x = random(20, 2, 6);
        assertGives(
                SmallModel.of("3.8.0", "Activation", "'activation': 'glu'", "6").run(x),
                shape(2, 3),
                i ->
                        x.getDouble(i / 3 * 6 + i % 3)
                                / (1 + Math.exp(-x.getDouble(i / 3 * 6 + 3 + i % 3))));
    }

    @Test
    void sparsemax() {
        var x = Tensor.of(new float[] {0.5f, 0.5f, -1, 0.2f, 3, 1, 0, 0}, 2, 4);
        var y = SmallModel.of("3.8.0", "Activation", "'activation': 'sparsemax'", "4").run(x);
        // τ by bisection: the sum of what stands above it is 1
        assertGives(
                y,
                shape(2, 4),
                i -> {
                    double low = -10;
                    double high = 10;
                    for (int step = 0; step < 100; step++) {
                        double tau = (low + high) / 2;
                        double sum = 0;
                        for (int k = 0; k < 4; k++)
                            sum += Math.max(0, x.getDouble(i / 4 * 4 + k) - tau);
                        if (sum > 1) low = tau;
                        else high = tau;
                    }
                    return Math.max(0, x.getDouble(i) - low);
                });
    }

    @Test
    void activationsWrittenAsObjects() {
        var x = Tensor.of(new float[] {-2, 3}, 1, 2);
        var function =
                "{'module': 'builtins', 'class_name': 'function', 'config': 'silu', 'registered_name': 'function'}";
        assertGives(
                SmallModel.of("3.3.0", "Activation", "'activation': " + function, "2").run(x),
                shape(1, 2),
                i -> x.getDouble(i) / (1 + Math.exp(-x.getDouble(i))));
        var layer = "{'class_name': 'LeakyReLU', 'config': {'name': 'l', 'alpha': 0.5}}";
        assertGives(
                SmallModel.of("2.9.0", "Activation", "'activation': " + layer, "2").run(x),
                shape(1, 2),
                i -> i == 0 ? -1 : 3);
    }

    @Test
    void rectifierWithThreshold() {
        var x = Tensor.of(new float[] {-2, 0.5f, 1, 9}, 1, 4);
        assertGives(
                SmallModel.of(
                                "3.3.0",
                                "ReLU",
                                "'max_value': 6.0, 'negative_slope': 0.5, 'threshold': 1.0",
                                "4")
                        .run(x),
                shape(1, 4),
                i -> new double[] {-1.5, -0.25, 1, 6}[i]);
    }
}
