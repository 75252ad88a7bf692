package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs the recurrence of an operator and keeps what its gradient needs: what the stages before it
/// write, then of each step what its stages write and what the states held, `[steps, …]`, then the
/// last states, then what stages behind the recurrence write for each other.
///
/// Its operands are those of the operator. For gradients: [ScanAdjoint] reads its outputs.
///
/// @param op an operator that lowers to a [Scan]
public record ScanTrace(Op op) implements Primitive {
    @Override
    public String name() {
        return op.name() + "Trace";
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return Trace.of(op, in).outputs().stream().map(Buffer::type).toList();
    }

    @Override
    public Lowering lower(Operands in) {
        return Trace.of(op, in).lower();
    }

    /// What is kept.
    ///
    /// @param before the buffers that stages before the recurrence write
    /// @param histories the history of each buffer that a step writes, and of each state
    /// @param last the last states
    /// @param behind the buffers that stages behind the recurrence write and read
    record Trace(
            Scan scan,
            List<Buffer> before,
            Map<Buffer, Buffer> histories,
            List<Buffer> last,
            List<Buffer> behind) {
        static Trace of(Op op, Operands in) {
            if (!(op.lower(in) instanceof Scan scan)) {
                throw GraphException.of(op.name(), "op", "an operator with a recurrence", "none");
            }
            var recurrence = scan.recurrence();
            var before = new ArrayList<Buffer>();
            for (var stage : scan.before()) before.addAll(stage.writes());
            var histories = new LinkedHashMap<Buffer, Buffer>();
            for (var stage : recurrence.body()) {
                for (var buffer : stage.writes())
                    histories.put(buffer, history(buffer, recurrence));
            }
            var last = new ArrayList<Buffer>();
            for (var state : recurrence.states()) {
                histories.put(state.current(), history(state.current(), recurrence));
                last.add(state.current());
            }
            var read = new HashSet<Buffer>();
            for (var stage : scan.after()) {
                for (var output : stage.outputs()) read.addAll(Visit.buffers(output.value()));
            }
            var behind = new ArrayList<Buffer>();
            for (var stage : scan.after()) behind.addAll(stage.writes());
            behind.retainAll(read);
            return new Trace(scan, before, histories, last, behind);
        }

        private static Buffer history(Buffer buffer, Recurrence recurrence) {
            var steps = Shape.of(recurrence.step().extent());
            var type = buffer.type();
            return Buffer.of(buffer.name() + "s", type.with(steps.concat(type.shape())));
        }

        List<Buffer> outputs() {
            var outputs = new ArrayList<>(before);
            outputs.addAll(histories.values());
            outputs.addAll(last);
            outputs.addAll(behind);
            return outputs;
        }

        Scan lower() {
            var kept = new ArrayList<Recurrence.History>();
            histories.forEach((each, all) -> kept.add(new Recurrence.History(all, each)));
            var recurrence = scan.recurrence();
            if (!behind.isEmpty()) kept.addAll(recurrence.histories());
            return new Scan(
                    scan.before(),
                    new Recurrence(recurrence.step(), recurrence.states(), recurrence.body(), kept),
                    behind.isEmpty() ? List.of() : scan.after(),
                    outputs());
        }
    }
}
