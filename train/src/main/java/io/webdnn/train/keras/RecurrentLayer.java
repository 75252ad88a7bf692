package io.webdnn.train.keras;

import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Recurrent;
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
import org.jspecify.annotations.Nullable;

/// A layer that goes over steps and carries a state: `[N, steps, C]` to its last output `[N,
/// units]`, or to all of them `[N, steps, units]`. Steps that a mask hides leave the state as it
/// is.
///
/// Weights: `kernel` `[C, gates · units]`, `recurrent_kernel` `[units, gates · units]`, `bias`
/// `[gates · units]`.
///
/// @param <S> the kind of layer
public abstract class RecurrentLayer<S extends RecurrentLayer<S>> extends WeightedLayer<S> {
    private final Recurrent.Cell cell;
    private final int units;
    private final WeightRole recurrentRole =
            new WeightRole("recurrent_kernel", "recurrent", WeightInitializer.orthogonal(1));
    private ActivationFunction gate = ActivationFunction.HARD_SIGMOID;
    private boolean returnsSequences;
    private boolean goesBackwards;
    private @Nullable Parameter recurrent;

    RecurrentLayer(Recurrent.Cell cell, int units) {
        this.cell = cell;
        this.units = positive("units", units);
        activation("tanh");
    }

    /// Sets whether all outputs are given, instead of the last: `false` at first.
    public final S returnSequences(boolean whether) {
        expectNotBuilt("return sequences");
        returnsSequences = whether;
        return self();
    }

    /// Sets whether the last step is read first; all outputs then stand in that order.
    public final S goBackwards(boolean whether) {
        expectNotBuilt("go backwards");
        goesBackwards = whether;
        return self();
    }

    /// Sets what the recurrent kernel is drawn by: `orthogonal` at first.
    public final S recurrentInitializer(WeightInitializer initializer) {
        expectNotBuilt("recurrent initializer");
        recurrentRole.initializer(initializer);
        return self();
    }

    final void chooseGate(String name) {
        expectNotBuilt("recurrent activation");
        gate = ActivationFunction.of(toString(), name);
    }

    final boolean hasGates() {
        return cell != Recurrent.Cell.SIMPLE;
    }

    final boolean returnsSequences() {
        return returnsSequences;
    }

    final boolean goesBackwards() {
        return goesBackwards;
    }

    final int units() {
        return units;
    }

    @Override
    final int[] outputShape(int[] input) {
        expectRank(input, 2, Windows.form(1));
        if (isBuilt() && kernel().size(0) != input[1])
            throw wrong("input", "[steps, " + kernel().size(0) + "]", Arrays.toString(input));
        return returnsSequences ? new int[] {input[0], units} : new int[] {units};
    }

    @Override
    final void build(int[] input) {
        elementwise("activation", activationFunction());
        elementwise("recurrent activation", gate);
        int width = cell.gates() * units;
        makeKernel(List.of(), input[1], width);
        recurrent = make(recurrentRole, List.of(), units, width);
        makeBias(width);
        var bias = bias();
        if (bias == null || !startsToRemember()) return;
        float[] values = bias.array().floats().clone();
        Arrays.fill(values, units, 2 * units, 1);
        bias.assign(Tensor.of(values, width));
    }

    /// {@return whether the bias of the second gate starts at 1}
    boolean startsToRemember() {
        return false;
    }

    private Elementwise elementwise(String argument, ActivationFunction function) {
        var operator = function.elementwise();
        if (operator == null)
            throw wrong(argument, "a function of single numbers", function.keras());
        return operator;
    }

    @Override
    final Signal apply(Signal x) {
        var operator =
                new Recurrent(
                        cell,
                        units,
                        elementwise("recurrent activation", gate),
                        elementwise("activation", activationFunction()),
                        goesBackwards);
        var fromInput = F.matmul(x.channelsLast(), kernel());
        var bias = bias();
        if (bias != null) fromInput = fromInput.plus(bias);
        var given = new ArrayList<>(List.of(fromInput, Objects.requireNonNull(recurrent)));
        var mask = x.mask();
        if (mask != null) given.add(mask);
        var outputs =
                F.applyAll(new Steps(kind(), operator), name(), given.toArray(Variable[]::new));
        return returnsSequences
                ? Signal.of(outputs.get(0)).masked(mask)
                : Signal.of(outputs.get(1));
    }

    /// @param name the layer's kind
    private record Steps(String name, Recurrent operator) implements Function {
        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var operands = new ArrayList<Operand>(inputs.subList(0, 2));
            operands.add(g.absent());
            operands.addAll(inputs.subList(2, inputs.size()));
            return g.applyAll(operator, operands).subList(0, 2);
        }
    }

    @Override
    final Masks masks() {
        return Masks.READ;
    }

    @Override
    final List<WeightRole> roles() {
        var roles = new ArrayList<>(super.roles());
        roles.add(1, recurrentRole);
        return roles;
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        config.put("return_sequences", returnsSequences);
        config.put("return_state", false);
        config.put("go_backwards", goesBackwards);
        config.put("stateful", false);
        config.put("unroll", false);
        config.put("units", units);
        if (hasGates()) config.put("recurrent_activation", gate.keras());
        describeWeights(config);
        if (cell == Recurrent.Cell.LSTM) config.put("unit_forget_bias", startsToRemember());
        config.put("dropout", 0.0);
        config.put("recurrent_dropout", 0.0);
    }

    @Override
    void read(Settings settings) {
        returnSequences(settings.flag("return_sequences", false));
        goBackwards(settings.flag("go_backwards", false));
        if (hasGates()) chooseGate(settings.text("recurrent_activation", "hard_sigmoid"));
        for (var key : List.of("return_state", "stateful", "reset_after"))
            if (settings.flag(key, false)) throw settings.wrong(key, "false", true);
        for (var key : List.of("dropout", "recurrent_dropout")) {
            if (settings.real(key, 0) != 0) throw settings.wrong(key, "0", settings.real(key, 0));
        }
        super.read(settings);
    }
}
