package io.webdnn.train.keras;

import io.webdnn.graph.op.Elementwise;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Recurrent;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One step of a recurrent layer: an input `[N, C]` and states, each `[N, units]`, to an output
/// `[N, units]` and the next states. [RNN] lets it go over sequences.
///
/// Weights: `kernel` `[C, gates · units]`, `recurrent_kernel` `[units, gates · units]`, `bias`
/// `[gates · units]`.
///
/// @param <S> the kind of layer
public abstract class RecurrentCell<S extends RecurrentCell<S>> extends WeightedLayer<S> {
    private final int units;
    private final WeightRole recurrentRole =
            new WeightRole("recurrent_kernel", "recurrent", WeightInitializer.orthogonal(1));
    private ActivationFunction gate = ActivationFunction.HARD_SIGMOID;
    private Recurrent.Cell cell;
    private boolean unitForgetBias = true;
    private double dropout;
    private double recurrentDropout;
    private @Nullable Parameter recurrent;

    RecurrentCell(Recurrent.Cell cell, int units) {
        this.cell = cell;
        this.units = positive("units", units);
        activation("tanh");
    }

    /// Sets with which probability numbers of the input are 0 in training, the same at all steps: 0
    /// at first.
    public final S dropout(double rate) {
        expectNotBuilt("dropout");
        dropout = rate("dropout", rate);
        return self();
    }

    /// Sets with which probability numbers of the state are taken for 0 in training where they meet
    /// the recurrent kernel, the same at all steps: 0 at first.
    ///
    /// Source: Gal, Ghahramani 2016.
    public final S recurrentDropout(double rate) {
        expectNotBuilt("recurrent dropout");
        recurrentDropout = rate("recurrent dropout", rate);
        return self();
    }

    private double rate(String argument, double rate) {
        if (!(rate >= 0 && rate < 1)) throw wrong(argument, "0 <= rate < 1", rate);
        return rate;
    }

    /// Sets what the recurrent kernel is drawn by: `orthogonal` at first.
    public final S recurrentInitializer(WeightInitializer initializer) {
        expectNotBuilt("recurrent initializer");
        recurrentRole.initializer(initializer);
        return self();
    }

    /// Sets what the recurrent kernel costs: nothing at first.
    public final S recurrentRegularizer(Regularizer regularizer) {
        expectNotBuilt("recurrent regularizer");
        recurrentRole.regularizer(regularizer);
        return self();
    }

    /// Sets what the recurrent kernel is brought back to after each update.
    public final S recurrentConstraint(Constraint constraint) {
        expectNotBuilt("recurrent constraint");
        recurrentRole.constraint(constraint);
        return self();
    }

    final void chooseGate(String name) {
        expectNotBuilt("recurrent activation");
        gate = ActivationFunction.of(toString(), name);
    }

    final void chooseForgetBias(boolean isOne) {
        expectNotBuilt("unit forget bias");
        unitForgetBias = isOne;
    }

    final void chooseResetAfter(boolean whether) {
        expectNotBuilt("reset after");
        cell = whether ? Recurrent.Cell.GRU_RESET_AFTER : Recurrent.Cell.GRU;
    }

    private boolean hasGates() {
        return cell != Recurrent.Cell.SIMPLE;
    }

    final int units() {
        return units;
    }

    /// {@return how many states go from a step to the next}
    final int states() {
        return cell.states();
    }

