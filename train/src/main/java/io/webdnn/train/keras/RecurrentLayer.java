package io.webdnn.train.keras;

import io.webdnn.graph.op.Recurrent;
import io.webdnn.train.TrainingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
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
public abstract class RecurrentLayer<S extends RecurrentLayer<S>> extends RecurrentCell<S> {
    private final Recurrence recurrence = new Recurrence(this);

    RecurrentLayer(Recurrent.Cell cell, int units) {
        super(cell, units);
    }

    /// Sets whether all outputs are given, instead of the last: `false` at first.
    public final S returnSequences(boolean whether) {
        recurrence.returnSequences(whether);
        return self();
    }

    /// Sets whether the states at the end are given behind the result: `false` at first.
    public final S returnState(boolean whether) {
        recurrence.returnState(whether);
        return self();
    }

    /// Sets whether the last step is read first; all outputs then stand in that order.
    public final S goBackwards(boolean whether) {
        recurrence.goBackwards(whether);
        return self();
    }

    /// Sets whether each batch starts from the states that the one before ended with, example by
    /// example, until [#resetStates]: `false` at first. The model then needs a size of its batches
    /// ([#batchInputShape]).
    public final S stateful(boolean whether) {
        recurrence.stateful(whether);
        return self();
    }

    final Recurrence recurrence() {
        return recurrence;
    }

    @Override
    final boolean isStateful() {
        return recurrence.isStateful();
    }

    @Override
    final void settleStates() {
        recurrence.settle();
    }

    /// Lets the next batch start from zeros, where this is stateful.
    @Override
    public final void resetStates() {
        recurrence.reset();
    }

    @Override
    final List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() != 1 && inputs.size() != 1 + states())
            throw wrong("inputs", "a sequence, or one and its states: " + states(), inputs.size());
        expectStates(inputs);
        var shapes = new ArrayList<int[]>();
        shapes.add(outputShape(inputs.getFirst()));
        if (recurrence.returnsState())
            shapes.addAll(Collections.nCopies(states(), new int[] {units()}));
        return shapes;
    }

    /// {@return the shape of the result without states}
    ///
    /// @throws TrainingException if the input does not fit
    @Override
    final int[] outputShape(int[] input) {
        expectRank(input, 2, Windows.form(1));
        expectChannels(input);
        return recurrence.returnsSequences() ? new int[] {input[0], units()} : new int[] {units()};
    }

    @Override
    final Signal apply(Signal x) {
        return applyTo(List.of(x)).getFirst();
    }

    @Override
    final List<Signal> applyTo(List<Signal> inputs) {
        return recurrence.apply(List.of(this), inputs);
    }

    @Override
    final Masks masks() {
        return Masks.READ;
    }

    @Override
    final void describe(Map<String, @Nullable Object> config) {
        recurrence.describe(config);
        describeStep(config);
    }

    @Override
    void read(Settings settings) {
        recurrence.read(settings);
        super.read(settings);
    }
}
