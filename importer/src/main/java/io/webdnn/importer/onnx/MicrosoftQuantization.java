package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.AveragePool;
import io.webdnn.graph.op.BitShift;
import io.webdnn.graph.op.BitwiseAnd;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.LeakyRelu;
import io.webdnn.graph.op.MatMul;
import io.webdnn.graph.op.ReduceMean;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Sigmoid;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Softmax;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// Quantized operators of the domain `com.microsoft`: numbers are `scale · (q − zero point)`.
///
/// Source: ONNX Runtime, ContribOperators.md.
final class MicrosoftQuantization {
    private MicrosoftQuantization() {}

    static void addTo(Map<String, Operator> table) {
        table.put("DequantizeLinear", single(QuantizationOperators::dequantize));
        table.put("DynamicQuantizeMatMul", single(MicrosoftQuantization::dynamicQuantizeMatMul));
        table.put("GatherBlockQuantized", single(MicrosoftQuantization::gatherBlockQuantized));
        table.put("MatMulIntegerToFloat", single(MicrosoftQuantization::matMulIntegerToFloat));
        table.put("MatMulNBits", single(MicrosoftQuantization::matMulNBits));
        table.put("NhwcMaxPool", single(WindowOperators::maxPoolChannelsLast));
        table.put("QGemm", single(MicrosoftQuantization::gemm));
        table.put("QLinearAdd", single(n -> quantized(n, n.add(real(n, 0), real(n, 3)), 6)));
        table.put("QLinearAveragePool", single(MicrosoftQuantization::averagePool));
        table.put("QLinearConcat", single(MicrosoftQuantization::concat));
        table.put(
                "QLinearConv",
                single(n -> QuantizationOperators.quantizedConv(n, isChannelsLast(n))));
        table.put("QLinearGlobalAveragePool", single(MicrosoftQuantization::globalAveragePool));
        table.put("QLinearLeakyRelu", single(MicrosoftQuantization::leakyRelu));
        table.put("QLinearMul", single(n -> quantized(n, n.mul(real(n, 0), real(n, 3)), 6)));
        table.put("QLinearReduceMean", single(MicrosoftQuantization::reduceMean));
        table.put(
                "QLinearSigmoid", single(n -> quantized(n, n.apply(new Sigmoid(), real(n, 0)), 3)));
        table.put("QLinearSoftmax", single(MicrosoftQuantization::softmax));
        table.put("QLinearWhere", single(MicrosoftQuantization::where));
        table.put("QuantizeLinear", single(QuantizationOperators::quantize));
    }

    private static boolean isChannelsLast(Translation node) {
        return node.flag("channels_last", false);
    }

    /// {@return the numbers of an input, whose scale and zero point are the next two}
    private static Value real(Translation node, int i) {
        var zero = node.has(i + 2) ? QuantizationOperators.one(node, node.input(i + 2)) : null;
        var difference = QuantizationOperators.difference(node, i, zero);
        return node.mul(node.cast(difference, DType.FLOAT32), scale(node, i + 1));
    }

    private static Value scale(Translation node, int i) {
        return QuantizationOperators.one(node, node.input(i));
    }

    /// {@return numbers by the scale that is an input and the zero point behind it, as the first
    /// input is quantized}
    private static Value quantized(Translation node, Value x, int scale) {
        return quantized(node, x, scale, node.type(0).dtype());
    }

    private static Value quantized(Translation node, Value x, int scale, DType to) {
        var zero = node.has(scale + 1) ? scale(node, scale + 1) : null;
        var quotient = node.div(x, scale(node, scale));
        return QuantizationOperators.narrowed(node, quotient, zero, to);
    }

    private static Value leakyRelu(Translation node) {
        var op = new LeakyRelu(node.real("alpha", 0.01f));
        return quantized(node, node.apply(op, real(node, 0)), 3);
    }

    private static Value averagePool(Translation node) {
        boolean last = isChannelsLast(node);
        var kernel = WindowOperators.poolKernel(node);
        var op =
                new AveragePool(
                        kernel,
                        WindowOperators.windows(node, kernel, last),
                        node.flag("ceil_mode", false),
                        node.flag("count_include_pad", false));
        var x = last ? WindowOperators.channelsFirst(node, real(node, 0)) : real(node, 0);
        var y = node.apply(op, x);
        return quantized(node, last ? WindowOperators.channelsLast(node, y) : y, 3);
    }

