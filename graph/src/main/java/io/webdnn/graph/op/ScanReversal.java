package io.webdnn.graph.op;

import io.webdnn.graph.expr.Adjoint;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The lowering of [ScanAdjoint].
///
/// Where the recurrence ran forwards at step t, its reversal runs at step `T − 1 − t`. A buffer of
/// a step, seen from outside of the step, is its history at t; so behind the recurrence a stage of
/// the step is one stage over `[t, …]` like any other.
final class ScanReversal {
    private final Op op;
    private final ScanTrace.Trace trace;
    private final Recurrence recurrence;
    private final Index back;
    private final Expr step;
    private final Map<Integer, Buffer> inputs = new HashMap<>();
    private final Map<Buffer, Buffer> kept = new HashMap<>(); // of the trace, to our operands
    private final Map<Buffer, Buffer> gradients = new HashMap<>(); // of what is not of a step
    private final Map<Buffer, Buffer> ofStates = new HashMap<>(); // carried backwards, by state
    private final Map<Buffer, Buffer> ofStep = new HashMap<>(); // of what a step writes, at a step
    private final Map<Buffer, Buffer> ofSteps = new HashMap<>(); // the same, of all steps

    ScanReversal(Op op, Operands in, int count) {
        this.op = op;
        trace = ScanTrace.Trace.of(op, in.first(count, op.name()));
        recurrence = trace.scan().recurrence();
        var extent = recurrence.step().extent();
        back = new Index("back", extent);
        step = Expr.of(extent).minus(1).minus(back);
        int position = count;
        for (var buffer : trace.before()) kept.put(buffer, in.buffer(position++));
        for (var history : trace.histories().values()) kept.put(history, in.buffer(position++));
        for (var state : trace.last()) kept.put(state, in.buffer(position++));
        for (var buffer : trace.behind()) kept.put(buffer, in.buffer(position++));
        for (var history : recurrence.histories()) {
            kept.put(history.all(), keptHistory(history.each()));
        }
        var outputs = trace.scan().outputs();
        for (int i = 0; i < outputs.size(); i++) {
            if (in.has(position + i)) gradients.put(outputs.get(i), in.buffer(position + i));
        }
        for (int i = 0; i < count; i++) if (in.has(i)) inputs.put(i, in.buffer(i));
    }

    Scan lower(List<Integer> wanted) {
        var before = new ArrayList<Stage>();
        for (var buffer : trace.behind().reversed()) before.add(outside(buffer, "after", true));
        for (var state : recurrence.states()) {
            before.add(outside(state.current(), "last", true));
        }
        for (var history : recurrence.histories()) before.add(outside(history.all(), "all", true));
        var reversed = reversed();
        var after = new ArrayList<Stage>();
        for (var stage : trace.scan().before().reversed()) {
            for (var buffer : stage.writes()) after.add(outside(buffer, "before", false));
        }
        var outputs = new ArrayList<Buffer>();
        for (int input : wanted) {
            var buffer = inputs.get(input);
            if (buffer == null) throw new AssertionError("gradients are of inputs that are given");
            after.add(outside(buffer, "input", false));
            outputs.add(gradient(buffer));
        }
        return new Scan(before, reversed, after, outputs);
    }

    private Buffer keptHistory(Buffer each) {
        var all = kept.get(trace.histories().get(each));
        if (all == null) throw new AssertionError("every buffer of a step is kept");
        return all;
    }

    private Buffer gradient(Buffer buffer) {
        var gradient = gradients.get(buffer);
        if (gradient == null) throw new AssertionError("written before");
        return gradient;
    }

    /// The gradient of something that is not of a single step: an input, what stands before the
    /// recurrence, or (`isResult`) what the recurrence gives to the stages behind it.
    private Stage outside(Buffer buffer, String role, boolean isResult) {
        var seed = gradients.get(buffer);
        var total = Buffer.of(role + "Gradient", buffer.type());
        var stage =
                Stage.each(
                        total,
                        element -> {
                            var sum = new Sum(buffer, element);
                            if (seed != null) sum.add(new Load(seed, List.copyOf(element)));
                            for (var later : trace.scan().after()) sum.addStage(later, gradients);
                            if (isResult) return settled(sum.value());
                            for (var body : recurrence.body()) sum.addAllSteps(body);
                            for (var state : recurrence.states()) sum.addInitial(state);
                            for (var later : trace.scan().before()) sum.addStage(later, gradients);
                            return settled(sum.value());
                        });
        gradients.put(buffer, total);
        return stage;
    }

