package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// The steps of [LSTM].
///
/// Before the recurrence, all products of W with X at once (one contraction, in the order of time);
/// each step adds R · H to the gates of its time, then makes both states in one stage. Reversing is
/// in the index alone: at step s, a reversed direction reads time `length − 1 − s`.
final class LongShortTermMemory {
    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int FORGET = 2;
    private static final int CELL = 3;

    private final LSTM form;
    private final Operands in;
    private final DType dtype;
    private final Dimension t;
    private final Index step;
    private final Buffer fromInput;
    private final Buffer gates;
    private final Buffer hidden;
    private final Buffer cell;
    private final Buffer nextHidden;
    private final Buffer nextCell;

    LongShortTermMemory(LSTM form, Operands in) {
        this.form = form;
        this.in = in;
        dtype = in.type(0).dtype();
        t = in.extent(0, form.batchFirst() ? 1 : 0);
        var n = in.extent(0, form.batchFirst() ? 0 : 1);
        var directions = Dimension.of(form.direction().count());
        var state = Shape.of(directions, n, Dimension.of(form.hidden()));
        var all = Shape.of(directions, n, Dimension.of(4L * form.hidden()));
        step = new Index("step", t);
        fromInput = buffer("fromInput", Shape.of(t).concat(all));
        gates = buffer("gates", all);
        hidden = buffer("hidden", state);
        cell = buffer("cell", state);
        nextHidden = buffer("nextHidden", state);
        nextCell = buffer("nextCell", state);
    }

    private Buffer buffer(String name, Shape shape) {
        return Buffer.of(name, new TensorType(dtype, shape));
    }

    Scan lower(List<TensorType> outputs) {
        var history = buffer("history", Shape.of(t).concat(hidden.type().shape()));
        var after = new ArrayList<Stage>();
        var y = Buffer.of("y", outputs.get(0));
        after.add(Stage.each(y, o -> sequence(o, history)));
        var lastHidden = hidden;
        var lastCell = cell;
        if (form.batchFirst()) {
            lastHidden = Buffer.of("y_h", outputs.get(1));
            lastCell = Buffer.of("y_c", outputs.get(2));
            after.add(Stage.each(lastHidden, o -> load(hidden, o.get(1), o.get(0), o.get(2))));
            after.add(Stage.each(lastCell, o -> load(cell, o.get(1), o.get(0), o.get(2))));
        }
        var recurrence =
                new Recurrence(
                        step,
                        List.of(state(hidden, 5, nextHidden), state(cell, 6, nextCell)),
                        List.of(Stage.each(gates, o -> gate(o)), cellStage()),
                        List.of(new Recurrence.History(history, nextHidden)));
        var before = List.of(Stage.each(fromInput, o -> product(o)));
        return new Scan(before, recurrence, after, List.of(y, lastHidden, lastCell));
    }

    private static Expr load(Buffer buffer, Expr... index) {
        return new Load(buffer, List.of(index));
    }

    private Recurrence.State state(Buffer current, int input, Buffer next) {
        var domain = Stage.indices("o", current.type().shape().dimensions());
        Expr initial = Expr.of(dtype, 0);
        if (in.has(input)) {
            var d = domain.get(0);
            var n = domain.get(1);
            var j = domain.get(2);
            initial = form.batchFirst() ? in.load(input, n, d, j) : in.load(input, d, n, j);
        }
        return new Recurrence.State(current, domain, initial, next);
    }

    /// `fromInput[t, d, n, g] = Σ_i X[t, n, i] · W[d, g, i] + Wb[d, g] + Rb[d, g]`.
    private Expr product(List<Index> o) {
        var time = o.get(0);
        var d = o.get(1);
        var n = o.get(2);
        var g = o.get(3);
        var i = new Index("i", in.extent(0, 2));
        var x = form.batchFirst() ? in.load(0, n, time, i) : in.load(0, time, n, i);
        var sum = Expr.sum(List.of(i), x.times(in.load(1, d, g, i)));
        if (!in.has(3)) return sum;
        var recurrentBias = in.load(3, d, g.plus(4L * form.hidden()));
        return sum.plus(in.load(3, d, g)).plus(recurrentBias);
    }

