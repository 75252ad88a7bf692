package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Value;
import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Choose;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.MeasuredSlice;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.graph.type.Equation;
import io.webdnn.graph.type.TensorType;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// If, Loop and Scan, written out: what is known when compiling decides how often a body stands in
/// the graph.
final class ControlFlow {
    /// A body that would stand in the graph more often is refused.
    private static final int MOST_STEPS = 4096;

    /// So many steps are computed where data decides how many count.
    private static final int MOST_UNKNOWN_STEPS = 256;

    private ControlFlow() {}

    static void addTo(Map<String, Operator> table) {
        table.put("If", ControlFlow::branches);
        table.put("Loop", ControlFlow::loop);
        table.put("Scan", ControlFlow::scan);
    }

    /// A condition that is not known takes both branches, and of each output the right one; their
    /// extents may differ, their ranks only if one is refused wherever the other is right.
    private static List<Value> branches(Translation node) {
        var then = node.graph("then_branch");
        var otherwise = node.graph("else_branch");
        var condition = node.input(0);
        var known = node.evaluate(condition);
        if (known != null) return node.body(known.getLong(0) != 0 ? then : otherwise, List.of());
        var whenTrue = node.body(then, List.of());
        var whenFalse = node.body(otherwise, List.of());
        var outputs = new ArrayList<Value>();
        for (int i = 0; i < whenTrue.size(); i++) {
            if (i >= whenFalse.size()
                    || !node.isTensor(whenTrue.get(i))
                    || !node.isTensor(whenFalse.get(i))) throw node.unknown("cond", condition);
            outputs.add(chosen(node, i, condition, whenTrue.get(i), whenFalse.get(i)));
        }
        return outputs;
    }

    /// {@return whether runs for which a condition is false are refused because of a value}:
    /// exporters remove an axis of a size that they do not know by `size = 1 ? Squeeze(x) : x`
    private static boolean ensures(Translation node, Value value, Value condition) {
        var equal = condition.producer();
        if (equal == null || !(equal.op() instanceof Equal)) return false;
        var a = node.extents(equal.input(0));
        var b = node.extents(equal.input(1));
        if (a == null || b == null || a.size() != 1 || b.size() != 1) return false;
        return Graph.of(List.of(), List.of(value))
                .equations()
                .contains(new Equation(a.getFirst(), b.getFirst()));
    }

    private static Value chosen(
            Translation node, int output, Value condition, Value whenTrue, Value whenFalse) {
        var x = whenTrue.type();
        var y = whenFalse.type();
        if (x.equals(y)) return node.apply(new Where(), condition, whenTrue, whenFalse);
        if (!node.isMeasured(condition)) throw node.unknown("cond", condition);
        if (x.rank() != y.rank() && ensures(node, whenTrue, condition)) return whenTrue;
        if (x.dtype() != y.dtype() || x.rank() != y.rank())
            throw node.wrong("cond", "branches of one rank and dtype", x + " and " + y);
        var op = new Choose(node.unique("output." + output));
        return node.apply(op, condition, whenTrue, whenFalse);
    }

    /// A condition that is not known computes all M steps, and keeps what the first of them give,
    /// as long as it holds. Where M is not known, or there are many, the loop is one of the graph.
    private static List<Value> loop(Translation node) {
        var body = node.graph("body");
        int carriedCount = Math.max(0, node.count() - 2);
        int kept = body.outputs().size() - 1 - carriedCount;
        if (node.isMeasured(0)) return openLoop(node, body, carriedCount, kept);
        long most = node.has(0) ? node.known(0, "M").getLong(0) : Long.MAX_VALUE;
        if (most > MOST_UNKNOWN_STEPS && node.isMeasured(1))
            return openLoop(node, body, carriedCount, kept);
        var goesOn = new Condition(node);
        if (node.has(1)) goesOn.and(node.input(1), "cond");
        var carried = new ArrayList<Value>();
        for (int i = 0; i < carriedCount; i++) carried.add(node.any(i + 2));
        var rows = new ArrayList<List<Value>>();
        for (long step = 0; step < most && !goesOn.isOver; step++) {
            if (step == MOST_STEPS) throw node.wrong("M", "at most " + MOST_STEPS, most);
            var given = new ArrayList<Value>();
            given.add(node.constant(Tensor.of(new long[] {step})));
            given.add(node.constant(Tensor.of(new boolean[] {true}).reshape()));
            given.addAll(carried);
            var made = node.body(body, given);
            if (made.size() < 1 + carriedCount)
                throw node.wrong("body", 1 + carriedCount + " outputs", made.size());
            if (most > MOST_UNKNOWN_STEPS && node.isMeasured(made.getFirst()))
                return openLoop(node, body, carriedCount, kept);
            for (int i = 0; i < carriedCount; i++)
                carried.set(i, goesOn.choose(made.get(1 + i), carried.get(i)));
            goesOn.count();
            goesOn.and(made.getFirst(), "the body's condition");
            rows.add(made.subList(1 + carriedCount, made.size()));
        }
        var outputs = new ArrayList<>(carried);
        if (kept > 0 && rows.isEmpty()) return unused(node, body, carried, kept);
        var symbol = node.unique("steps");
        for (int i = 0; i < kept; i++)
            outputs.add(goesOn.first(joined(node, rows, i, 0, false), symbol));
        return outputs;
    }

