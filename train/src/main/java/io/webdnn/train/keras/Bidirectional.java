package io.webdnn.train.keras;

import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.graph.op.Slice;
import io.webdnn.tensor.file.Json;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.Variable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A recurrent layer and a second one of its kind that reads from the last step to the first; their
/// results stand one behind the other.
///
/// Weights: those of the first, then those of the second.
public final class Bidirectional extends FluentLayer<Bidirectional> {
    private final RecurrentLayer<?> forward;
    private final RecurrentLayer<?> backward;
    private String mergeMode = "concat";

    /// @param layer the one that reads forwards
    public Bidirectional(RecurrentLayer<?> layer) {
        var name = layer.chosenName().isEmpty() ? layer.automaticName() : layer.chosenName();
        if (layer.recurrence().returnsState())
            throw wrong("layer", "one that gives no states", layer);
        if (layer.isBuilt()) throw wrong("layer", "one that is not yet part of a model", layer);
        forward = link("forward_" + name, layer);
        backward = link("backward_" + name, turned(layer));
    }

    private static RecurrentLayer<?> turned(RecurrentLayer<?> layer) {
        try {
            var said = Settings.of(layer.toString(), Json.read(Json.write(layer.described())));
            var copy = (RecurrentLayer<?>) LayerTable.read(said);
            copy.goBackwards(!layer.recurrence().goesBackwards());
            return copy;
        } catch (IOException e) {
            throw new AssertionError(e); // what was written can be read
        }
    }

    /// Sets what becomes of the two results: `concat` at first, `sum`, `mul` or `ave`.
    public Bidirectional mergeMode(String name) {
        expectNotBuilt("merge mode");
        if (!List.of("concat", "sum", "mul", "ave").contains(name))
            throw wrong("merge mode", "concat, sum, mul or ave", name);
        mergeMode = name;
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        int[] output = forward.outputShape(input).clone();
        if (mergeMode.equals("concat")) output[output.length - 1] *= 2;
        return output;
    }

    @Override
    void build(int[] input) {
        forward.connect(List.of(input));
        backward.connect(List.of(input));
    }

    @Override
    List<Weight> weights() {
        var weights = new ArrayList<>(forward.weights());
        weights.addAll(backward.weights());
        return weights;
    }

    @Override
    Signal apply(Signal x) {
        var forth = forward.apply(x);
        var back = backward.apply(x).value();
        if (forward.recurrence().returnsSequences()) back = F.apply(new Reversed(), name(), back);
        return Signal.of(merged(forth.value(), back)).masked(forth.mask());
    }

    private Variable merged(Variable forth, Variable back) {
        return switch (mergeMode) {
            case "sum" -> forth.plus(back);
            case "mul" -> forth.times(back);
            case "ave" -> forth.plus(back).times(0.5);
            default -> F.apply(new Concat(-1), forth, back);
        };
    }

    /// Steps from the last to the first.
    private record Reversed() implements Function {
        @Override
        public String name() {
            return "Reversed";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            var last = g.vector(-1);
            return g.applyAll(
                    new Slice(),
                    List.of(inputs.getFirst(), last, g.vector(-Long.MAX_VALUE), g.vector(1), last));
        }
    }

    @Override
    Masks masks() {
        return Masks.READ;
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("layer", forward.described());
        config.put("merge_mode", mergeMode);
    }

    @Override
    void read(Settings settings) {
        mergeMode(settings.text("merge_mode", ""));
    }
}
