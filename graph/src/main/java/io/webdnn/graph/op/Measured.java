package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Step;
import java.util.List;

/// Steps of any kind, among them [io.webdnn.graph.expr.Measure]: outputs whose shapes depend on
/// data.
public record Measured(List<Step> steps, List<Buffer> outputs) implements Lowering {
    public Measured {
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
    }
}
