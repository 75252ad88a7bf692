package io.webdnn.compiler.weights;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.pass.Pass;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// Gives each large float32 weight at most 255 different values and 0, so that a byte says which
/// ([Encoding#EIGHTBIT]); what packs weights for a target moves them and adds zeros, no more.
///
/// The values are those of least squared error that Lloyd's method finds from values between equal
/// steps and equal shares. Vectors (biases, scales) and small weights stay as they are.
///
/// Source: Lloyd 1982.
public record QuantizeWeights() implements Pass {
    private static final int VALUES = 255;
    private static final int SMALL = 1024;
    private static final int ROUNDS = 40;

    @Override
    public Graph apply(Graph graph) {
        var known =
                new IdentityHashMap<Value, Value>(); // a weight that several nodes read stays one
        return graph.rewrite((node, g) -> quantized(node, g, known));
    }

    private static List<? extends Operand> quantized(
            Node node, Operators g, Map<Value, Value> known) {
        var inputs = new ArrayList<Value>();
        for (var input : node.inputs()) {
            var constant = input.constant();
            inputs.add(
                    constant != null && isLarge(constant)
                            ? known.computeIfAbsent(
                                    input, _ -> Value.constant(input.name(), quantized(constant)))
                            : input);
        }
        return inputs.equals(node.inputs()) ? node.outputs() : g.applyAll(node.op(), inputs);
    }

    private static boolean isLarge(Tensor weight) {
        return weight.dtype() == DType.FLOAT32 && weight.rank() > 1 && weight.size() > SMALL;
    }

    private static Tensor quantized(Tensor weight) {
        float[] sorted = weight.floats().clone();
        Arrays.sort(sorted);
        float[] values = values(sorted);
        var nearest = new float[sorted.length];
        float[] given = weight.floats();
        for (int i = 0; i < nearest.length; i++) nearest[i] = nearest(values, given[i]);
        return Tensor.of(nearest, weight.shape());
    }

    /// {@return the nearest of ascending values; what is no number stays so}
    private static float nearest(float[] values, float x) {
        int at = Arrays.binarySearch(values, x);
        if (at >= 0 || !Float.isFinite(x)) return x;
        int above = -at - 1;
        if (above == values.length) return values[above - 1];
        if (above == 0) return values[0];
        return x - values[above - 1] <= values[above] - x ? values[above - 1] : values[above];
    }

    /// {@return values in ascending order}
    private static float[] values(float[] sorted) {
        int count = sorted.length;
        var sums = new double[count + 1];
        for (int i = 0; i < count; i++) sums[i + 1] = sums[i] + sorted[i];
        var values = new float[VALUES];
        double span = (double) sorted[count - 1] - sorted[0];
        for (int i = 0; i < VALUES; i++) {
            double share = (i + 0.5) / VALUES;
            values[i] =
                    (float)
                            (0.5 * (sorted[0] + share * span)
                                    + 0.5 * sorted[(int) (share * count)]);
        }
        for (int round = 0; round < ROUNDS; round++) {
            int begin = 0;
            for (int i = 0; i < VALUES; i++) {
                double edge = i + 1 < VALUES ? ((double) values[i] + values[i + 1]) / 2 : 0;
                int end = i + 1 < VALUES ? below(sorted, begin, edge) : count;
                if (end > begin) values[i] = (float) ((sums[end] - sums[begin]) / (end - begin));
                begin = end;
            }
        }
        return values;
    }

    /// {@return how many elements are not above an edge, from a first one on}
    private static int below(float[] sorted, int from, double edge) {
        int low = from;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= edge) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
