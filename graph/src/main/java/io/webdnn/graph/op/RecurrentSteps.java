package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.op.Recurrent.Cell;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// The steps of [Recurrent]: the sums of the gates, then the states in one stage.
final class RecurrentSteps {
    private final Recurrent form;
    private final Operands in;
    private final DType dtype;
    private final Dimension n;
    private final Dimension t;
    private final Index step;
    private final Buffer hidden;
    private final Buffer held; // of the state, what meets the recurrent weights
    private final Buffer memory;
    private final Buffer shown; // the output, which masked steps repeat
    private final Buffer nextHidden;
    private final Buffer nextMemory;
    private final Buffer nextShown;

    RecurrentSteps(Recurrent form, Operands in) {
        this.form = form;
        this.in = in;
        dtype = in.type(0).dtype();
        n = in.extent(0, 0);
        t = in.extent(0, 1);
        step = new Index("step", t);
        hidden = state("hidden");
        held = in.has(6) ? state("held") : hidden;
        memory = state("memory");
        shown = state("shown");
        nextHidden = state("nextHidden");
        nextMemory = state("nextMemory");
        nextShown = state("nextShown");
    }

    private Buffer state(String name) {
        return buffer(name, Shape.of(n, Dimension.of(form.hidden())));
    }

    private Buffer buffer(String name, Shape shape) {
        return Buffer.of(name, new TensorType(dtype, shape));
    }

    private boolean isMasked() {
        return in.has(3);
    }

    private boolean hasMemory() {
        return form.cell() == Cell.LSTM;
    }

    Scan lower(List<TensorType> outputs) {
        var history = buffer("history", Shape.of(t).concat(hidden.type().shape()));
        var y = Buffer.of("y", outputs.getFirst());
        var states = new ArrayList<Recurrence.State>();
        states.add(carried(hidden, 4, nextHidden));
        if (hasMemory()) states.add(carried(memory, 5, nextMemory));
        if (isMasked()) states.add(carried(shown, -1, nextShown));
        var body = new ArrayList<Stage>();
        var sums = sums(body);
        body.add(statesStage(sums));
        var each = isMasked() ? nextShown : nextHidden;
        var recurrence =
                new Recurrence(step, states, body, List.of(new Recurrence.History(history, each)));
        var after = new ArrayList<Stage>();
        after.add(Stage.each(y, o -> load(history, o.get(1), o.get(0), o.get(2))));
        var last = Buffer.of("y_last", outputs.get(1));
        var end = isMasked() ? shown : hidden;
        after.add(Stage.each(last, o -> load(end, o.get(0), o.get(1))));
        var results = new ArrayList<>(List.of(y, last, hidden));
        if (hasMemory()) results.add(memory);
        return new Scan(List.of(), recurrence, after, results);
    }

    private static Expr load(Buffer buffer, Expr... index) {
        return new Load(buffer, List.of(index));
    }

    private Recurrence.State carried(Buffer current, int input, Buffer next) {
        var domain = Stage.indices("o", current.type().shape().dimensions());
        Expr initial =
                input >= 0 && in.has(input)
                        ? in.load(input, domain.get(0), domain.get(1))
                        : Expr.of(dtype, 0);
        return new Recurrence.State(current, domain, initial, next);
    }

    /// {@return the time that is read at the step}
    private Expr time() {
        return form.reversed() ? Expr.of(t).minus(1).minus(step) : step;
    }

    private Expr fromInput(Expr example, Expr column) {
        return in.load(0, example, time(), column);
    }

    private Expr biased(Expr sum, Expr column) {
        return in.has(2) ? sum.plus(in.load(2, column)) : sum;
    }

    /// {@return a column of `state · R + B`}
    private Expr fromState(Expr example, Expr column) {
        var k = new Index("k", Dimension.of(form.hidden()));
        var product = load(held, example, k).times(in.load(1, k, column));
        return biased(Expr.sum(List.of(k), product), column);
    }