    /// A loop whose number of steps only a run knows. If a condition ends it, what it gives along a
    /// new axis is computed by a second loop, of as many steps as the first has counted.
    private static List<Value> openLoop(
            Translation node, OnnxGraph body, int carriedCount, int kept) {
        var step = Value.input(node.unique("step"), TensorType.of(DType.INT64));
        var states = new ArrayList<Value>();
        var inputs = new ArrayList<>(List.of(step));
        for (int i = 0; i < carriedCount; i++) {
            var state = node.any(i + 2);
            if (!isReal(node, state))
                throw node.wrong(
                        "body", "states of numbers where M or cond depends on data", state);
            states.add(state);
            inputs.add(Value.input(node.unique("state"), state.type()));
        }
        var given = new ArrayList<>(inputs);
        given.add(1, node.constant(Tensor.of(new boolean[] {true}).reshape()));
        var made = node.body(body, given);
        if (made.size() < 1 + carriedCount)
            throw node.wrong("body", 1 + carriedCount + " outputs", made.size());
        for (var value : made)
            if (node.isComplex(value))
                throw node.wrong("body", "real outputs where M or cond depends on data", value);
        for (int i = 0; i < carriedCount; i++)
            if (!made.get(1 + i).type().equals(states.get(i).type()))
                throw node.wrong(
                        "body",
                        "a state of one type where M or cond depends on data, "
                                + states.get(i).type(),
                        made.get(1 + i).type());
        var most = node.has(0) ? MeasuredOperators.narrow(node, node.input(0)) : null;
        var starts = node.has(1) ? node.input(1) : node.constant(Tensor.of(new boolean[] {true}));
        var goesOn = node.evaluate(made.getFirst());
        if (most != null && goesOn != null && goesOn.getLong(0) != 0) {
            var zero = node.like(most, 0);
            var steps = node.apply(new Where(), starts, node.apply(new Max(), most, zero), zero);
            return counted(node, inputs, made, states, steps, kept);
        }
        if (most == null && goesOn != null && goesOn.getLong(0) != 0)
            throw node.wrong("body", "a condition that may end the loop, or an M", "true");
        if (most != null) {
            var next = node.add(node.cast(step, DType.INT32), node.scalar(DType.INT32, 1));
            made = new ArrayList<>(made);
            made.set(0, both(node, made.getFirst(), node.apply(new Less(), next, most)));
            starts = both(node, starts, node.apply(new Less(), node.like(most, 0), most));
        }
        var ends = made.subList(0, 1 + carriedCount);
        var first = new LoopBody(inputs, ends);
        var operands = new ArrayList<>(List.of(starts));
        operands.addAll(states);
        operands.addAll(first.read());
        var outputs = node.applyAll(new OpenLoop(first.graph(), carriedCount, false), operands);
        var finals = outputs.subList(0, carriedCount);
        if (kept == 0) return finals;
        var again = counted(node, inputs, made, states, outputs.getLast(), kept);
        var results = new ArrayList<>(finals);
        results.addAll(again.subList(carriedCount, again.size()));
        return results;
    }

    private static boolean isReal(Translation node, Value value) {
        return node.isTensor(value)
                && !node.isComplex(value)
                && value.type().dtype() != DType.STRING;
    }

    private static Value both(Translation node, Value a, Value b) {
        return node.apply(new And(), a, b);
    }

    /// {@return the states after so many steps, and what each of them gives, along a new axis}
    private static List<Value> counted(
            Translation node,
            List<Value> inputs,
            List<Value> made,
            List<Value> states,
            Value steps,
            int kept) {
        if (made.size() != 1 + states.size() + kept)
            throw node.wrong("body", 1 + states.size() + kept + " outputs", made.size());
        var body = new LoopBody(inputs, made);
        var operands = new ArrayList<>(List.of(MeasuredOperators.extent(node, steps)));
        operands.addAll(states);
        operands.addAll(body.read());
        return node.applyAll(new OpenLoop(body.graph(), states.size(), true), operands);
    }

