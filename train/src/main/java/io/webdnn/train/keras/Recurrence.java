package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a layer goes over steps, what it gives of them, and what it keeps from batch to batch.
final class Recurrence {
    private final Layer layer;
    private boolean returnsSequences;
    private boolean returnsState;
    private boolean goesBackwards;
    private boolean stateful;
    private List<Tensor> kept = List.of();
    private List<Variable> ends = List.of();

    Recurrence(Layer layer) {
        this.layer = layer;
    }

    void returnSequences(boolean whether) {
        layer.expectNotBuilt("return sequences");
        returnsSequences = whether;
    }

    void returnState(boolean whether) {
        layer.expectNotBuilt("return state");
        returnsState = whether;
    }

    void goBackwards(boolean whether) {
        layer.expectNotBuilt("go backwards");
        goesBackwards = whether;
    }

    void stateful(boolean whether) {
        layer.expectNotBuilt("stateful");
        stateful = whether;
    }

    boolean returnsSequences() {
        return returnsSequences;
    }

    boolean returnsState() {
        return returnsState;
    }

    boolean goesBackwards() {
        return goesBackwards;
    }

    boolean isStateful() {
        return stateful;
    }

    /// {@return what becomes of a sequence, and perhaps of states that are given behind it: each
    /// cell reads all that the one before gives}
    List<Signal> apply(List<? extends RecurrentCell<?>> cells, List<Signal> inputs) {
        var x = inputs.getFirst().channelsLast();
        var mask = inputs.getFirst().mask();
        var given = inputs.stream().skip(1).map(Signal::channelsLast).toList();
        if (stateful) {
            if (!given.isEmpty())
                throw layer.wrong(
                        "inputs", "a sequence alone, where it is stateful", inputs.size());
            given = before(cells, x.size(0));
        }
        var sequence = x;
        var last = x;
        var states = new ArrayList<Variable>();
        for (int i = 0; i < cells.size(); i++) {
            var cell = cells.get(i);
            int from = states.size();
            var own = given.isEmpty() ? given : given.subList(from, from + cell.states());
            // the first turns the sequence round
            var outputs = cell.over(sequence, mask, own, goesBackwards && i == 0);
            sequence = outputs.get(0);
            last = outputs.get(1);
            states.addAll(outputs.subList(2, outputs.size()));
        }
        if (stateful) ends = states.stream().map(Variable::retain).toList();
        var results = new ArrayList<Signal>();
        results.add(returnsSequences ? Signal.of(sequence).masked(mask) : Signal.of(last));
        if (returnsState) for (var state : states) results.add(Signal.of(state));
        return results;
    }

    /// {@return the states that the batch before ended with, zeros at first}
    private List<Variable> before(List<? extends RecurrentCell<?>> cells, int count) {
        if (kept.isEmpty()) {
            kept = new ArrayList<>();
            for (var cell : cells)
                for (int i = 0; i < cell.states(); i++)
                    kept.add(Tensor.zeros(DType.FLOAT32, count, cell.units()));
        }
        int before = kept.getFirst().shape()[0];
        if (before != count)
            throw layer.wrong("batch", before + " examples, as the one before has", count);
        return kept.stream().map(Variable::sharing).toList();
    }

    /// Keeps the states that a batch ended with, once it is computed.
    void settle() {
        if (!ends.isEmpty()) kept = ends.stream().map(Variable::array).toList();
        ends = List.of();
    }

    void reset() {
        kept = List.of();
        ends = List.of();
    }

    void describe(Map<String, @Nullable Object> config) {
        config.put("return_sequences", returnsSequences);
        config.put("return_state", returnsState);
        config.put("go_backwards", goesBackwards);
        config.put("stateful", stateful);
        config.put("unroll", false);
    }

    void read(Settings settings) {
        returnSequences(settings.flag("return_sequences", false));
        returnState(settings.flag("return_state", false));
        goBackwards(settings.flag("go_backwards", false));
        stateful(settings.flag("stateful", false));
    }
}
