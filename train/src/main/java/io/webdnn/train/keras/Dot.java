package io.webdnn.train.keras;

import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.function.ReductionFunction;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Sums of products of two inputs over one axis of each: `[N, (a,) k]` and `[N, (b,) k]` to `[N,
/// (a,) (b)]`, to `[N, 1]` for two rows of numbers.
public final class Dot extends FluentLayer<Dot> {
    private static final double LEAST_SQUARE = 1e-12; // of a norm that is divided by

    private final int[] axes;
    private boolean normalize;

    /// @param axes the axis of each input, or one for both, counted from 1; −1 is the last
    public Dot(int... axes) {
        if (axes.length < 1 || axes.length > 2)
            throw wrong("axes", "one or two", Arrays.toString(axes));
        this.axes = new int[] {axes[0], axes[axes.length - 1]};
    }

    /// Sets whether the inputs are divided by their norms along the axis first.
    public Dot normalize(boolean whether) {
        normalize = whether;
        return this;
    }

    /// {@return the axis of an example}
    private int along(int input, int[] example) {
        int axis = axes[input] < 0 ? example.length + axes[input] : axes[input] - 1;
        if (example.length < 1 || example.length > 2 || axis < 0 || axis >= example.length)
            throw wrong(
                    "inputs",
                    "rows or matrices with axis " + axes[input],
                    Arrays.toString(example));
        return axis;
    }

    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() != 2) throw wrong("inputs", "two", inputs.size());
        int[] a = inputs.get(0);
        int[] b = inputs.get(1);
        if (a[along(0, a)] != b[along(1, b)])
            throw wrong("input", "as many numbers as " + Arrays.toString(a), Arrays.toString(b));
        if (a.length + b.length == 2) return List.of(new int[] {1});
        int left = a.length == 2 ? a[1 - along(0, a)] : 0;
        int right = b.length == 2 ? b[1 - along(1, b)] : 0;
        if (left == 0) return List.of(new int[] {right});
        return List.of(right == 0 ? new int[] {left} : new int[] {left, right});
    }

    @Override
    void buildFor(List<int[]> inputs) {}

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        var a = side(0, inputs.get(0).channelsLast());
        var b = side(1, inputs.get(1).channelsLast());
        int ranks = a.shape().rank() + b.shape().rank();
        var left = a.shape().rank() == 2 ? F.reshape(a, -1, 1, a.size(1)) : a;
        var right = b.shape().rank() == 2 ? F.reshape(b, -1, 1, b.size(1)) : b;
        var product = F.matmul(left, F.transpose(right, 0, 2, 1));
        if (ranks == 6) return List.of(Signal.of(product));
        int size = product.size(1) * product.size(2);
        return List.of(Signal.of(F.reshape(product, -1, size)));
    }

    /// {@return an input with its axis at the end}
    private Variable side(int input, Variable x) {
        int[] shape = x.shape().toInts();
        int axis = along(input, Arrays.copyOfRange(shape, 1, shape.length)) + 1;
        var y = x;
        if (normalize) {
            var sum = new ReductionFunction("Sum", new ReduceSum(true), List.of(axis));
            var squares = F.apply(sum, name(), x.times(x));
            y = x.dividedBy(F.sqrt(F.apply(new Clip(), squares, Variable.scalar(LEAST_SQUARE))));
        }
        return shape.length == 3 && axis == 1 ? F.transpose(y, 0, 2, 1) : y;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("axes", Windows.list(axes));
        config.put("normalize", normalize);
    }

    @Override
    void read(Settings settings) {
        normalize(settings.flag("normalize", false));
    }
}
