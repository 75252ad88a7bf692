package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Add;
import io.webdnn.graph.op.ArgMax;
import io.webdnn.graph.op.Cos;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Log;
import io.webdnn.graph.op.Neg;
import io.webdnn.graph.op.RandomUniformLike;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import java.util.Map;

/// What is drawn at random.
///
/// ONNX names no generator: ours is Philox, in float32, 24 bits a number. Equal values of `seed`
/// give equal numbers; without one, a node's own name is the seed. A model that was converted draws
/// the same numbers at each run.
final class RandomOperators {
    private RandomOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("Bernoulli", single(RandomOperators::bernoulli));
        table.put("Multinomial", single(RandomOperators::multinomial));
        table.put("RandomNormal", single(node -> normal(node, shaped(node), DType.FLOAT32)));
        table.put("RandomNormalLike", single(node -> normal(node, node.input(0), ofInput(node))));
        table.put("RandomUniform", single(node -> uniform(node, shaped(node), DType.FLOAT32)));
        table.put("RandomUniformLike", single(node -> uniform(node, node.input(0), ofInput(node))));
    }

    /// A tensor of the shape that an attribute says.
    private static Value shaped(Translation node) {
        var shape = node.integers("shape");
        if (shape == null) throw node.wrong("shape", "ints", "none");
        var extents = shape.stream().mapToLong(Long::longValue).toArray();
        return node.constant(node.zeros("shape", DType.FLOAT32, extents));
    }

    private static DType ofInput(Translation node) {
        var dtype = node.type(0).dtype();
        return dtype.isFloat() ? dtype : DType.FLOAT32;
    }

    private static DType real(Translation node, DType otherwise) {
        var dtype = node.dtype("dtype", otherwise);
        if (!dtype.isFloat()) throw node.wrong("dtype", "a float", dtype);
        return dtype;
    }

    private static Value draw(Translation node, Value like, int stream) {
        int seed =
                node.hasAttribute("seed")
                        ? Float.floatToIntBits(node.real("seed", 0))
                        : node.identity().hashCode();
        return node.apply(new RandomUniformLike(seed, stream), like);
    }

    private static Value real(Translation node, double value) {
        return node.scalar(DType.FLOAT32, value);
    }

    /// `low + u (high − low)`.
    private static Value uniform(Translation node, Value like, DType otherwise) {
        float low = node.real("low", 0);
        float high = node.real("high", 1);
        var dtype = real(node, otherwise);
        var scaled = node.mul(draw(node, like, 0), real(node, (double) high - low));
        return node.cast(node.add(scaled, real(node, low)), dtype);
    }

    /// Box and Muller: `mean + scale √(−2 ln(1 − u)) cos(2π v)`.
    private static Value normal(Translation node, Value like, DType otherwise) {
        float mean = node.real("mean", 0);
        float scale = node.real("scale", 1);
        var dtype = real(node, otherwise);
        var above0 = node.sub(real(node, 1), draw(node, like, 0));
        var square = node.mul(node.apply(new Log(), above0), real(node, -2));
        var angle = node.mul(draw(node, like, 1), real(node, 2 * Math.PI));
        var unit = node.mul(node.apply(new Sqrt(), square), node.apply(new Cos(), angle));
        var scaled = node.mul(unit, real(node, scale));
        return node.cast(node.add(scaled, real(node, mean)), dtype);
    }

    /// 1 where `u` is below the probability.
    private static Value bernoulli(Translation node) {
        var p = node.input(0);
        if (!p.type().dtype().isFloat()) throw node.wrong("input", "floats", p.type());
        var dtype = node.dtype("dtype", p.type().dtype());
        var isOne = node.apply(new Less(), draw(node, p, 0), node.cast(p, DType.FLOAT32));
        return node.cast(isOne, dtype);
    }

    /// Gumbel's: the class with the largest `x − ln(−ln u)` is one with the probability `softmax
    /// x`.
    private static Value multinomial(Translation node) {
        if (node.rank(0) != 2) throw node.wrong("input", "[batch, classes]", node.type(0));
        var dtype = node.dtype("dtype", DType.INT32);
        if (dtype != DType.INT32 && dtype != DType.INT64)
            throw node.wrong("dtype", "int32 or int64", dtype);
        long samples = node.integer("sample_size", 1);
        if (samples < 1 || samples > Translation.MOST_ELEMENTS)
            throw node.wrong("sample_size", "1 ... " + Translation.MOST_ELEMENTS, samples);
        var logits = node.cast(node.input(0), DType.FLOAT32);
        var rows = node.apply(new Unsqueeze(), logits, node.vector(1));
        var each = node.apply(new Expand(), rows, node.vector(1, samples, 1));
        var exponential = node.apply(new Neg(), node.apply(new Log(), draw(node, each, 0)));
        var gumbel = node.apply(new Neg(), node.apply(new Log(), exponential));
        var best = new ArgMax(2, false, false);
        return node.cast(node.apply(best, node.apply(new Add(), rows, gumbel)), dtype);
    }
}
