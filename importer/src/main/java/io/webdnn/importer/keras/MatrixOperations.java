package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.OperationCall.SECOND;
import static io.webdnn.importer.keras.Operations.put;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Einsum;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.LogSoftmax;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Operations.Operation;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Operations that bring elements of several places together: products, normalizations, windows.
final class MatrixOperations {
    private MatrixOperations() {}

    static void addTo(Map<String, Operation> table) {
        put(table, "batch_normalization", MatrixOperations::batchNormalization);
        put(table, "dot", MatrixOperations::dot);
        put(table, "einsum", MatrixOperations::einsum);
        put(table, "l2_normalize", MatrixOperations::unitOfTensorFlow);
        put(table, "log_softmax", MatrixOperations::logSoftmax);
        put(table, "matmul", MatrixOperations::matmul);
        put(table, "normalize", MatrixOperations::unit);
        put(table, "one_hot", MatrixOperations::oneHot);
        put(table, "resize", MatrixOperations::resize);
        put(table, "softmax", MatrixOperations::softmax);
        put(table, "tensordot", MatrixOperations::tensordot);
        put(
                table,
                "avg_pool avg_pool1d avg_pool2d avg_pool3d average_pool",
                call -> pool(call, "Average"));
        put(table, "max_pool max_pool1d max_pool2d max_pool3d", call -> pool(call, "Max"));
    }

    // Products

    private static Value matmul(OperationCall call) {
        call.ignore("a_is_sparse", "b_is_sparse");
        var both = call.alike(List.of(call.value(0), call.value(1, SECOND)));
        var a = turned(call, both.get(0), "transpose_a", "adjoint_a");
        return call.call()
                .apply(new MatMul(), a, turned(call, both.get(1), "transpose_b", "adjoint_b"));
    }

    private static Value turned(OperationCall call, Value x, String... flags) {
        boolean isTurned = false;
        for (var flag : flags) isTurned ^= call.flag(false, flag);
        if (!isTurned) return x;
        var order = new ArrayList<>(IntStream.range(0, x.type().rank()).boxed().toList());
        Collections.swap(order, order.size() - 1, order.size() - 2);
        return call.call().transpose(x, order);
    }

    /// NumPy's: over the last axis of the first and the last but one of the second.
    private static Value dot(OperationCall call) {
        var both = call.alike(List.of(call.value(0), call.value(1, SECOND)));
        int left = both.get(0).type().rank();
        int right = both.get(1).type().rank();
        if (left == 0 || right == 0) return Value.of(call.call().mul(both.get(0), both.get(1)));
        return summed(call, both, List.of(left - 1), List.of(Math.max(0, right - 2)));
    }

    private static Value tensordot(OperationCall call) {
        var both = call.alike(List.of(call.value(0), call.value(1, SECOND)));
        int left = both.get(0).type().rank();
        int right = both.get(1).type().rank();
        var said = call.get(2, "axes");
        if (said instanceof List<?> pair && pair.size() == 2) {
            return summed(
                    call, both, axes(call, pair.get(0), left), axes(call, pair.get(1), right));
        }
        int count = call.integerAt(2, 2, "axes");
        if (count < 0 || count > Math.min(left, right))
            throw call.wrong("axes", "0 … " + Math.min(left, right), count);
        return summed(
                call,
                both,
                IntStream.range(left - count, left).boxed().toList(),
                IntStream.range(0, count).boxed().toList());
    }

    private static List<Integer> axes(OperationCall call, @Nullable Object said, int rank) {
        var axes = new ArrayList<Integer>();
        for (var each : said instanceof List<?> list ? list : Collections.singletonList(said)) {
            if (!(each instanceof Long axis)) throw call.wrong("axes", "integers", said);
            axes.add(call.axis(Math.toIntExact(axis), rank, "axes"));
        }
        return axes;
    }

