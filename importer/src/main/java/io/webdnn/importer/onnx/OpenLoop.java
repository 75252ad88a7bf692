package io.webdnn.importer.onnx;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.op.Compute;
import io.webdnn.graph.op.CustomOp;
import io.webdnn.graph.op.Lowering;
import io.webdnn.graph.op.Measured;
import io.webdnn.graph.op.Operands;
import io.webdnn.graph.op.Scatter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A loop of whose steps only a run knows the number.
///
/// | inputs | shape | dtype |
/// |---|---|---|
/// | how it ends: a condition, or the number of steps, an extent that is known by name | one element | bool, or int64 |
/// | states, as they are before the first step | any | any |
/// | others that the body reads | any | any |
///
/// Outputs: the states after the last step; then, by a condition, the number of steps, int32 `[1]`;
/// by a number of steps T, for each further output of the body its values, along a first axis of T.
///
/// @param body from the number of the step, int64, the states and the others to the condition under
///   which the next step comes, the next states, and rows
/// @param states how many
/// @param isCounted whether the number of steps is given, not found
record OpenLoop(Graph body, int states, boolean isCounted) implements CustomOp {
    @Override
    public String name() {
        return "Loop";
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var types = new ArrayList<TensorType>();
        for (int s = 0; s < states; s++) types.add(in.type(1 + s));
        if (!isCounted) types.add(TensorType.of(DType.INT32, 1));
        else for (int r = 1 + states; r < body.outputs().size(); r++) types.add(rows(in, r));
        return types;
    }

    private TensorType rows(Operands in, int output) {
        var type = body.outputs().get(output).type();
        var extents = new ArrayList<>(in.dimensions(0, "M"));
        extents.addAll(type.shape().dimensions());
        return type.with(new Shape(extents));
    }

    @Override
    public Lowering lower(Operands in) {
        return isCounted ? counted(in) : open(in);
    }

    /// One step after the other, the rows are kept.
    private Lowering counted(Operands in) {
        var step = new Index("step", in.dimensions(0, "M").getFirst());
        var body = new Body(in);
        body.number(step);
        var carried = body.states();
        var histories = new ArrayList<Recurrence.History>();
        var steps = new ArrayList<Step>();
        var outputs = new ArrayList<Buffer>();
        carried.forEach(state -> outputs.add(state.current()));
        for (int r = 1 + states; r < this.body.outputs().size(); r++) {
            var each = body.row(r);
            var type = rows(in, r);
            boolean isNumber = type.rank() == 1; // a history has rows
            var extents = new ArrayList<>(type.shape().dimensions());
            if (isNumber) extents.add(Dimension.of(1));
            var all = Buffer.of("rows", type.with(new Shape(extents)));
            histories.add(new Recurrence.History(all, each));
            outputs.add(isNumber ? Buffer.of("numbers", type) : all);
            if (isNumber)
                steps.add(
                        Stage.each(
                                outputs.getLast(),
                                o -> new Load(all, List.of(o.getFirst(), Expr.of(0)))));
        }
        steps.addFirst(new Recurrence(step, carried, body.stages, histories));
        return new Measured(steps, outputs);
    }

    /// Beside the states it is carried on whether there is a next step, and how many there were.
    private Lowering open(Operands in) {
        var step = new Index("step", Dimension.of(Integer.MAX_VALUE));
        var body = new Body(in);
        var count = Buffer.of("count", TensorType.of(DType.INT32));
        var goesOn = Buffer.of("goesOn", TensorType.of(DType.BOOL));
        body.number(new Load(count, List.of()));
        var carried = new ArrayList<>(body.states());
        var outputs = new ArrayList<Buffer>();
        carried.forEach(state -> outputs.add(state.current()));
        var next = Buffer.of("next", count.type());
        body.stages.add(Stage.each(next, _ -> new Load(count, List.of()).plus(1)));
        carried.add(new Recurrence.State(count, List.of(), Expr.of(0), next));
        carried.add(new Recurrence.State(goesOn, List.of(), first(in.buffer(0)), body.condition()));
        var recurrence = new Recurrence(step, carried, body.stages, List.of(), goesOn);
        var steps = Buffer.of("steps", TensorType.of(DType.INT32, 1));
        outputs.add(steps);
        Step counted = Stage.each(steps, _ -> new Load(count, List.of()));
        return new Measured(List.of(recurrence, counted), outputs);
    }

