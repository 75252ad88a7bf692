package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// One stage of an operator that has several, as an operator of its own; for gradients, which go
/// back stage by stage.
///
/// Its operands are those of the operator, then what the stages before it write, in their order.
/// Its outputs are what the stage writes.
///
/// @param op an operator that lowers to a [Compute]
/// @param count the number of the operator's own operands
/// @param stage the position of the stage
public record StagePart(Op op, int count, int stage) implements Primitive {
    @Override
    public String name() {
        return op.name() + "." + stage;
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return part(in).outputs().stream().map(o -> o.buffer().type()).toList();
    }

    @Override
    public Lowering lower(Operands in) {
        var part = part(in);
        return new Compute(List.of(part), part.writes());
    }

    private Stage part(Operands in) {
        if (!(op.lower(in.first(count, op.name())) instanceof Compute(var stages, _))) {
            throw GraphException.of(name(), "op", "an operator that lowers to stages", op.name());
        }
        var operands = new HashMap<Buffer, Integer>();
        for (var before : stages.subList(0, stage)) {
            for (var buffer : before.writes()) operands.put(buffer, count + operands.size());
        }
        var outputs = new ArrayList<Stage.Output>();
        for (var output : stages.get(stage).outputs()) {
            var value = Substitution.ofLoads(output.value(), load -> operand(load, operands, in));
            outputs.add(new Stage.Output(output.buffer(), value));
        }
        return new Stage(stages.get(stage).domain(), outputs);
    }

    private static @org.jspecify.annotations.Nullable Expr operand(
            Load load, HashMap<Buffer, Integer> operands, Operands in) {
        var position = operands.get(load.buffer());
        return position == null ? null : in.load(position, load.index());
    }
}