    /// {@return sums of products over axes of both, whose other axes follow each other}
    private static Value summed(
            OperationCall call, List<Value> both, List<Integer> ofLeft, List<Integer> ofRight) {
        if (ofLeft.size() != ofRight.size())
            throw call.wrong("axes", "as many of both", ofLeft + " and " + ofRight);
        int left = both.get(0).type().rank();
        int right = both.get(1).type().rank();
        var first = new StringBuilder();
        var second = new StringBuilder();
        var rest = new StringBuilder();
        for (int d = 0; d < left; d++) {
            first.append((char) ('a' + d));
            if (!ofLeft.contains(d)) rest.append((char) ('a' + d));
        }
        for (int d = 0; d < right; d++) {
            int at = ofRight.indexOf(d);
            char letter = (char) (at < 0 ? 'A' + d : 'a' + ofLeft.get(at));
            second.append(letter);
            if (at < 0) rest.append(letter);
        }
        return call.call()
                .apply(new Einsum(first + "," + second + "->" + rest), both.get(0), both.get(1));
    }

    private static Value einsum(OperationCall call) {
        var operands = new ArrayList<Value>();
        for (int i = 0; i < call.count(); i++) operands.add(call.value(i));
        var op = new Einsum(call.text("", "subscripts"));
        return call.call().applyAll(op, call.alike(operands)).getFirst();
    }

    // Normalizations

    private static Value softmax(OperationCall call) {
        return call.call().apply(new Softmax(softmaxAxis(call)), call.real(0));
    }

    private static Value logSoftmax(OperationCall call) {
        return call.call().apply(new LogSoftmax(softmaxAxis(call)), call.real(0));
    }

    private static int softmaxAxis(OperationCall call) {
        var axes = call.integers(-1, "axis");
        if (axes == null) return -1;
        if (axes.size() != 1) throw call.wrong("axis", "one axis", axes);
        return axes.getFirst();
    }

    /// `x / √max(Σx², ε)`
    private static Value unitOfTensorFlow(OperationCall call) {
        var x = call.real(0);
        var squares = squares(call, x);
        var least = call.call().scalar(DType.FLOAT32, call.number(1e-12, "epsilon"));
        var norm = call.call().apply(new Sqrt(), call.call().apply(new Max(), squares, least));
        return Value.of(call.call().div(x, norm));
    }

    /// `x / max(√Σx², ε)`
    private static Value unit(OperationCall call) {
        int order = call.integer(2, "order");
        if (order != 2) throw call.wrong("order", "2", order);
        var x = call.real(0);
        var norm = call.call().apply(new Sqrt(), squares(call, x));
        var least = call.call().scalar(DType.FLOAT32, call.number(1e-7, "epsilon"));
        return Value.of(call.call().div(x, call.call().apply(new Max(), norm, least)));
    }

    private static Value squares(OperationCall call, Value x) {
        var axes = call.axes(x.type().rank(), "axis");
        if (axes == null) axes = call.isOfTensorFlow() ? all(x) : List.of(x.type().rank() - 1);
        return call.call()
                .apply(
                        new ReduceSum(true, true),
                        call.call().mul(x, x),
                        call.call().vector(axes.stream().mapToLong(Integer::longValue).toArray()));
    }

    private static List<Integer> all(Value x) {
        return IntStream.range(0, x.type().rank()).boxed().toList();
    }

    /// `(x − mean) / √(variance + ε) · scale + offset`
    private static Value batchNormalization(OperationCall call) {
        var g = call.call();
        var epsilon = g.scalar(DType.FLOAT32, call.number(1e-3, "variance_epsilon"));
        var deviation = g.apply(new Sqrt(), g.add(call.real(2, "variance"), epsilon));
        var y = Value.of(g.div(g.sub(call.real(0), call.real(1, "mean")), deviation));
        var scale = call.optional(-1, "scale");
        if (scale != null) y = Value.of(g.mul(y, scale));
        var offset = call.optional(-1, "offset");
        return offset == null ? y : Value.of(g.add(y, offset));
    }

    // Categories and windows