    /// {@return the one element of a buffer}
    private static Expr first(Buffer buffer) {
        return new Load(buffer, Collections.nCopies(buffer.type().rank(), Expr.of(0)));
    }

    /// The stages of one step.
    private final class Body {
        final List<Stage> stages = new ArrayList<>();
        private final Map<Value, Buffer> buffers = new HashMap<>();
        private final List<Buffer> current = new ArrayList<>();
        private final Operands in;
        private boolean isWritten;

        Body(Operands in) {
            this.in = in;
            for (int s = 0; s < states; s++) {
                var type = in.type(1 + s);
                current.add(Buffer.of("state", type));
                buffers.put(body.inputs().get(1 + s), current.get(s));
            }
            for (int k = 1 + states; k < body.inputs().size(); k++)
                buffers.put(body.inputs().get(k), in.buffer(k));
        }

        /// Says what the number of the step is.
        void number(Expr step) {
            var number = Buffer.of("i", TensorType.of(DType.INT64));
            stages.add(Stage.each(number, _ -> step.cast(DType.INT64)));
            buffers.put(body.inputs().getFirst(), number);
        }

        List<Recurrence.State> states() {
            var carried = new ArrayList<Recurrence.State>();
            for (int s = 0; s < states; s++) {
                var from = in.buffer(1 + s);
                var domain = Stage.indices("o", from.type().shape().dimensions());
                var initial = new Load(from, List.copyOf(domain));
                carried.add(new Recurrence.State(current.get(s), domain, initial, output(1 + s)));
            }
            return carried;
        }

        /// {@return an output of the body in a buffer of its own}
        Buffer output(int i) {
            if (!isWritten) for (var node : body.nodes()) lower(node);
            isWritten = true;
            var from = buffer(body.outputs().get(i));
            var to = Buffer.of("next", from.type());
            stages.add(Stage.each(to, o -> new Load(from, List.copyOf(o))));
            return to;
        }

        /// {@return an output of the body, one number as a vector}
        Buffer row(int i) {
            var from = output(i);
            if (from.type().rank() > 0) return from;
            var to = Buffer.of("row", TensorType.of(from.type().dtype(), 1));
            stages.add(Stage.each(to, _ -> first(from)));
            return to;
        }

        Buffer condition() {
            var from = output(0);
            var to = Buffer.of("on", TensorType.of(DType.BOOL));
            stages.add(Stage.each(to, _ -> first(from)));
            return to;
        }

        private Buffer buffer(Value value) {
            return buffers.computeIfAbsent(value, Value::toBuffer);
        }

        private void lower(Node node) {
            var reads = new ArrayList<Buffer>();
            for (var input : node.inputs()) reads.add(input.isAbsent() ? null : buffer(input));
            var operands = new Operands(node.op().name(), reads, node.extents());
            var outputs =
                    switch (node.op().lower(operands)) {
                        case Compute(var made, var results) -> {
                            stages.addAll(made);
                            yield results;
                        }
                        case Scatter(var push) when !push.readsOutput() -> {
                            stages.add(push.toPull());
                            yield List.of(push.output());
                        }
                        default ->
                                throw GraphException.of(
                                        "Loop",
                                        "body",
                                        "operators that compute each element by itself, where data"
                                                + " decides how many steps there are",
                                        node.op().name());
                    };
            for (int i = 0; i < outputs.size(); i++)
                buffers.put(node.outputs().get(i), outputs.get(i));
        }
    }

    @Override
    public String toString() {
        return "Loop(" + (isCounted ? "a number" : "a condition") + ")";
    }
}
