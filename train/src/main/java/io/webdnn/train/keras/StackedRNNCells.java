package io.webdnn.train.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Cells one behind the other, for [RNN]: each reads what the one before gives. Called on a step
/// `[N, C]` and the states of all cells in their order.
///
/// Weights: those of the cells, in their order.
public final class StackedRNNCells extends FluentLayer<StackedRNNCells> {
    private final List<RecurrentCell<?>> cells = new ArrayList<>();

    /// @param cells one or more
    public StackedRNNCells(RecurrentCell<?>... cells) {
        if (cells.length == 0) throw wrong("cells", "one or more", 0);
        for (var cell : cells) {
            RNN.expectCell(this, cell);
            var name = cell.chosenName().isEmpty() ? cell.automaticName() : cell.chosenName();
            var free = name;
            for (int i = 1; children().containsKey(free); i++) free = name + "_" + i;
            this.cells.add(link(free, cell));
        }
    }

    List<RecurrentCell<?>> cells() {
        return cells;
    }

    private int states() {
        return cells.stream().mapToInt(RecurrentCell::states).sum();
    }

    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        if (inputs.size() != 1 + states())
            throw wrong("inputs", "a step and its states: " + states(), inputs.size());
        var results = new ArrayList<int[]>();
        int[] x = inputs.getFirst();
        int next = 1;
        for (var cell : cells) {
            var given = new ArrayList<>(List.of(x));
            given.addAll(inputs.subList(next, next + cell.states()));
            next += cell.states();
            var outputs = cell.outputShapes(given);
            x = outputs.getFirst();
            results.addAll(outputs.subList(1, outputs.size()));
        }
        results.addFirst(x);
        return results;
    }

    @Override
    void buildFor(List<int[]> inputs) {
        buildFrom(inputs.getFirst());
    }

    /// Makes the weights of all cells.
    ///
    /// @param input the shape of a step
    void buildFrom(int[] input) {
        int[] x = input;
        for (var cell : cells) {
            var given = new ArrayList<>(List.of(x));
            for (int i = 0; i < cell.states(); i++) given.add(new int[] {cell.units()});
            x = cell.connect(given).getFirst();
        }
    }

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        var results = new ArrayList<Signal>();
        var x = inputs.getFirst();
        int next = 1;
        for (var cell : cells) {
            var given = new ArrayList<>(List.of(x));
            given.addAll(inputs.subList(next, next + cell.states()));
            next += cell.states();
            var outputs = cell.applyTo(given);
            x = outputs.getFirst();
            results.addAll(outputs.subList(1, outputs.size()));
        }
        results.addFirst(x);
        return results;
    }

    @Override
    List<Weight> weights() {
        return cells.stream().flatMap(cell -> cell.weights().stream()).toList();
    }

    @Override
    String automaticName() {
        return "stacked_rnn_cells";
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("cells", cells.stream().map(Layer::described).toList());
    }
}