    private static Value oneHot(OperationCall call) {
        call.ignore("dtype");
        if (call.flag(false, "sparse")) throw call.wrong("sparse", "false", true);
        var g = call.call();
        var x = Value.of(g.cast(call.value(0), DType.INT32));
        int count = call.integerAt(1, -1, "depth", "num_classes");
        if (count < 1) throw call.wrong("depth", "1 or more", count);
        int rank = x.type().rank() + 1;
        int axis = call.axis(call.integer(-1, "axis"), rank, "axis");
        var shape = new long[rank];
        Arrays.fill(shape, 1);
        shape[axis] = count;
        var all = g.constant(Tensor.of(IntStream.range(0, count).toArray(), count));
        var same = g.apply(new Equal(), g.unsqueeze(x, axis), g.reshape(all, shape));
        var on = g.scalar(DType.FLOAT32, call.number(1, "on_value"));
        return g.apply(new Where(), same, on, g.scalar(DType.FLOAT32, call.number(0, "off_value")));
    }

    private static Value resize(OperationCall call) {
        for (var flag :
                List.of(
                        "antialias",
                        "crop_to_aspect_ratio",
                        "pad_to_aspect_ratio",
                        "preserve_aspect_ratio"))
            if (call.flag(false, flag)) throw call.wrong(flag, "false", true);
        call.ignore("fill_mode", "fill_value");
        var x = call.real(0);
        var size = call.integers(1, "size");
        if (size == null || size.size() != 2) throw call.wrong("size", "[height, width]", size);
        var mode = call.text("bilinear", "method", "interpolation");
        if (!List.of("bilinear", "nearest", "bicubic").contains(mode))
            throw call.wrong("interpolation", "bilinear, nearest or bicubic", mode);
        if (x.type().rank() != 4) throw call.wrong("images", "rank 4", x.type().shape());
        boolean isFirst = call.text("channels_last", "data_format").equals("channels_first");
        return PreprocessingLayers.resized(
                call.call(), x, isFirst ? 2 : 1, size.get(0), size.get(1), mode);
    }

    /// A layer of Keras does the same, and says the same otherwise.
    private static Value pool(OperationCall call, String kind) {
        var x = call.real(0);
        int spatial = x.type().rank() - 2;
        if (spatial < 1 || spatial > 3)
            throw call.wrong("input", "rank 3, 4 or 5", x.type().shape());
        boolean isFirst =
                call.text("NHWC", "data_format")
                        .toLowerCase(Locale.ROOT)
                        .matches("nc.+|channels_first");
        var attributes = new LinkedHashMap<String, Object>();
        var size = window(call, spatial, isFirst, "ksize", "pool_size");
        if (size == null) throw call.wrong("ksize", "extents of windows", "none");
        var strides = window(call, spatial, isFirst, "strides");
        attributes.put("pool_size", size);
        attributes.put("strides", strides == null ? size : strides);
        attributes.put("padding", call.text("valid", "padding").toLowerCase(Locale.ROOT));
        attributes.put("data_format", isFirst ? "channels_first" : "channels_last");
        var layer =
                new LayerConfig(
                        kind + "Pooling" + spatial + "D", call.call().config().name(), attributes);
        var weights = new LayerWeights(List.of());
        return Network.call(layer, List.of(x), CallArguments.none(), weights, call.call().context())
                .getFirst();
    }

    /// {@return an extent for each spatial axis; TensorFlow may name all axes}
    private static @Nullable List<Long> window(
            OperationCall call, int spatial, boolean isFirst, String... names) {
        var given = call.integers(-1, names);
        if (given == null) return null;
        var extents = new ArrayList<Long>();
        for (int d = 0; d < spatial; d++) {
            int at =
                    given.size() == spatial + 2 ? d + (isFirst ? 2 : 1) : given.size() == 1 ? 0 : d;
            if (at >= given.size()) throw call.wrong(names[0], spatial + " integers", given);
            extents.add((long) given.get(at));
        }
        return extents;
    }
}