    /// Adds the stages that a step needs before its states.
    ///
    /// @return the sums of all gates; those of a reset gate that comes after leave the input out
    private Buffer sums(List<Stage> body) {
        int gates = form.cell().gates();
        var columns = Dimension.of((long) gates * form.hidden());
        var sums = buffer("sums", Shape.of(n, columns));
        if (in.has(6))
            body.add(
                    Stage.each(
                            held,
                            o ->
                                    load(hidden, o.get(0), o.get(1))
                                            .times(in.load(6, o.get(0), o.get(1)))));
        switch (form.cell()) {
            case SIMPLE, LSTM ->
                    body.add(
                            Stage.each(
                                    sums,
                                    o ->
                                            fromInput(o.get(0), o.get(1))
                                                    .plus(fromState(o.get(0), o.get(1)))));
            case GRU_RESET_AFTER -> body.add(Stage.each(sums, o -> fromState(o.get(0), o.get(1))));
            case GRU -> {
                var both = buffer("both", Shape.of(n, Dimension.of(2L * form.hidden())));
                body.add(
                        Stage.each(
                                both,
                                o ->
                                        fromInput(o.get(0), o.get(1))
                                                .plus(fromState(o.get(0), o.get(1)))));
                var kept = state("kept");
                body.add(
                        Stage.each(
                                kept,
                                o -> {
                                    var r = gate(load(both, o.get(0), column(o.get(1), 1)));
                                    return r.times(load(held, o.get(0), o.get(1)));
                                }));
                var candidate = state("candidate");
                body.add(Stage.each(candidate, o -> candidate(kept, o)));
                body.add(
                        Stage.each(
                                sums,
                                o -> {
                                    long from = 2L * form.hidden();
                                    return o.get(1)
                                            .less(Expr.of(from))
                                            .select(
                                                    load(both, o.get(0), o.get(1)),
                                                    load(
                                                            candidate,
                                                            o.get(0),
                                                            o.get(1).minus(from)));
                                }));
            }
        }
        return sums;
    }

    /// {@return the sum of the candidate, the state having been reset}
    private Expr candidate(Buffer kept, List<Index> o) {
        var k = new Index("k", Dimension.of(form.hidden()));
        var column = column(o.get(1), 2);
        var product = load(kept, o.get(0), k).times(in.load(1, k, column));
        return fromInput(o.get(0), column).plus(biased(Expr.sum(List.of(k), product), column));
    }

    private Expr column(Expr unit, int gate) {
        return unit.plus((long) gate * form.hidden());
    }

    private Expr gate(Expr x) {
        return form.gate().of(List.of(x));
    }

    private Expr activation(Expr x) {
        return form.activation().of(List.of(x));
    }

    private Stage statesStage(Buffer sums) {
        var domain = Stage.indices("o", hidden.type().shape().dimensions());
        var example = domain.get(0);
        var unit = domain.get(1);
        var outputs = new ArrayList<Stage.Output>();
        var state = newHidden(sums, example, unit);
        outputs.add(new Stage.Output(nextHidden, counted(domain, hidden, state)));
        if (hasMemory()) {
            var kept = newMemory(sums, example, unit);
            outputs.add(new Stage.Output(nextMemory, counted(domain, memory, kept)));
        }
        if (isMasked()) outputs.add(new Stage.Output(nextShown, counted(domain, shown, state)));
        return new Stage(domain, outputs);
    }

    /// {@return the new value where the step counts, else the old one}
    private Expr counted(List<Index> o, Buffer old, Expr updated) {
        if (!isMasked()) return updated;
        return in.load(3, o.get(0), time()).select(updated, load(old, o.get(0), o.get(1)));
    }

    private Expr newHidden(Buffer sums, Expr example, Expr unit) {
        return switch (form.cell()) {
            case SIMPLE -> activation(load(sums, example, unit));
            case LSTM -> {
                var updated = new Local("memory", dtype);
                var output = gate(load(sums, example, column(unit, 3)));
                yield new Let(
                        updated, newMemory(sums, example, unit), output.times(activation(updated)));
            }
            case GRU, GRU_RESET_AFTER -> {
                boolean after = form.cell() == Cell.GRU_RESET_AFTER;
                var update = new Local("update", dtype);
                var z = load(sums, example, unit);
                var h = load(sums, example, column(unit, 2));
                if (after) {
                    z = fromInput(example, unit).plus(z);
                    var r =
                            fromInput(example, column(unit, 1))
                                    .plus(load(sums, example, column(unit, 1)));
                    h = fromInput(example, column(unit, 2)).plus(gate(r).times(h));
                }
                var fresh = Expr.of(dtype, 1).minus(update).times(activation(h));
                yield new Let(
                        update, gate(z), update.times(load(hidden, example, unit)).plus(fresh));
            }
        };
    }

    private Expr newMemory(Buffer sums, Expr example, Expr unit) {
        var input = gate(load(sums, example, unit));
        var forget = gate(load(sums, example, column(unit, 1)));
        var candidate = activation(load(sums, example, column(unit, 2)));
        return forget.times(load(memory, example, unit)).plus(input.times(candidate));
    }
}
