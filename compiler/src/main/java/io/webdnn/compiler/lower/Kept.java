package io.webdnn.compiler.lower;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Substitution;
import io.webdnn.graph.expr.Visit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is computed from constants only, as dequantized weights are, and holds no more elements
/// than these: computed once, when the weights are loaded, and then as good as a constant.
///
/// Graph outputs are not kept, since each run writes them, nor what a size is measured from.
///
/// @param stages what computes each buffer that is kept, from constants and what is kept
public record Kept(Map<Buffer, Stage> stages) {
    /// What targets keep that compute nothing when they load.
    public static final Kept NOTHING = new Kept(Map.of());

    /// {@return what may be kept of a program's buffers}
    public static Kept of(Lowered lowered) {
        var apart = new HashSet<>(lowered.outputs());
        for (var operation : lowered.operations()) {
            if (operation.step() instanceof Measure measure) apart.add(measure.source());
        }
        var stages = new LinkedHashMap<Buffer, Stage>();
        var constants = new HashMap<Buffer, Set<Buffer>>(); // that a buffer is computed from
        for (var operation : lowered.operations()) {
            if (!(operation.step() instanceof Stage stage) || stage.outputs().size() != 1) continue;
            var output = stage.outputs().getFirst();
            var read = new LinkedHashSet<Buffer>();
            boolean isKnown = !apart.contains(output.buffer());
            for (var buffer : Visit.buffers(output.value())) {
                isKnown &= buffer.constant() != null || stages.containsKey(buffer);
                read.addAll(constants.getOrDefault(buffer, Set.of(buffer)));
            }
            var elements = output.buffer().type().shape().elements();
            if (!isKnown || !elements.isFixed() || elements.value() > elements(read)) continue;
            stages.put(output.buffer(), stage);
            constants.put(output.buffer(), read);
        }
        return new Kept(stages);
    }

    private static long elements(Set<Buffer> constants) {
        return constants.stream().mapToLong(b -> b.type().shape().elements().value()).sum();
    }

    public Kept {
        stages = Map.copyOf(stages);
    }

    /// {@return whether a buffer is kept}
    public boolean contains(Buffer buffer) {
        return stages.containsKey(buffer);
    }

    /// {@return whether an expression reads constants and what is kept only}
    public boolean isKnown(Expr e) {
        return Visit.buffers(e).stream().allMatch(b -> b.constant() != null || contains(b));
    }

    /// {@return a stage that computes what it reads of what is kept by itself, from constants; as
    /// it is if it would read too many of them, or compute a sum again and again}
    ///
    /// @param most how many buffers a stage may bind
    public Stage fromConstants(Stage stage, int most) {
        var result = stage;
        for (var reads = read(result); reads.stream().anyMatch(this::contains); ) {
            if (reads.stream().anyMatch(this::isLoop)) return stage;
            var outputs = new ArrayList<Stage.Output>();
            for (var output : result.outputs()) {
                var value = Substitution.ofLoads(output.value(), this::value);
                outputs.add(new Stage.Output(output.buffer(), value));
            }
            result = new Stage(result.domain(), outputs);
            reads = read(result);
            if (reads.size() + outputs.size() > most) return stage;
        }
        return result;
    }

    private boolean isLoop(Buffer buffer) {
        var stage = stages.get(buffer);
        boolean[] found = {false};
        if (stage != null) {
            Visit.all(
                    stage.outputs().getFirst().value(),
                    part -> found[0] |= part instanceof Reduce || part instanceof Fold);
        }
        return found[0];
    }

    private @Nullable Expr value(Load load) {
        var stage = stages.get(load.buffer());
        return stage == null
                ? null
                : Substitution.ofIndices(
                        stage.outputs().getFirst().value(), stage.domain(), load.index());
    }

    private static Set<Buffer> read(Stage stage) {
        var read = new LinkedHashSet<Buffer>();
        for (var output : stage.outputs()) read.addAll(Visit.buffers(output.value()));
        return read;
    }
}