    private static Value globalAveragePool(Translation node) {
        boolean last = isChannelsLast(node);
        int rank = node.rank(0);
        if (rank < 3) throw node.wrong("X", "rank >= 3", node.type(0));
        var spatial = LongStream.range(last ? 1 : 2, last ? rank - 1 : rank).toArray();
        return quantized(
                node, node.apply(new ReduceMean(true), real(node, 0), node.vector(spatial)), 3);
    }

    private static Value reduceMean(Translation node) {
        for (var name : List.of("axes", "keepdims"))
            if (!node.hasAttribute(name)) throw node.wrong(name, "a value", "none");
        var axes = node.integers("axes");
        var op = new ReduceMean(node.flag("keepdims", true));
        return quantized(
                node,
                axes == null
                        ? node.apply(op, real(node, 0))
                        : node.apply(op, real(node, 0), node.vector(axes)),
                3);
    }

    /// The opset of ONNX's Softmax is an attribute.
    private static Value softmax(Translation node) {
        long opset = node.integer("opset", 0);
        if (opset < 1) throw node.wrong("opset", "an int >= 1", opset);
        var x = real(node, 0);
        return quantized(node, NetworkOperators.softmax(node, Softmax::new, x, opset, -1), 3);
    }

    /// A condition, two parts of three inputs, scale and zero point of the result.
    private static Value where(Translation node) {
        var y = node.apply(new Where(), node.input(0), real(node, 1), real(node, 4));
        return quantized(node, y, 7, node.type(1).dtype());
    }

    /// `α · scales · (A' · B' + C)`, where A' and B' may be transposed and C is int32; quantized
    /// where there is a scale for that.
    private static Value gemm(Translation node) {
        for (int i : new int[] {0, 3})
            if (node.rank(i) != 2) throw node.wrong(i == 0 ? "A" : "B", "rank 2", node.type(i));
        if (node.has(7) != node.has(8))
            throw node.wrong("y_zero_point", "beside y_scale", "one without the other");
        var zeroOfA = alone(node, 2, "a_zero_point");
        var a = QuantizationOperators.difference(node, transposed(node, 0, "transA"), zeroOfA);
        var zeroOfB = node.has(5) ? scale(node, 5) : null;
        var b = QuantizationOperators.difference(node, transposed(node, 3, "transB"), zeroOfB);
        var sums = node.apply(new MatMul(), a, b);
        if (node.has(6)) sums = node.add(sums, node.input(6));
        var scales = node.mul(alone(node, 1, "a_scale"), scale(node, 4));
        scales = node.mul(scales, node.like(scales, node.real("alpha", 1)));
        var y = node.mul(node.cast(sums, DType.FLOAT32), scales);
        return node.has(7) ? quantized(node, y, 7, node.type(8).dtype()) : y;
    }

    private static Value transposed(Translation node, int i, String flag) {
        var x = node.input(i);
        return node.flag(flag, false) ? node.apply(new Transpose(List.of(1, 0)), x) : x;
    }

    /// Scale and zero point of the result, then three inputs for each part.
    private static Value concat(Translation node) {
        if (!node.hasAttribute("axis")) throw node.wrong("axis", "an int", "none");
        if (node.count() < 5 || node.count() % 3 != 2)
            throw node.wrong("inputs", "two, then three for each part", node.count());
        var parts = new ArrayList<Value>();
        for (int i = 2; i < node.count(); i += 3) parts.add(real(node, i));
        var all = node.applyAll(new Concat(node.axis("axis", 0)), parts).getFirst();
        return quantized(node, all, 0, node.type(1).dtype());
    }

    /// The left factor is quantized when running, by its own range.
    private static Value dynamicQuantizeMatMul(Translation node) {
        var left = QuantizationOperators.dynamicQuantize(node);
        var a = node.sub(int32(node, left.get(0)), int32(node, left.get(2)));
        return product(node, a, left.get(1), 2, 3, 4);
    }

    private static Value matMulIntegerToFloat(Translation node) {
        var zero = node.has(4) ? alone(node, 4, "a_zero_point") : null;
        var a = QuantizationOperators.difference(node, 0, zero);
        return product(node, a, alone(node, 2, "a_scale"), 3, 5, 6);
    }

