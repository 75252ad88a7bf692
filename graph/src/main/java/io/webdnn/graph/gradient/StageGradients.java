package io.webdnn.graph.gradient;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.Compute;
import io.webdnn.graph.op.ExtremePick;
import io.webdnn.graph.op.ExtremePosition;
import io.webdnn.graph.op.Host;
import io.webdnn.graph.op.LoadAdjoint;
import io.webdnn.graph.op.Measured;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.op.Scan;
import io.webdnn.graph.op.ScanAdjoint;
import io.webdnn.graph.op.ScanTrace;
import io.webdnn.graph.op.Scatter;
import io.webdnn.graph.op.StagePart;
import io.webdnn.graph.type.GraphException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Gradients that are derived from what an operator lowers to, stage by stage, from the last to the
/// first.
final class StageGradients {
    private final Use use;

    private StageGradients(Use use) {
        this.use = use;
    }

    /// {@return the gradients of the inputs of an operator that lowers to stages}
    ///
    /// @throws GraphException if it lowers to something else
    static List<? extends @Nullable Value> of(Op op, Use use) {
        var in = use.node().operands();
        var rules = new StageGradients(use);
        return switch (op.lower(in)) {
            case Compute(var stages, _) when stages.size() == 1 ->
                    rules.single(op, stages.getFirst());
            case Compute compute -> rules.several(op, in, compute);
            case Scatter _ -> rules.inputs(op, use.node().inputs(), use.seeds());
            case Scan _ -> rules.recurrence(op);
            case Compose _, Measured _, Host _ ->
                    throw GraphException.saying(
                            op.name(), "expected an operator with a gradient, which it has not");
        };
    }

    private List<? extends @Nullable Value> single(Op op, Stage stage) {
        return isExtreme(stage) ? extreme(op) : inputs(op, use.node().inputs(), use.seeds());
    }

    private static boolean isExtreme(Stage stage) {
        return stage.outputs().getFirst().value() instanceof Reduce reduce
                && ExtremePosition.isExtreme(reduce);
    }

    /// A maximum over a loop: its position is found once, instead of by each candidate.
    static List<@Nullable Value> extreme(Op op, Use use) {
        return new StageGradients(use).extreme(op);
    }

    private List<@Nullable Value> extreme(Op op) {
        var inputs = new ArrayList<Value>(use.node().inputs());
        inputs.add(use.apply(new ExtremePosition(op), inputs));
        return inputs(new ExtremePick(op), inputs, List.of(use.seed()));
    }

    private List<@Nullable Value> inputs(
            Op op, List<Value> operands, List<? extends @Nullable Value> seeds) {
        var gradients = use.none();
        for (int i = 0; i < gradients.length; i++) {
            if (use.needs(i)) gradients[i] = adjoint(op, i, operands, seeds);
        }
        return Arrays.asList(gradients);
    }

    private @Nullable Value adjoint(
            Op op, int input, List<Value> operands, List<? extends @Nullable Value> seeds) {
        var all = new ArrayList<Operand>(operands);
        for (var seed : seeds) all.add(seed == null ? use.g().absent() : seed);
        var buffers = new ArrayList<@Nullable Buffer>();
        for (var operand : all) {
            var value = Value.of(operand);
            buffers.add(value.isAbsent() ? null : value.toBuffer());
        }
        int count = operands.size();
        var whole = new LoadAdjoint(op, count, input, LoadAdjoint.PULLED);
        var parts = whole.parts(new Operands(op.name(), buffers));
        Value sum = parts.pulls() ? use.apply(whole, all) : null;
        for (int k = 0; k < parts.pushes(); k++) {
            var pushed = use.apply(new LoadAdjoint(op, count, input, k), all);
            sum = sum == null ? pushed : Value.of(use.g().add(sum, pushed));
        }
        return sum;
    }

    private List<@Nullable Value> recurrence(Op op) {
        var inputs = use.node().inputs();
        var operands = new ArrayList<Operand>(inputs);
        operands.addAll(use.g().applyAll(new ScanTrace(op), inputs));
        for (var seed : use.seeds()) operands.add(seed == null ? use.g().absent() : seed);
        var wanted = new ArrayList<Integer>();
        for (int i = 0; i < inputs.size(); i++) if (use.needs(i)) wanted.add(i);
        var found = use.g().applyAll(new ScanAdjoint(op, inputs.size(), wanted), operands);
        var gradients = use.none();
        for (int k = 0; k < wanted.size(); k++) gradients[wanted.get(k)] = Value.of(found.get(k));
        return Arrays.asList(gradients);
    }

    private List<@Nullable Value> several(Op op, Operands in, Compute compute) {
        int count = use.node().inputs().size();
        var values = new ArrayList<Value>(use.node().inputs()); // operands of the parts, in order
        var positions = new HashMap<Buffer, Integer>();
        var gradients = new HashMap<Buffer, Value>();
        for (int i = 0; i < count; i++) if (in.has(i)) positions.put(in.buffer(i), i);
        var stages = compute.stages();
        for (int s = 0; s < stages.size(); s++) {
            var part = new StagePart(op, count, s);
            var writes = stages.get(s).writes();
            List<? extends Operand> made =
                    compute.outputs().containsAll(writes) || s == stages.size() - 1
                            ? outputs(compute, writes)
                            : use.g().applyAll(part, values);
            for (int k = 0; k < writes.size(); k++) {
                positions.put(writes.get(k), values.size() + k);
                var seed = seed(compute.outputs().indexOf(writes.get(k)));
                if (seed != null) gradients.put(writes.get(k), seed);
            }
            for (var value : made) values.add(Value.of(value));
        }
        var before = values.size();
        for (int s = stages.size() - 1; s >= 0; s--) {
            var writes = stages.get(s).writes();
            before -= writes.size();
            var seeds = Arrays.asList(writes.stream().map(gradients::get).toArray(Value[]::new));
            if (seeds.stream().allMatch(v -> v == null)) continue;
            stage(
                    new StagePart(op, count, s),
                    stages.get(s),
                    values.subList(0, before),
                    seeds,
                    positions,
                    gradients);
        }
        var result = use.none();
        for (int i = 0; i < count; i++) {
            if (use.needs(i)) result[i] = gradients.get(in.buffer(i));
        }
        return Arrays.asList(result);
    }

    private List<Value> outputs(Compute compute, List<Buffer> writes) {
        var outputs = use.node().outputs();
        return writes.stream().map(b -> outputs.get(compute.outputs().indexOf(b))).toList();
    }

    private @Nullable Value seed(int output) {
        return output < 0 || output >= use.seeds().size() ? null : use.seeds().get(output);
    }

    private void stage(
            StagePart part,
            Stage stage,
            List<Value> operands,
            List<? extends @Nullable Value> seeds,
            Map<Buffer, Integer> positions,
            Map<Buffer, Value> gradients) {
        var reads = new java.util.LinkedHashSet<Buffer>();
        for (var output : stage.outputs()) reads.addAll(Visit.buffers(output.value()));
        Op op = part;
        var all = operands;
        if (isExtreme(stage)) {
            op = new ExtremePick(part);
            all = new ArrayList<>(operands);
            all.add(use.apply(new ExtremePosition(part), operands));
        }
        for (var buffer : reads) {
            var position = positions.get(buffer);
            if (position == null || !buffer.type().dtype().isFloat()) continue;
            if (position < use.node().inputs().size() && !use.needs(position)) continue;
            var share = adjoint(op, position, all, seeds);
            if (share == null) continue;
            var sum = gradients.get(buffer);
            gradients.put(buffer, sum == null ? share : Value.of(use.g().add(sum, share)));
        }
    }
}
