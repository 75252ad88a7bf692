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

/// A layer that goes over steps and carries a state: `[N, steps, C]` to its last output `[N,
/// units]`, or to all of them `[N, steps, units]`. Steps that a mask hides leave the state as it
/// is.
///
/// It may be called on states behind the sequence, each `[N, units]`, from which it starts instead
/// of zeros, and may give those that it ends with behind its result:
///
/// ```java
/// var ends = new LSTM(8).returnState(true).callAll(List.of(question)); // output, h, c
/// var answer = new LSTM(8).returnSequences(true).call(words, ends.get(1), ends.get(2));
/// ```
///
/// Weights: `kernel` `[C, gates · units]`, `recurrent_kernel` `[units, gates · units]`, `bias`
/// `[gates · units]`.
///
/// @param <S> the kind of layer
public abstract class RecurrentLayer<S extends RecurrentLayer<S>> extends WeightedLayer<S> {
    private final int units;
    private final WeightRole recurrentRole =
            new WeightRole("recurrent_kernel", "recurrent", WeightInitializer.orthogonal(1));
    private ActivationFunction gate = ActivationFunction.HARD_SIGMOID;
    private Recurrent.Cell cell;
    private double dropout;
    private double recurrentDropout;
    private boolean returnsState;
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

    /// Sets whether the states at the end are given behind the result: `false` at first.
    public final S returnState(boolean whether) {
        expectNotBuilt("return state");
        returnsState = whether;
        return self();
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

    final void chooseCell(Recurrent.Cell chosen) {
        expectNotBuilt("reset after");
        cell = chosen;
    }

    final boolean returnsState() {
        return returnsState;
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
    final List<int[]> outputShapes(List<int[]> inputs) {
        int states = cell.states();
        if (inputs.size() != 1 && inputs.size() != 1 + states)
            throw wrong("inputs", "a sequence, or one and its states: " + states, inputs.size());
        int[] state = {units};
        for (var given : inputs.subList(1, inputs.size()))
            if (!Arrays.equals(given, state))
                throw wrong("initial state", Arrays.toString(state), Arrays.toString(given));
        var shapes = new ArrayList<int[]>();
        shapes.add(outputShape(inputs.getFirst()));
        if (returnsState) for (int i = 0; i < states; i++) shapes.add(state);
        return shapes;
    }

    @Override
    final void buildFor(List<int[]> inputs) {
        build(inputs.getFirst());
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
        if (resetsAfter()) makeBias(2, width);
        else makeBias(width);
        var bias = bias();
        if (bias == null || !startsToRemember()) return;
        float[] values = bias.array().floats().clone();
        Arrays.fill(values, units, 2 * units, 1);
        bias.assign(Tensor.of(values, width));
    }

    private boolean resetsAfter() {
        return cell == Recurrent.Cell.GRU_RESET_AFTER;
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
        return applyTo(List.of(x)).getFirst();
    }

    @Override
    final List<Signal> applyTo(List<Signal> inputs) {
        var operator =
                new Recurrent(
                        cell,
                        units,
                        elementwise("recurrent activation", gate),
                        elementwise("activation", activationFunction()),
                        goesBackwards);
        var x = inputs.getFirst().channelsLast();
        var mask = inputs.getFirst().mask();
        int count = x.size(0);
        var bias = bias();
        // by the operator's places
        var given = new ArrayList<@Nullable Variable>(Collections.nCopies(7, null));
        var fromInput = F.matmul(thinned(x, dropout, count, 1, x.size(2)), kernel());
        var own = bias != null && resetsAfter() ? row(bias, 0) : bias;
        given.set(0, own == null ? fromInput : fromInput.plus(own));
        given.set(1, recurrent);
        if (bias != null && resetsAfter()) given.set(2, row(bias, 1));
        given.set(3, mask);
        for (int i = 1; i < inputs.size(); i++) given.set(3 + i, inputs.get(i).channelsLast());
        if (recurrentDropout > 0 && Configuration.isTraining())
            given.set(6, NoiseLayer.kept(recurrentDropout, count, units));
        var present = given.stream().map(Objects::nonNull).toList();
        var function = new Steps(kind(), operator, returnsState, present);
        var operands = given.stream().filter(Objects::nonNull).toArray(Variable[]::new);
        var outputs = F.applyAll(function, name(), operands);
        var results = new ArrayList<Signal>();
        results.add(
                returnsSequences
                        ? Signal.of(outputs.get(0)).masked(mask)
                        : Signal.of(outputs.get(1)));
        for (var state : outputs.subList(2, outputs.size())) results.add(Signal.of(state));
        return results;
    }

    private static Variable thinned(Variable x, double rate, int... shape) {
        boolean thins = rate > 0 && Configuration.isTraining();
        return thins ? x.times(NoiseLayer.kept(rate, shape)) : x;
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
    /// @param givesStates whether the states at the end are given
    /// @param present which of the operator's operands are given
    private record Steps(
            String name, Recurrent operator, boolean givesStates, List<Boolean> present)
            implements Function {
        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var operands = new ArrayList<Operand>();
            int next = 0;
            for (boolean isGiven : present) operands.add(isGiven ? inputs.get(next++) : g.absent());
            var outputs = g.applyAll(operator, operands);
            return givesStates ? outputs : outputs.subList(0, 2);
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
        config.put("return_state", returnsState);
        config.put("go_backwards", goesBackwards);
        config.put("stateful", false);
        config.put("unroll", false);
        config.put("units", units);
        if (hasGates()) config.put("recurrent_activation", gate.keras());
        describeWeights(config);
        if (cell == Recurrent.Cell.LSTM) config.put("unit_forget_bias", startsToRemember());
        if (resetsAfter()) config.put("reset_after", true);
        config.put("dropout", dropout);
        config.put("recurrent_dropout", recurrentDropout);
        // one draw for all gates
        if (dropout > 0 || recurrentDropout > 0) config.put("implementation", 2);
    }

    @Override
    void read(Settings settings) {
        returnSequences(settings.flag("return_sequences", false));
        goBackwards(settings.flag("go_backwards", false));
        if (hasGates()) chooseGate(settings.text("recurrent_activation", "hard_sigmoid"));
        returnState(settings.flag("return_state", false));
        dropout(settings.real("dropout", 0));
        recurrentDropout(settings.real("recurrent_dropout", 0));
        if (settings.flag("stateful", false)) throw settings.wrong("stateful", "false", true);
        super.read(settings);
    }
}
