package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceMin;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Round;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Quantized networks: numbers as `scale · (q − zero point)` with small integers q. Differences are
/// int32, products of them are summed in int32; what is rounded is clamped before it becomes
/// narrow.
final class QuantizationOperators {
    private QuantizationOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("ConvInteger", single(QuantizationOperators::convInteger));
        table.put("DequantizeLinear", single(QuantizationOperators::dequantize));
        table.put("DynamicQuantizeLinear", QuantizationOperators::dynamicQuantize);
        table.put("MatMulInteger", single(QuantizationOperators::matMulInteger));
        table.put("QLinearConv", single(node -> quantizedConv(node, false)));
        table.put("QLinearMatMul", single(QuantizationOperators::quantizedMatMul));
        table.put("QuantizeLinear", single(QuantizationOperators::quantize));
    }

    /// `clamp(round(x / scale) + zero point)`.
    static Value quantize(Translation node) {
        var scale = spread(node, node.input(1));
        node.integer("precision", 0); // of the division; float32 is at least what is asked for
        var to = node.has(2) ? node.type(2).dtype() : DType.UINT8;
        if (node.hasAttribute("output_dtype") && node.integer("output_dtype", 0) != 0)
            to = node.dtype("output_dtype", to);
        if (node.has(2) && to != node.type(2).dtype())
            throw node.wrong("output_dtype", "that of y_zero_point", to);
        boolean saturate = node.flag("saturate", true);
        var wide = ReductionOperators.wide(node.type(0).dtype());
        var quotient = node.div(node.cast(node.input(0), wide), node.cast(scale, wide));
        if (to.isFloat()) return node.apply(new Cast(to, saturate), zeroShifted(node, quotient));
        var zero = node.has(2) ? spread(node, node.input(2)) : null;
        return narrowed(node, quotient, zero, to);
    }

    /// {@return a quotient plus a zero point of a narrow float}
    private static Value zeroShifted(Translation node, Value quotient) {
        if (!node.has(2)) return quotient;
        return node.add(quotient, node.cast(spread(node, node.input(2)), quotient.type().dtype()));
    }

    /// {@return round(x) + zero, clamped to what the dtype holds; a narrow float rounds by itself}
    static Value narrowed(Translation node, Value x, @Nullable Value zero, DType to) {
        if (to.isFloat()) {
            var sum = zero == null ? x : node.add(x, node.cast(zero, x.type().dtype()));
            return node.apply(new Cast(to, true), sum);
        }
        var shifted = node.apply(new Round(), x);
        if (zero != null) shifted = node.add(shifted, node.cast(zero, x.type().dtype()));
        boolean unsigned = to.kind() == DType.Kind.UNSIGNED;
        double low = unsigned ? 0 : -Math.pow(2, to.bits() - 1);
        double high = Math.pow(2, unsigned ? to.bits() : to.bits() - 1) - 1;
        var clamped = node.apply(new Clip(), shifted, node.like(x, low), node.like(x, high));
        // Through int32, as integers of fewer than 8 bits come from integers alone.
        return node.cast(node.cast(clamped, DType.INT32), to);
    }

    static Value dequantize(Translation node) {
        var x = node.input(0);
        var scale = spread(node, node.input(1));
        var to = scale.type().dtype();
        if (node.integer("output_dtype", 0) != 0) to = node.dtype("output_dtype", to);
        var wide = ReductionOperators.wide(scale.type().dtype());
        if (x.type().dtype().isFloat()) {
            var value = node.cast(x, wide);
            if (node.has(2)) value = node.sub(value, node.cast(spread(node, node.input(2)), wide));
            return node.cast(node.mul(value, node.cast(scale, wide)), to);
        }
        var difference = node.cast(x, DType.INT32);
        if (node.has(2)) {
            var zero = spread(node, node.input(2));
            difference = node.sub(difference, node.cast(zero, DType.INT32));
        }
        return node.cast(node.mul(node.cast(difference, wide), node.cast(scale, wide)), to);
    }

    /// {@return a scale or zero point, shaped to broadcast to input 0: one for all, one for each
    /// index of `axis`, or one for each block of `block_size` of them}
    private static Value spread(Translation node, Value parameter) {
        int rank = node.rank(0);
        int own = parameter.type().rank();
        long block = node.integer("block_size", 0);
        node.integer("axis", 1); // without meaning, and unchecked, where one serves all
        if (own == 0) return parameter;
        if (own == 1 && parameter.type().shape().get(0).is(1) && block == 0)
            return node.apply(new Reshape(), parameter, node.vector(new long[0]));
        int axis = node.axis("axis", 1, rank);
        if (block == 0) {
            if (own != 1) throw node.wrong("scale", "rank 0 or 1", parameter.type());
            var shape = new long[rank - axis];
            Arrays.fill(shape, 1);
            shape[0] = -1;
            return node.apply(new Reshape(), parameter, node.vector(shape));
        }
        if (block < 1 || own != rank)
            throw node.wrong("block_size", "> 0, and a scale of rank " + rank, block);
        var blocks = node.places("input 0", node.fixed(0, axis));
        for (int i = 0; i < blocks.length; i++) blocks[i] = i / block;
        return node.apply(new Gather(axis), parameter, node.vector(blocks));
    }

    /// Scale and zero point that map the data's range, 0 included, onto 0 … 255.
    static List<Value> dynamicQuantize(Translation node) {
        var x = node.input(0);
        var zero = node.like(x, 0);
        var high = node.apply(new ReduceMax(false), x);
        var low = node.apply(new ReduceMin(false), x);
        var most = node.apply(new Max(), high, zero);
        var least = node.apply(new Min(), low, zero);
        var scale = node.div(node.sub(most, least), node.like(x, 255));
        var point = narrowed(node, node.div(node.sub(zero, least), scale), null, DType.UINT8);
        var y = narrowed(node, node.div(x, scale), point, DType.UINT8);
        return List.of(y, scale, point);
    }

    /// {@return x − zero as int32, as float32 if they are narrow floats}
    static Value difference(Translation node, int x, @Nullable Value zero) {
        return difference(node, node.input(x), zero);
    }

    static Value difference(Translation node, Value x, @Nullable Value zero) {
        var dtype = x.type().dtype().isFloat() ? DType.FLOAT32 : DType.INT32;
        var wide = node.cast(x, dtype);
        return zero == null ? wide : node.sub(wide, node.cast(zero, dtype));
    }

    /// {@return a zero point or scale of a matrix's rows: a vector has one for each}
    private static Value ofRows(Translation node, Value parameter) {
        boolean vector = parameter.type().rank() == 1 && !parameter.type().shape().get(0).is(1);
        return vector
                ? node.apply(new Unsqueeze(), parameter, node.vector(1))
                : one(node, parameter);
    }

    /// {@return a parameter of one element as a scalar; others broadcast along columns}
    static Value one(Translation node, Value parameter) {
        return parameter.type().rank() > 0 && parameter.type().shape().elements().is(1)
                ? node.apply(new Reshape(), parameter, node.vector(new long[0]))
                : parameter;
    }

    private static Value matMulInteger(Translation node) {
        var a = difference(node, 0, node.has(2) ? ofRows(node, node.input(2)) : null);
        var b = difference(node, 1, node.has(3) ? one(node, node.input(3)) : null);
        return node.apply(new MatMul(), a, b);
    }

    private static Value quantizedMatMul(Translation node) {
        // a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
        var a = difference(node, 0, ofRows(node, node.input(2)));
        var b = difference(node, 3, one(node, node.input(5)));
        var product = node.cast(node.apply(new MatMul(), a, b), DType.FLOAT32);
        var scaleOfA = node.cast(ofRows(node, node.input(1)), DType.FLOAT32);
        var scaleOfB = node.cast(one(node, node.input(4)), DType.FLOAT32);
        var scaled = node.mul(node.mul(product, scaleOfA), scaleOfB);
        var quotient = node.div(scaled, node.cast(one(node, node.input(6)), DType.FLOAT32));
        return narrowed(node, quotient, one(node, node.input(7)), node.type(7).dtype());
    }

    private static Value convInteger(Translation node) {
        var x = difference(node, 0, node.has(2) ? one(node, node.input(2)) : null);
        var w = difference(node, 1, node.has(3) ? ofFilters(node, node.input(3)) : null);
        return convolution(node, 1, x, w, false);
    }

    /// {@return a parameter of the filters `[M, C, k…]`: a vector has one for each}
    private static Value ofFilters(Translation node, Value parameter) {
        if (parameter.type().shape().elements().is(1)) return one(node, parameter);
        var shape = new ArrayList<Long>(List.of(-1L, 1L));
        for (int d = 2; d < node.rank(0); d++) shape.add(1L);
        return node.apply(new Reshape(), parameter, node.vector(shape));
    }

    private static Value convolution(Translation node, int weight, Value x, Value w, boolean last) {
        var kernel = WindowOperators.kernel(node, weight);
        var windows = WindowOperators.windows(node, kernel, last);
        return node.apply(new Conv(windows, WindowOperators.group(node)), x, w);
    }

    /// @param last whether channels are the last axis of x and of the result
    static Value quantizedConv(Translation node, boolean last) {
        // x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B
        var given = last ? WindowOperators.channelsFirst(node, node.input(0)) : node.input(0);
        var x = difference(node, given, one(node, node.input(2)));
        var w = difference(node, 3, ofFilters(node, node.input(5)));
        var sum = convolution(node, 3, x, w, last);
        if (node.has(8)) sum = node.add(sum, ActivationOperators.ofChannels(node, node.input(8)));
        var scaleOfW = node.input(4);
        if (!scaleOfW.type().shape().elements().is(1))
            scaleOfW = ActivationOperators.ofChannels(node, scaleOfW);
        var scale = node.mul(one(node, node.input(1)), one(node, scaleOfW));
        var scaled = node.mul(node.cast(sum, DType.FLOAT32), scale);
        var quotient = node.div(scaled, one(node, node.input(6)));
        var y = narrowed(node, quotient, one(node, node.input(7)), node.type(7).dtype());
        return last ? WindowOperators.channelsLast(node, y) : y;
    }
}