    /// What a loop of no step gives: what was carried in, and nothing in the shapes that a step
    /// would have given.
    private static List<Value> unused(
            Translation node, OnnxGraph body, List<Value> carried, int kept) {
        var given = new ArrayList<Value>();
        given.add(node.constant(Tensor.of(new long[] {0})));
        given.add(node.constant(Tensor.of(new boolean[] {true}).reshape()));
        given.addAll(carried);
        var made = node.body(body, given);
        var outputs = new ArrayList<>(carried);
        for (int i = 0; i < kept; i++) {
            var type = made.get(made.size() - kept + i).type();
            boolean isComplex = node.isComplex(made.get(made.size() - kept + i));
            if (!type.shape().isFixed()) throw node.wrong("M", "a step at least", 0);
            var dtype = isComplex ? ComplexParts.whole(type).dtype() : type.dtype();
            var none = new long[type.rank() + 1];
            for (int d = 0; d < type.rank(); d++) none[d + 1] = type.shape().size(d);
            outputs.add(node.constant(node.zeros("M", dtype, none)));
        }
        return outputs;
    }

    /// Whether a loop goes on: known, or a value of the graph.
    private static final class Condition {
        private final Translation node;
        private @Nullable Value value;
        private @Nullable Value steps;
        private long certain;
        boolean isOver;

        Condition(Translation node) {
            this.node = node;
        }

        /// A step has been computed: it counts if the condition holds.
        void count() {
            if (value == null) {
                certain++;
                return;
            }
            var one = node.cast(value, DType.INT64);
            var before = steps == null ? node.scalar(DType.INT64, certain) : steps;
            steps = node.add(before, one);
        }

        /// {@return of what all steps gave, the rows of those that count}
        Value first(Value rows, String symbol) {
            if (steps == null) return rows;
            var end = node.apply(new Unsqueeze(), steps, node.vector(0));
            var op = new MeasuredSlice(List.of(0), List.of(1L), symbol);
            return node.apply(op, rows, node.vector(0), end);
        }

        void and(Value other, String argument) {
            var known = node.evaluate(other);
            if (known != null) {
                isOver |= known.getLong(0) == 0;
                return;
            }
            if (!node.isMeasured(other)) throw node.unknown(argument, other);
            var scalar = other.type().rank() == 0 ? other : node.apply(new Squeeze(), other);
            value = value == null ? scalar : node.apply(new And(), value, scalar);
        }

        /// {@return what is carried on}
        Value choose(Value made, Value before) {
            if (value == null) return made;
            if (!node.isTensor(made) || !node.isTensor(before))
                throw node.unknown("the condition", value);
            if (!made.type().equals(before.type()))
                throw node.wrong(
                        "body",
                        "a state of one type where the condition depends on data, " + before.type(),
                        made.type());
            return node.apply(new Where(), value, made, before);
        }
    }

    private static List<Value> scan(Translation node) {
        if (node.opset() < 9) return batchedScan(node);
        var body = node.graph("body");
        int scanned = Math.toIntExact(node.integer("num_scan_inputs", 0));
        int carriedCount = node.count() - scanned;
        if (scanned < 1 || carriedCount < 0)
            throw node.wrong("num_scan_inputs", "1 to " + node.count(), scanned);
        int kept = body.outputs().size() - carriedCount;
        if (kept < 0) throw node.wrong("body", carriedCount + " outputs", body.outputs().size());
        var axes = node.integers("scan_input_axes", scanned, 0);
        var backwards = node.integers("scan_input_directions", scanned, 0);
        var outputAxes = node.integers("scan_output_axes", kept, 0);
        var outputBackwards = node.integers("scan_output_directions", kept, 0);
        int steps = node.fixed(carriedCount, wrapped(node, carriedCount, axes.getFirst()));
        if (steps > MOST_STEPS) throw node.wrong("inputs", "at most " + MOST_STEPS, steps);
        List<Value> carried = new ArrayList<>();
        for (int i = 0; i < carriedCount; i++) carried.add(node.any(i));
        var rows = new ArrayList<List<Value>>();
        for (int step = 0; step < steps; step++) {
            var given = new ArrayList<>(carried);
            for (int i = 0; i < scanned; i++) {
                int axis = wrapped(node, carriedCount + i, axes.get(i));
                long at = backwards.get(i) == 0 ? step : steps - 1 - step;
                var index = node.constant(Tensor.of(new long[] {at}));
                given.add(node.apply(new Gather(axis), node.input(carriedCount + i), index));
            }
            var made = node.body(body, given);
            carried = made.subList(0, carriedCount);
            rows.add(made.subList(carriedCount, made.size()));
        }
        var outputs = new ArrayList<>(carried);
        if (kept > 0 && rows.isEmpty()) throw node.wrong("inputs", "a step at least", 0);
        for (int i = 0; i < kept; i++)
            outputs.add(joined(node, rows, i, outputAxes.get(i), outputBackwards.get(i) != 0));
        return outputs;
    }

