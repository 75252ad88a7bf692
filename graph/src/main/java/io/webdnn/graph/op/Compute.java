package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.TensorType;
import java.util.List;
import java.util.function.Function;

/// Stages in the pull form, run in order; `outputs` are buffers that they write, one per output of
/// the operator.
public record Compute(List<Stage> stages, List<Buffer> outputs) implements Lowering {
    public Compute {
        stages = List.copyOf(stages);
        outputs = List.copyOf(outputs);
    }

    /// {@return the one-stage form: each element of the only output from its indices}
    public static Compute each(TensorType type, Function<List<Index>, Expr> value) {
        var buffer = Buffer.of("y", type);
        return new Compute(List.of(Stage.each(buffer, value)), List.of(buffer));
    }
}