    private static Value int32(Translation node, Value x) {
        return node.cast(x, DType.INT32);
    }

    /// {@return a scale or zero point of a whole matrix}
    static Value alone(Translation node, int i, String name) {
        if (!node.shape(i).elements().is(1)) throw node.wrong(name, "one element", node.type(i));
        return QuantizationOperators.one(node, node.input(i));
    }

    /// {@return `a · (B − zero point) · scales + bias`; B's scale and zero point are one, or one
    /// for each column}
    static Value product(
            Translation node, Value a, Value scale, int scaleOfB, int zeroOfB, int bias) {
        var zero = node.has(zeroOfB) ? scale(node, zeroOfB) : null;
        var sums = node.apply(new MatMul(), a, QuantizationOperators.difference(node, 1, zero));
        var dtype = scale.type().dtype();
        var wide = ReductionOperators.wide(dtype); // as the sums may be beyond a narrow float
        var scales = node.mul(node.cast(scale, wide), node.cast(scale(node, scaleOfB), wide));
        var y = node.mul(node.cast(sums, wide), scales);
        if (node.has(bias)) y = node.add(y, node.cast(node.input(bias), wide));
        return node.cast(y, dtype);
    }

    /// `A · Wᵀ + bias`, where each row of W is cut into blocks, which have a scale and a zero point
    /// each, and a byte holds several weights, the first in its lowest bits.
    private static Value matMulNBits(Translation node) {
        int bits = bits(node);
        long rows = size(node, "N");
        long length = size(node, "K");
        long block = size(node, "block_size");
        long blocks = Math.ceilDiv(length, block);
        node.ignore("accuracy_level"); // the least one; it is float32
        if (node.integer("weight_prepacked", 0) != 0)
            throw node.wrong("weight_prepacked", "0", node.integer("weight_prepacked", 0));
        if (node.has(4)) throw node.wrong("input 4 (g_idx)", "none", "one");
        var dtype = node.type(0).dtype();
        var wide = ReductionOperators.wide(dtype);
        var weights = node.cast(unpacked(node, node.input(1), bits), wide);
        weights = node.apply(new Reshape(), weights, node.vector(rows, blocks, block));
        var difference = node.sub(weights, zeros(node, bits, rows, blocks, wide));
        var scales = node.apply(new Reshape(), node.input(2), node.vector(rows, blocks, 1));
        var scaled = node.mul(difference, node.cast(scales, wide));
        var matrix = node.apply(new Reshape(), scaled, node.vector(rows, -1));
        if (blocks * block > length) matrix = cut(node, matrix, length, 1);
        var columns = node.apply(new Transpose(List.of(1, 0)), matrix);
        var y = node.apply(new MatMul(), node.cast(node.input(0), wide), columns);
        if (node.has(5)) y = node.add(y, node.cast(node.input(5), wide));
        return node.cast(y, dtype);
    }

    /// Rows of a matrix of blocks, which are gathered before they become floats.
    private static Value gatherBlockQuantized(Translation node) {
        int rank = node.rank(0);
        int axis = node.axis("gather_axis", 0, rank);
        int along = node.axis("quantize_axis", 1, rank);
        if (along == axis) throw node.wrong("quantize_axis", "another than gather_axis", along);
        long block = node.integer("block_size", 128);
        if (block < 1) throw node.wrong("block_size", "an int >= 1", block);
        int bits = bits(node);
        var dtype = node.type(0).dtype();
        if (!dtype.isInteger()) throw node.wrong("data", "int4, uint4 or uint8", node.type(0));
        boolean packed = dtype == DType.UINT8;
        if (packed && axis != 0) throw node.wrong("gather_axis", "0 for uint8", axis);
        if (node.rank(2) != rank) throw node.wrong("scales", "rank " + rank, node.type(2));
        var gather = new Gather(axis);
        var q = node.apply(gather, node.input(0), node.input(1));
        if (packed) q = unpacked(node, q, bits);
        int behind = along > axis ? along + node.rank(1) - 1 : along; // the blocks' axis in it
        int extent = Math.toIntExact(q.type().shape().get(behind).value());
        long blocks = Math.ceilDiv(extent, block);
        if (!node.shape(2).get(along).is(blocks))
            throw node.wrong(
                    "scales",
                    "one for each of " + blocks + " blocks on axis " + along,
                    node.type(2));
        var which = node.places("data", extent);
        for (int i = 0; i < extent; i++) which[i] = i / block;
        var spread = node.vector(which);
        var wide = ReductionOperators.wide(node.type(2).dtype());
        var scales = node.apply(gather, node.input(2), node.input(1));
        var difference = node.cast(q, DType.INT32);
        if (node.has(3)) {
            var zeros = node.apply(gather, node.input(3), node.input(1));
            int last = zeros.type().rank() - 1;
            if (packed) {
                zeros = unpacked(node, zeros, bits);
                zeros = cut(node, zeros, scales.type().shape().get(last).value(), last);
            }
            zeros = node.apply(new Gather(behind), zeros, spread);
            difference = node.sub(difference, node.cast(zeros, DType.INT32));
        } else if (packed)
            difference = node.sub(difference, node.like(difference, 1 << (bits - 1)));
        scales = node.cast(node.apply(new Gather(behind), scales, spread), wide);
        return node.cast(node.mul(node.cast(difference, wide), scales), node.type(2).dtype());
    }

