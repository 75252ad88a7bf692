package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;
import io.webdnn.graph.Node;
import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Visit;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.op.Compose;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Nodes whose outputs do not depend on the graph's inputs become constants: `Add(2, 3)` becomes
/// `5`, and so does the `Shape` of a value whose shape is fixed.
///
/// The reference interpreter computes them. A node whose outputs are large and larger than what it
/// reads (the `Expand` of a scalar) is left as it is: it costs less to compute than to download.
///
/// @param widens whether large outputs of wider elements than what is read become constants, too:
///   weights that are dequantized take four times their bytes, and are worth computing when they
///   are loaded, by targets that can do that
public record FoldConstants(boolean widens) implements Pass {
    /// Outputs of up to so many elements may be larger than the inputs.
    private static final int SMALL = 4096;

    /// How many times the bytes that are read may be written where constants are not to widen.
    private static final int WIDER = 2;

    /// Elements may become wider.
    public FoldConstants() {
        this(true);
    }

    @Override
    public Graph apply(Graph graph) {
        return graph.rewrite(this::fold);
    }

    private List<? extends Operand> fold(Node node, Operators g) {
        boolean known = node.inputs().stream().allMatch(v -> v.isAbsent() || v.constant() != null);
        if (!isWorthwhile(node) || !known && !readsNoInput(node) || holdsSymbols(node))
            return node.outputs();
        var inputs = node.inputs().stream().map(Value::constant).toList();
        return Interpreter.run(node, inputs).stream().map(t -> constant(g, node, t)).toList();
    }

    private static Operand constant(Operators g, Node node, Tensor tensor) {
        return g instanceof Graph.Builder builder
                ? builder.constant(node.name(), tensor)
                : g.constant(tensor);
    }

    private boolean isWorthwhile(Node node) {
        long reads = 0;
        long bitsRead = 0;
        for (var input : node.inputs()) {
            var constant = input.constant();
            if (constant == null) continue;
            reads += constant.size();
            bitsRead += (long) constant.size() * constant.dtype().bits();
        }
        for (var output : node.outputs()) {
            var shape = output.type().shape();
            if (!shape.isFixed()) return false;
            long elements = shape.elements().value();
            if (elements <= SMALL) continue;
            long bits = elements * output.type().dtype().bits();
            if (elements > reads || !widens && bits > WIDER * bitsRead) return false;
        }
        return true;
    }

    /// Whether the values of the inputs do not matter, only their types.
    private static boolean readsNoInput(Node node) {
        var in = node.operands();
        var lowering = node.op().lower(in);
        if (lowering instanceof Compose) return false;
        var inputs = new HashSet<Buffer>();
        for (int i = 0; i < in.count(); i++) {
            if (!in.has(i) || in.buffer(i).constant() != null) continue;
            if (!in.shape(i).isFixed()) return false;
            inputs.add(in.buffer(i));
        }
        return Interpreter.steps(lowering).stream().noneMatch(step -> reads(step, inputs));
    }

    /// Whether it computes with sizes that only a run knows, of which its types say nothing.
    private static boolean holdsSymbols(Node node) {
        var lowering = node.op().lower(node.operands());
        if (lowering instanceof Compose) return false;
        return Interpreter.steps(lowering).stream()
                .anyMatch(step -> step instanceof Stage stage && holdsSymbols(stage));
    }

    private static boolean holdsSymbols(Stage stage) {
        boolean[] found = {stage.domain().stream().anyMatch(i -> !i.extent().isFixed())};
        for (var output : stage.outputs())
            Visit.all(output.value(), e -> found[0] |= e instanceof Extent);
        return found[0];
    }

    private static boolean reads(Step step, Set<Buffer> inputs) {
        return switch (step) {
            case Stage stage ->
                    stage.outputs().stream()
                            .flatMap(output -> Visit.buffers(output.value()).stream())
                            .anyMatch(inputs::contains);
            case HostCall call -> call.reads().stream().anyMatch(inputs::contains);
            case Push _, Recurrence _, Measure _ -> true;
        };
    }
}