    /// Before opset 9: for each sequence of a batch on its own, from initial states on that belong
    /// to it; what stands behind the end of a shorter one is 0.
    private static List<Value> batchedScan(Translation node) {
        var body = node.graph("body");
        int scanned = Math.toIntExact(node.integer("num_scan_inputs", 0));
        int carriedCount = node.count() - 1 - scanned;
        if (scanned < 1 || carriedCount < 0)
            throw node.wrong("num_scan_inputs", "1 to " + (node.count() - 1), scanned);
        int kept = body.outputs().size() - carriedCount;
        if (kept < 0) throw node.wrong("body", carriedCount + " outputs", body.outputs().size());
        var backwards = node.integers("directions", scanned, 0);
        int first = 1 + carriedCount;
        int sequences = node.fixed(first, 0);
        int steps = node.fixed(first, 1);
        var lengths = node.has(0) ? node.knownIntegers(0, "sequence_lens") : null;
        if ((long) sequences * steps > MOST_STEPS || sequences < 1)
            throw node.wrong("inputs", "1 to " + MOST_STEPS + " steps", (long) sequences * steps);
        if (lengths != null && lengths.length != sequences)
            throw node.wrong("sequence_lens", sequences + " lengths", lengths.length);
        var finals = new ArrayList<List<Value>>();
        for (int b = 0; b < sequences; b++) {
            long length = lengths == null ? steps : lengths[b];
            if (length < 1 || length > steps)
                throw node.wrong("sequence_lens", "1 ... " + steps, length);
            List<Value> carried = new ArrayList<>();
            for (int i = 0; i < carriedCount; i++) carried.add(at(node, node.input(1 + i), b));
            var rows = new ArrayList<List<Value>>();
            for (int step = 0; step < length; step++) {
                var given = new ArrayList<>(carried);
                for (int i = 0; i < scanned; i++) {
                    long place = backwards.get(i) == 0 ? step : length - 1 - step;
                    given.add(at(node, at(node, node.input(first + i), b), place));
                }
                var made = node.body(body, given);
                carried = made.subList(0, carriedCount);
                rows.add(made.subList(carriedCount, made.size()));
            }
            var outputs = new ArrayList<>(carried);
            for (int i = 0; i < kept; i++)
                outputs.add(filled(node, joined(node, rows, i, 0, false), steps - length));
            finals.add(outputs);
        }
        var outputs = new ArrayList<Value>();
        for (int i = 0; i < carriedCount + kept; i++)
            outputs.add(joined(node, finals, i, 0, false));
        return outputs;
    }

    private static Value at(Translation node, Value x, long place) {
        return node.apply(new Gather(0), x, node.constant(Tensor.of(new long[] {place})));
    }

    /// {@return a value with so many rows of zeros behind}
    private static Value filled(Translation node, Value x, long rows) {
        if (rows == 0) return x;
        var pads = new long[2 * x.type().rank()];
        pads[x.type().rank()] = rows;
        return node.apply(new Pad(Pad.Mode.CONSTANT), x, node.vector(pads));
    }

    private static int wrapped(Translation node, int input, int axis) {
        int rank = node.rank(input);
        if (axis < -rank || axis >= rank)
            throw node.wrong("scan_input_axes", "an axis of " + node.type(input), axis);
        return axis < 0 ? axis + rank : axis;
    }

    /// {@return what the steps gave, along a new axis}
    private static Value joined(
            Translation node, List<List<Value>> rows, int which, int axis, boolean backwards) {
        var parts = new ArrayList<Value>();
        for (var row : rows)
            parts.add(node.apply(new Unsqueeze(), row.get(which), node.vector(axis)));
        if (backwards) Collections.reverse(parts);
        if (parts.size() == 1) return parts.getFirst();
        return node.applyAll(new Concat(axis), parts).getFirst();
    }
}