    /// `gates[d, n, g] = fromInput[time, d, n, g] + Σ_k H[d, n, k] · R[d, g, k]`.
    private Expr gate(List<Index> o) {
        var d = o.get(0);
        var n = o.get(1);
        var g = o.get(2);
        var k = new Index("k", Dimension.of(form.hidden()));
        var sum = Expr.sum(List.of(k), load(hidden, d, n, k).times(in.load(2, d, g, k)));
        return load(fromInput, time(d, n, step), d, n, g).plus(sum);
    }

    private Stage cellStage() {
        var domain = Stage.indices("o", nextCell.type().shape().dimensions());
        return new Stage(
                domain,
                List.of(
                        new Stage.Output(nextCell, whileRunning(domain, cell, newCell(domain))),
                        new Stage.Output(
                                nextHidden, whileRunning(domain, hidden, newHidden(domain)))));
    }

    private Expr newCell(List<Index> o) {
        var old = load(cell, o.get(0), o.get(1), o.get(2));
        var input = new Local("input", dtype);
        var inputGate = activation(0, o, peephole(INPUT, o, old));
        Expr forget =
                form.inputForget()
                        ? Expr.of(dtype, 1).minus(input)
                        : activation(0, o, peephole(FORGET, o, old));
        var candidate = activation(1, o, gateOf(CELL, o));
        return new Let(input, inputGate, forget.times(old).plus(input.times(candidate)));
    }

    private Expr newHidden(List<Index> o) {
        var updated = new Local("cell", dtype);
        var output = activation(0, o, peephole(OUTPUT, o, updated));
        return new Let(updated, newCell(o), output.times(activation(2, o, updated)));
    }

    private Expr gateOf(int gate, List<Index> o) {
        return load(gates, o.get(0), o.get(1), o.get(2).plus((long) gate * form.hidden()));
    }

    /// {@return a gate's sum, with the cell weighted by P; P has the gates' order, without the
    /// cell}
    private Expr peephole(int gate, List<Index> o, Expr cellValue) {
        var sum = gateOf(gate, o);
        if (!in.has(7)) return sum;
        var weight = in.load(7, o.get(0), o.get(2).plus((long) gate * form.hidden()));
        return sum.plus(weight.times(cellValue));
    }

    private Expr activation(int which, List<Index> o, Expr x) {
        var first = form.activations().get(which);
        if (form.direction().count() == 1) return first.of(List.of(clipped(x)));
        var second = form.activations().get(which + 3);
        var forwards = first.of(List.of(clipped(x)));
        if (first.equals(second)) return forwards;
        return o.get(0).isEqualTo(Expr.of(0)).select(forwards, second.of(List.of(clipped(x))));
    }

    private Expr clipped(Expr x) {
        var clip = form.clip();
        if (clip == null) return x;
        return x.max(Expr.of(dtype, -clip)).min(Expr.of(dtype, clip));
    }

    /// {@return the new state while the sequence lasts, behind its end the old one}
    private Expr whileRunning(List<Index> o, Buffer old, Expr updated) {
        if (!in.has(4)) return updated;
        var isRunning = step.less(in.load(4, o.get(1)));
        return isRunning.select(updated, load(old, o.get(0), o.get(1), o.get(2)));
    }

    /// {@return the time that a direction reads at a step, and the step at which it reads a time}
    private Expr time(Expr d, Expr n, Expr at) {
        if (!in.has(4)) return isReversed(d).select(Expr.of(t).minus(1).minus(at), at);
        var reversed = in.load(4, n).minus(1).minus(at).max(Expr.of(0)); // behind the end: any
        return isReversed(d).select(reversed, at);
    }

    private Expr isReversed(Expr d) {
        return switch (form.direction()) {
            case FORWARD -> Literal.of(false);
            case REVERSE -> Literal.of(true);
            case BIDIRECTIONAL -> d.isEqualTo(Expr.of(1));
        };
    }

    private Expr sequence(List<Index> o, Buffer history) {
        var time = o.get(form.batchFirst() ? 1 : 0);
        var d = o.get(form.batchFirst() ? 2 : 1);
        var n = o.get(form.batchFirst() ? 0 : 2);
        var value = load(history, time(d, n, time), d, n, o.get(3));
        if (!in.has(4)) return value;
        return time.less(in.load(4, n)).select(value, Expr.of(dtype, 0));
    }
}