    private Recurrence reversed() {
        for (var state : recurrence.states()) {
            ofStates.put(state.current(), Buffer.of("stateGradient", state.current().type()));
        }
        var body = new ArrayList<Stage>();
        var histories = new ArrayList<Recurrence.History>();
        for (var stage : recurrence.body().reversed()) {
            for (var buffer : stage.writes()) {
                body.add(atStep(buffer));
                var steps = Shape.of(back.extent()).concat(buffer.type().shape());
                var all = Buffer.of(buffer.name() + "Gradients", buffer.type().with(steps));
                ofSteps.put(buffer, all);
                histories.add(new Recurrence.History(all, ofThisStep(buffer)));
            }
        }
        var states = new ArrayList<Recurrence.State>();
        for (var state : recurrence.states()) {
            body.add(atStep(state.current()));
            var current = ofStates.get(state.current());
            if (current == null) throw new AssertionError("made above");
            var domain = Stage.indices("o", current.type().shape().dimensions());
            var last = new Load(gradient(state.current()), List.copyOf(domain));
            states.add(new Recurrence.State(current, domain, last, ofThisStep(state.current())));
        }
        return new Recurrence(back, states, body, histories);
    }

    private Buffer ofThisStep(Buffer buffer) {
        var gradient = ofStep.get(buffer);
        if (gradient == null) throw new AssertionError("written before");
        return gradient;
    }

    /// The gradient of a buffer of one step: what keeps it, carries it on or reads it.
    private Stage atStep(Buffer buffer) {
        var gradient = Buffer.of(buffer.name() + "Gradient", buffer.type());
        var stage =
                Stage.each(
                        gradient,
                        element -> {
                            var sum = new Sum(buffer, element);
                            var at = new ArrayList<Expr>(element);
                            for (var history : recurrence.histories()) {
                                if (history.each() != buffer) continue;
                                var all = new ArrayList<Expr>(element);
                                all.addFirst(step);
                                sum.add(new Load(gradient(history.all()), all));
                            }
                            for (var state : recurrence.states()) {
                                var carried = ofStates.get(state.current());
                                if (state.next() == buffer && carried != null) {
                                    sum.add(new Load(carried, at));
                                }
                            }
                            for (var later : recurrence.body()) {
                                sum.addStage(later, ofStep);
                            }
                            return settled(atStep(sum.value(), step));
                        });
        ofStep.put(buffer, gradient);
        return stage;
    }

    /// {@return an expression of a forward step with what the step wrote and its states taken from
    /// the trace, at a step}
    private Expr atStep(Expr e, Expr at) {
        return new Substitution(
                        List.of(recurrence.step()),
                        List.of(at),
                        load -> {
                            if (!trace.histories().containsKey(load.buffer())) return null;
                            var index = new ArrayList<Expr>(load.index());
                            index.addFirst(at);
                            return new Load(keptHistory(load.buffer()), index);
                        })
                .apply(e);
    }

    /// {@return an expression with what was computed forwards taken from the trace}
    private Expr settled(Expr e) {
        return Substitution.ofLoads(
                e,
                load -> {
                    var known = kept.get(load.buffer());
                    return known == null ? null : new Load(known, load.index());
                });
    }

    /// The gradient of one element of a buffer, share by share.
    private final class Sum {
        private final Buffer buffer;
        private final List<Index> element;
        private @Nullable Expr sum;

        Sum(Buffer buffer, List<Index> element) {
            this.buffer = buffer;
            this.element = element;
        }

        Expr value() {
            return sum == null ? Expr.of(buffer.type().dtype(), 0) : sum;
        }

        void add(Expr share) {
            sum = sum == null ? share : sum.plus(share);
        }

        /// What a stage gives whose outputs' gradients are known.
        void addStage(Stage stage, Map<Buffer, Buffer> ofOutputs) {
            for (var output : stage.outputs()) {
                var seed = ofOutputs.get(output.buffer());
                if (seed == null) continue;
                var loaded = new Load(seed, List.copyOf(stage.domain()));
                add(stage.domain(), output.value(), loaded);
            }
        }

        /// What the same stage of all steps gives.
        void addAllSteps(Stage stage) {
            if (stage.outputs().stream().noneMatch(o -> Visit.buffers(o.value()).contains(buffer)))
                return;
            var t = new Index("t", recurrence.step().extent());
            var domain = new ArrayList<Index>(stage.domain());
            domain.addFirst(t);
            for (var output : stage.outputs()) {
                var seeds = ofSteps.get(output.buffer());
                if (seeds == null) throw new AssertionError("made by the reversal");
                var at = new ArrayList<Expr>(stage.domain());
                at.addFirst(Expr.of(t.extent()).minus(1).minus(t));
                add(domain, atStep(output.value(), t), new Load(seeds, at));
            }
        }

        /// What the first value of a state gives.
        void addInitial(Recurrence.State state) {
            var carried = ofStates.get(state.current());
            if (carried == null) throw new AssertionError("made by the reversal");
            var seed = new Load(carried, List.copyOf(state.domain()));
            add(state.domain(), state.initial(), seed);
        }

        private void add(List<Index> loops, Expr e, Expr seed) {
            for (var contribution :
                    Adjoint.contributions(buffer, loops, e, seed, Literal.of(true))) {
                var share = contribution.pullAnyway(element);
                if (share == null) {
                    throw GraphException.saying(
                            op.name(),
                            "expected a recurrence whose indices can be solved, got one that"
                                    + " gathers from "
                                    + buffer);
                }
                add(share);
            }
        }
    }
}
