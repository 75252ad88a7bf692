package io.webdnn.train.keras;

import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Conv;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Split;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Window;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Long short-term memory whose products are convolutions: `[N, steps, D…, C]` to its last output
/// `[N, D'…, filters]`, or to all of them `[N, steps, D'…, filters]`.
///
/// Gates i, f, c, o of `x ∗ kernel + h ∗ recurrent_kernel + bias`: `c ← f·c + i·tanh(…)`, `h ←
/// o·tanh(c)`; the state is convolved at stride 1 with zeros around. The bias of f starts at 1.
///
/// Weights: `kernel` `[k…, C, 4 · filters]`, `recurrent_kernel` `[k…, filters, 4 · filters]`,
/// `bias` `[4 · filters]`. Source: Shi 2015; Keras 2.
///
/// @param <S> the kind of layer
public abstract class ConvLSTMLayer<S extends ConvLSTMLayer<S>> extends WeightedLayer<S> {
    private static final int GATES = 4;

    private final int filters;
    private final Windows windows;
    private final Recurrence recurrence = new Recurrence(this);
    private final WeightRole recurrentRole =
            new WeightRole("recurrent_kernel", "recurrent", WeightInitializer.orthogonal(1));
    private ActivationFunction gate = ActivationFunction.HARD_SIGMOID;
    private boolean unitForgetBias = true;
    private @Nullable Parameter recurrent;

    ConvLSTMLayer(int axes, int filters, int... kernelSize) {
        this.filters = positive("filters", filters);
        this.windows = new Windows(this, "kernel size", axes, kernelSize);
        activation("tanh");
    }

    /// Sets the step between windows, for all axes or for each; 1 at first.
    public final S strides(int... each) {
        windows.strides(each);
        return self();
    }

    /// Sets the distance of neighbouring taps, for all axes or for each; 1 at first.
    public final S dilationRate(int... each) {
        windows.dilation(each);
        return self();
    }

    /// Sets what happens at the edges: `valid` at first, or `same`.
    public final S padding(String name) {
        windows.padding(name);
        return self();
    }

    /// Sets what the gates go through: `hard_sigmoid` at first.
    public final S recurrentActivation(String name) {
        expectNotBuilt("recurrent activation");
        gate = ActivationFunction.of(toString(), name);
        return self();
    }

    /// Sets whether the bias of the forget gate starts at 1, as it does at first.
    public final S unitForgetBias(boolean whether) {
        expectNotBuilt("unit forget bias");
        unitForgetBias = whether;
        return self();
    }

    /// Sets whether all outputs are given, instead of the last: `false` at first.
    public final S returnSequences(boolean whether) {
        recurrence.returnSequences(whether);
        return self();
    }

    /// Sets whether output and memory at the end are given behind the result: `false` at first.
    public final S returnState(boolean whether) {
        recurrence.returnState(whether);
        return self();
    }

    /// Sets whether the last step is read first; all outputs then stand in that order.
    public final S goBackwards(boolean whether) {
        recurrence.goBackwards(whether);
        return self();
    }

