package io.webdnn.graph.expr;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A sequential axis with state. Before the first step each state's `current` is `initial`; for
/// `step = 0 … extent−1` the body runs (it may read `step` and every state's `current`, and
/// computes each state's `next`), then each `history` keeps this step's value of a buffer, and each
/// state takes its `next`. Afterwards `current` holds the last state.
///
/// @param step the sequential index; body expressions use it as a free index
/// @param states what is carried over
/// @param body stages, run in order at each step
/// @param histories what is kept of each step
/// @param goesOn a bool scalar, `current` of a state: the recurrence ends before the first step at
///   which it is false, and keeps no histories; null if all steps run
public record Recurrence(
        Index step,
        List<State> states,
        List<Stage> body,
        List<History> histories,
        @Nullable Buffer goesOn)
        implements Step {
    /// A carried tensor: `current` and `next` have one type; `domain` are the indices of `initial`.
    public record State(Buffer current, List<Index> domain, Expr initial, Buffer next) {
        public State {
            domain = List.copyOf(domain);
        }
    }

    /// `all[step, …] = each` after the body of each step.
    public record History(Buffer all, Buffer each) {}

    public Recurrence {
        states = List.copyOf(states);
        body = List.copyOf(body);
        histories = List.copyOf(histories);
        if (goesOn != null && !histories.isEmpty())
            throw new IllegalArgumentException(
                    "Recurrence: histories: expected none where the number of steps is not known,"
                            + " got "
                            + histories.size());
    }

    /// All steps run.
    public Recurrence(Index step, List<State> states, List<Stage> body, List<History> histories) {
        this(step, states, body, histories, null);
    }

    @Override
    public List<Buffer> writes() {
        var buffers = new ArrayList<Buffer>();
        for (var state : states) buffers.add(state.current);
        for (var history : histories) buffers.add(history.all);
        return buffers;
    }
}