    private static int bits(Translation node) {
        long bits = node.integer("bits", 4);
        if (bits != 2 && bits != 4 && bits != 8) throw node.wrong("bits", "2, 4 or 8", bits);
        return (int) bits;
    }

    private static long size(Translation node, String name) {
        long size = node.integer(name, 0);
        if (size < 1) throw node.wrong(name, "an int >= 1", size);
        return size;
    }

    /// {@return the zero points of the blocks: packed bytes, or numbers, or the middle}
    private static Value zeros(Translation node, int bits, long rows, long blocks, DType wide) {
        if (!node.has(3)) return node.scalar(wide, 1 << (bits - 1));
        var zeros = node.input(3);
        if (zeros.type().dtype() == DType.UINT8) {
            long perByte = 8 / bits;
            long held = Math.ceilDiv(blocks, perByte) * perByte;
            zeros = node.apply(new Reshape(), unpacked(node, zeros, bits), node.vector(rows, held));
            if (held > blocks) zeros = cut(node, zeros, blocks, 1);
        }
        var shaped = node.apply(new Reshape(), zeros, node.vector(rows, blocks, 1));
        return node.cast(shaped, wide);
    }

    /// {@return the numbers that bytes hold, side by side along the last axis; of a dtype as narrow
    /// as they are if they are known, so that they take no more in a file}
    private static Value unpacked(Translation node, Value bytes, int bits) {
        if (bytes.type().dtype() != DType.UINT8) throw node.wrong("B", "uint8", bytes.type());
        if (bits == 8) return bytes;
        var constant = bytes.constant();
        if (constant != null) return node.constant(unpacked(constant, bits));
        var parts = new ArrayList<Value>();
        var last = node.vector(-1);
        for (int shift = 0; shift < 8; shift += bits) {
            var part = bytes;
            if (shift > 0) part = node.apply(new BitShift(true), part, node.like(bytes, shift));
            if (shift + bits < 8)
                part = node.apply(new BitwiseAnd(), part, node.like(bytes, (1 << bits) - 1));
            parts.add(node.apply(new Unsqueeze(), part, last));
        }
        var shape = new long[bytes.type().rank()]; // 0 for an extent that stays
        shape[shape.length - 1] = -1;
        var all = node.applyAll(new Concat(-1), parts).getFirst();
        return node.apply(new Reshape(), all, node.vector(shape));
    }

    private static Tensor unpacked(Tensor bytes, int bits) {
        int perByte = 8 / bits;
        int[] shape = bytes.shape();
        shape[shape.length - 1] *= perByte;
        var numbers = Tensor.zeros(bits == 4 ? DType.UINT4 : DType.UINT2, shape);
        for (int i = 0; i < numbers.size(); i++) {
            long shifted = bytes.getLong(i / perByte) >> i % perByte * bits;
            numbers.setLong(i, shifted & (1 << bits) - 1);
        }
        return numbers;
    }

    /// {@return the first indices of an axis}
    private static Value cut(Translation node, Value x, long count, int axis) {
        return node.apply(new Slice(), x, node.vector(0), node.vector(count), node.vector(axis));
    }
}