    @Override
    final List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() != 1) throw wrong("inputs", "one", inputs.size());
        int[] input = inputs.getFirst();
        expectRank(
                input, windows.axes() + 2, "[steps, " + Windows.form(windows.axes()).substring(1));
        int[] places = windows.places(Arrays.copyOfRange(input, 1, input.length), filters);
        int channels = input[input.length - 1];
        if (isBuilt() && channels != kernel().size(1))
            throw wrong("input", kernel().size(1) + " channels", Arrays.toString(input));
        var shapes = new ArrayList<int[]>();
        shapes.add(
                recurrence.returnsSequences()
                        ? IntStream.concat(IntStream.of(input[0]), Arrays.stream(places)).toArray()
                        : places);
        if (recurrence.returnsState()) shapes.addAll(List.of(places, places));
        return shapes;
    }

    @Override
    final void buildFor(List<int[]> inputs) {
        int[] input = inputs.getFirst();
        makeKernel(order(), kernelShape(input[input.length - 1]));
        recurrent = make(recurrentRole, order(), kernelShape(filters));
        makeBias(GATES * filters);
        var bias = bias();
        if (bias == null || !unitForgetBias) return;
        float[] values = bias.array().floats().clone();
        Arrays.fill(values, filters, 2 * filters, 1);
        bias.assign(Tensor.of(values, values.length));
    }

    /// {@return `[k…, in, 4 · filters]`}
    private int[] kernelShape(int in) {
        return IntStream.concat(Arrays.stream(windows.size()), IntStream.of(in, GATES * filters))
                .toArray();
    }

    /// {@return where the axes of `[k…, in, out]` stand in `[out, in, k…]`}
    private List<Integer> order() {
        var order = new ArrayList<>(IntStream.range(2, windows.axes() + 2).boxed().toList());
        order.addAll(List.of(1, 0));
        return order;
    }

    @Override
    final List<Signal> applyTo(List<Signal> inputs) {
        var x = inputs.getFirst().channelsLast();
        int steps = x.size(1);
        // the input's part is one convolution of all steps
        int[] each = IntStream.range(1, x.shape().rank()).map(x::size).toArray();
        each[0] = -1;
        var turned = Signal.of(F.reshape(x, each)).turned();
        var all =
                F.apply(
                        F.convolution(new Conv(windows.over(turned), 1)),
                        name(),
                        withBias(turned, kernel()));
        int[] whole = new int[all.shape().rank() + 1];
        whole[0] = -1;
        whole[1] = steps;
        for (int d = 2; d < whole.length; d++) whole[d] = all.size(d - 1);
        var sums = F.reshape(all, whole);
        var outputs = new ArrayList<Signal>();
        Variable output = null;
        Variable memory = null;
        for (int t = 0; t < steps; t++) {
            int step = recurrence.goesBackwards() ? steps - 1 - t : t;
            var now = F.apply(new Step(step), name(), sums);
            if (output != null) now = now.plus(convolved(output));
            var gates = F.applyAll(new Gates(), name(), now);
            var fresh = gated(gates.get(0)).times(activated(gates.get(2)));
            memory = memory == null ? fresh : gated(gates.get(1)).times(memory).plus(fresh);
            output = gated(gates.get(3)).times(activated(memory));
            outputs.add(new Signal(output, true));
        }
        var end = outputs.getLast();
        var results = new ArrayList<Signal>();
        results.add(recurrence.returnsSequences() ? sequence(outputs) : end);
        if (recurrence.returnsState())
            results.addAll(List.of(end, new Signal(Objects.requireNonNull(memory), true)));
        return results;
    }

    private Variable convolved(Variable state) {
        var around = new ArrayList<Window>();
        for (int size : windows.size())
            around.add(new Window(1, 1, (size - 1) / 2, size - 1 - (size - 1) / 2));
        return F.apply(
                F.convolution(new Conv(around, 1)),
                name(),
                state,
                Objects.requireNonNull(recurrent));
    }

    private Variable gated(Variable sums) {
        return gate.apply(new Signal(sums, true)).value();
    }

    private Variable activated(Variable sums) {
        return activated(new Signal(sums, true)).value();
    }

    private Signal sequence(List<Signal> outputs) {
        var all = outputs.stream().map(Signal::channelsLast).toArray(Variable[]::new);
        return Signal.of(F.apply(new Sequence(), name(), all));
    }

    /// One step of what is `[N, steps, …]`.
    private record Step(int number) implements Function {
        @Override
        public String name() {
            return "Step";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            return g.applyAll(
                    new Gather(1), List.of(inputs.getFirst(), g.scalar(DType.INT64, number)));
        }
    }

    /// The sums of each gate, of what is `[N, 4 · filters, …]`.
    private record Gates() implements Function {
        @Override
        public String name() {
            return "Gates";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            return g.applyAll(new Split(1, GATES), List.of(inputs.getFirst(), g.absent()));
        }
    }

    /// Steps one behind the other, `[N, steps, …]`.
    private record Sequence() implements Function {
        @Override
        public String name() {
            return "Sequence";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var columns =
                    inputs.stream().map(x -> g.apply(new Unsqueeze(), x, g.vector(1))).toList();
            return g.applyAll(new Concat(1), columns);
        }
    }

    @Override
    final List<WeightRole> roles() {
        var roles = new ArrayList<>(super.roles());
        roles.add(1, recurrentRole);
        return roles;
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        config.put("filters", filters);
        windows.describeConvolution(config);
        recurrence.describe(config);
        config.remove("unroll"); // Keras's constructor takes none
        config.put("recurrent_activation", gate.keras());
        describeWeights(config);
        config.put("unit_forget_bias", unitForgetBias);
    }

    @Override
    final void read(Settings settings) {
        windows.read(settings);
        recurrence.read(settings);
        if (recurrence.isStateful()) throw settings.wrong("stateful", "false", true);
        for (var key : List.of("dropout", "recurrent_dropout"))
            if (settings.real(key, 0) != 0) throw settings.wrong(key, "0", settings.real(key, 0));
        recurrentActivation(settings.text("recurrent_activation", "hard_sigmoid"));
        unitForgetBias(settings.flag("unit_forget_bias", true));
        super.read(settings);
    }
}
