package io.webdnn.train.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A cell, or several one behind the other, over steps: `[N, steps, C]` to the last output `[N,
/// units]`, or to all of them `[N, steps, units]`. With one cell it computes what the layer of the
/// cell's name does. Steps that a mask hides leave the states as they are.
///
/// ```java
/// var y = new RNN(new GRUCell(16), new LSTMCell(8)).returnSequences(true);
/// ```
///
/// Weights: those of the cells, in their order.
public final class RNN extends FluentLayer<RNN> {
    private final Layer cell;
    private final List<RecurrentCell<?>> cells;
    private final Recurrence recurrence = new Recurrence(this);

    /// @param cells one or more; several are a [StackedRNNCells]
    public RNN(RecurrentCell<?>... cells) {
        this(cells.length == 1 ? cells[0] : new StackedRNNCells(cells));
    }

    /// @param cells those of a stack
    public RNN(StackedRNNCells cells) {
        this((Layer) cells);
    }

    private RNN(Layer cell) {
        expectCell(this, cell);
        cells =
                switch (cell) {
                    case StackedRNNCells stack -> stack.cells();
                    case RecurrentCell<?> one -> List.of(one);
                    default -> throw wrong("cell", "a cell, or a stack of cells", cell);
                };
        var name = cell.chosenName().isEmpty() ? cell.automaticName() : cell.chosenName();
        this.cell = link(name, cell);
    }

    static RNN of(Layer cell) {
        return new RNN(cell);
    }

    /// Complains about what is no cell, or is one of another layer.
    static void expectCell(Layer owner, Layer cell) {
        if (cell instanceof RecurrentLayer)
            throw owner.wrong("cell", "a cell, which goes one step", cell);
        if (cell.isBuilt()) throw owner.wrong("cell", "one that is not yet part of a model", cell);
    }

    /// Sets whether all outputs are given, instead of the last: `false` at first.
    public RNN returnSequences(boolean whether) {
        recurrence.returnSequences(whether);
        return this;
    }

    /// Sets whether the states of the only cell are given behind the result: `false` at first.
    public RNN returnState(boolean whether) {
        if (whether && cells.size() > 1)
            throw wrong("return state", "false for a stack of cells", true);
        recurrence.returnState(whether);
        return this;
    }

    /// Sets whether the last step is read first; all outputs then stand in that order.
    public RNN goBackwards(boolean whether) {
        recurrence.goBackwards(whether);
        return this;
    }

    /// Sets whether each batch starts from the states that the one before ended with, example by
    /// example, until [#resetStates]: `false` at first. The model then needs a size of its batches
    /// ([#batchInputShape]).
    public RNN stateful(boolean whether) {
        recurrence.stateful(whether);
        return this;
    }

    @Override
    boolean isStateful() {
        return recurrence.isStateful();
    }

    @Override
    void settleStates() {
        recurrence.settle();
    }

    /// Lets the next batch start from zeros, where this is stateful.
    @Override
    public void resetStates() {
        recurrence.reset();
    }

    @Override
    List<int[]> outputShapes(List<int[]> inputs) {
        int states = cells.stream().mapToInt(RecurrentCell::states).sum();
        if (inputs.size() != 1 && inputs.size() != 1 + states)
            throw wrong("inputs", "a sequence, or one and its states: " + states, inputs.size());
        int[] sequence = expectRank(inputs.getFirst(), 2, Windows.form(1));
        var given = new ArrayList<int[]>();
        given.add(new int[] {sequence[1]});
        if (inputs.size() > 1) given.addAll(inputs.subList(1, inputs.size()));
        else
            for (var one : cells)
                for (int i = 0; i < one.states(); i++) given.add(new int[] {one.units()});
        var shapes = new ArrayList<>(cell.outputShapes(given));
        if (!recurrence.returnsState()) shapes.subList(1, shapes.size()).clear();
        if (recurrence.returnsSequences())
            shapes.set(0, new int[] {sequence[0], shapes.getFirst()[0]});
        return shapes;
    }

    @Override
    void buildFor(List<int[]> inputs) {
        int[] step = {inputs.getFirst()[1]};
        if (cell instanceof StackedRNNCells stack) stack.buildFrom(step);
        else {
            var given = new ArrayList<int[]>();
            given.add(step);
            for (int i = 0; i < cells.getFirst().states(); i++)
                given.add(new int[] {cells.getFirst().units()});
            cell.connect(given);
        }
    }

    @Override
    List<Signal> applyTo(List<Signal> inputs) {
        return recurrence.apply(cells, inputs);
    }

    @Override
    Masks masks() {
        return Masks.READ;
    }

    @Override
    List<Weight> weights() {
        return cell.weights();
    }

    @Override
    String automaticName() {
        return "rnn";
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        recurrence.describe(config);
        config.put("cell", cell.described());
    }

    @Override
    void read(Settings settings) {
        recurrence.read(settings);
        if (recurrence.returnsState() && cells.size() > 1)
            throw settings.wrong("return_state", "false for a stack of cells", true);
    }
}