    /// {@return the shapes of the result and of the states}
    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() != 1 + states())
            throw wrong("inputs", "a step and its states: " + states(), inputs.size());
        expectStates(inputs);
        expectRank(inputs.getFirst(), 1, "[channels]");
        expectChannels(inputs.getFirst());
        return Collections.nCopies(1 + states(), new int[] {units});
    }

    /// Complains about states behind the first input that are none of this cell.
    final void expectStates(List<int[]> inputs) {
        int[] state = {units};
        for (var given : inputs.subList(1, inputs.size()))
            if (!Arrays.equals(given, state))
                throw wrong("initial state", Arrays.toString(state), Arrays.toString(given));
    }

    /// Complains about another number of channels than the weights are for.
    final void expectChannels(int[] input) {
        if (!isBuilt()) return;
        int[] known = input.clone();
        known[input.length - 1] = kernel().size(0);
        if (!Arrays.equals(known, input))
            throw wrong("input", Arrays.toString(known), Arrays.toString(input));
    }

    @Override
    final void buildFor(List<int[]> inputs) {
        int[] input = inputs.getFirst();
        elementwise("activation", activationFunction());
        elementwise("recurrent activation", gate);
        int width = cell.gates() * units;
        makeKernel(List.of(), input[input.length - 1], width);
        recurrent = make(recurrentRole, List.of(), units, width);
        if (resetsAfter()) makeBias(2, width);
        else makeBias(width);
        var bias = bias();
        if (bias == null || !remembers() || !unitForgetBias) return;
        float[] values = bias.array().floats().clone();
        Arrays.fill(values, units, 2 * units, 1);
        bias.assign(Tensor.of(values, width));
    }

    private boolean resetsAfter() {
        return cell == Recurrent.Cell.GRU_RESET_AFTER;
    }

    /// {@return whether the second gate is one that forgets}
    private boolean remembers() {
        return cell == Recurrent.Cell.LSTM;
    }

    private Elementwise elementwise(String argument, ActivationFunction function) {
        var operator = function.elementwise();
        if (operator == null)
            throw wrong(argument, "a function of single numbers", function.keras());
        return operator;
    }

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        var x = inputs.getFirst().channelsLast();
        var step = F.reshape(x, -1, 1, x.size(1));
        var states = inputs.stream().skip(1).map(Signal::channelsLast).toList();
        var outputs = over(step, null, states, false);
        return outputs.subList(1, outputs.size()).stream().map(Signal::of).toList();
    }

    /// {@return all outputs, the last one, and the states at the end}
    ///
    /// @param x a sequence, `[N, steps, C]`
    /// @param mask which steps count, null if all do
    /// @param states those to start from, none for zeros
    /// @param backwards whether the last step is read first
    final List<Variable> over(
            Variable x, @Nullable Variable mask, List<Variable> states, boolean backwards) {
        var operator =
                new Recurrent(
                        cell,
                        units,
                        elementwise("recurrent activation", gate),
                        elementwise("activation", activationFunction()),
                        backwards);
        int count = x.size(0);
        var bias = bias();
        // by the operator's places
        var given = new ArrayList<@Nullable Variable>(Collections.nCopies(7, null));
        var fromInput = F.matmul(thinned(x, count, 1, x.size(2)), kernel());
        var own = bias != null && resetsAfter() ? row(bias, 0) : bias;
        given.set(0, own == null ? fromInput : fromInput.plus(own));
        given.set(1, recurrent);
        if (bias != null && resetsAfter()) given.set(2, row(bias, 1));
        given.set(3, mask);
        for (int i = 0; i < states.size(); i++) given.set(4 + i, states.get(i));
        if (recurrentDropout > 0 && Configuration.isTraining())
            given.set(6, NoiseLayer.kept(recurrentDropout, count, units));
        var present = given.stream().map(Objects::nonNull).toList();
        var operands = given.stream().filter(Objects::nonNull).toArray(Variable[]::new);
        return F.applyAll(new Steps(kind(), operator, present), name(), operands);
    }

    private Variable thinned(Variable x, int... shape) {
        boolean thins = dropout > 0 && Configuration.isTraining();
        return thins ? x.times(NoiseLayer.kept(dropout, shape)) : x;
    }

    private Variable row(Variable bias, int number) {
        return F.apply(new Row(number), name(), bias);
    }

    /// One row of a matrix.
    private record Row(int number) implements Function {
        @Override
        public String name() {
            return "Row";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            return g.applyAll(
                    new Gather(0), List.of(inputs.getFirst(), g.scalar(DType.INT64, number)));
        }
    }

    /// @param name the layer's kind
    /// @param present which of the operator's operands are given
    private record Steps(String name, Recurrent operator, List<Boolean> present)
            implements Function {
        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var operands = new ArrayList<Operand>();
            int next = 0;
            for (boolean isGiven : present) operands.add(isGiven ? inputs.get(next++) : g.absent());
            return g.applyAll(operator, operands);
        }
    }

    @Override
    final List<WeightRole> roles() {
        var roles = new ArrayList<>(super.roles());
        roles.add(1, recurrentRole);
        return roles;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        describeStep(config);
        config.remove("activity_regularizer"); // which only the layer over steps has
    }

    /// Adds what is said of a step.
    final void describeStep(Map<String, @Nullable Object> config) {
        config.put("units", units);
        if (hasGates()) config.put("recurrent_activation", gate.keras());
        describeWeights(config);
        if (remembers()) config.put("unit_forget_bias", unitForgetBias);
        if (resetsAfter()) config.put("reset_after", true);
        config.put("dropout", dropout);
        config.put("recurrent_dropout", recurrentDropout);
        // one draw for all gates
        if (dropout > 0 || recurrentDropout > 0) config.put("implementation", 2);
    }

    @Override
    void read(Settings settings) {
        if (remembers()) chooseForgetBias(settings.flag("unit_forget_bias", true));
        else if (hasGates()) chooseResetAfter(settings.flag("reset_after", false));
        if (hasGates()) chooseGate(settings.text("recurrent_activation", "hard_sigmoid"));
        dropout(settings.real("dropout", 0));
        recurrentDropout(settings.real("recurrent_dropout", 0));
        super.read(settings);
    }
}
