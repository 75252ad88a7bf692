package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import java.util.List;

/// A sequential axis: stages that do not depend on it, the recurrence, and stages that read its
/// histories and last states.
public record Scan(
        List<Stage> before, Recurrence recurrence, List<Stage> after, List<Buffer> outputs)
        implements Lowering {
    public Scan {
        before = List.copyOf(before);
        after = List.copyOf(after);
        outputs = List.copyOf(outputs);
    }
}
