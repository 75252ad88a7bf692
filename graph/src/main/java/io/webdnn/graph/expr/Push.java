package io.webdnn.graph.expr;

import io.webdnn.graph.type.TensorType;
import java.util.ArrayList;
import java.util.List;

/// The one push step: `output[domain] = initial`, then for each point of `updates`, in order,
/// outermost first: `output[target] = combine(output[target], value)` where `condition` holds. A
/// target outside the output is an error of the model: it is skipped.
///
/// Condition, target and value may load the output: they see what was pushed before. Such a step
/// ([#readsOutput]) has no pull form.
///
/// The pull form costs updates × outputs, hence this form: loops on JVM and WebAssembly; atomics or
/// the derived pull form ([#toPull]) on shaders.
public record Push(
        Buffer output,
        List<Index> domain,
        Expr initial,
        List<Index> updates,
        Expr condition,
        List<Expr> target,
        Expr value,
        Combine combine)
        implements Step {
    /// How an update meets what stands there. `REPLACE`: the last update wins.
    public enum Combine {
        REPLACE,
        ADD,
        MULTIPLY,
        MIN,
        MAX
    }

    public Push {
        domain = List.copyOf(domain);
        updates = List.copyOf(updates);
        target = List.copyOf(target);
    }

    /// {@return the type of what is written}
    public TensorType type() {
        return output.type();
    }

    @Override
    public List<Buffer> writes() {
        return List.of(output);
    }

    /// {@return whether updates depend on what was pushed before}
    public boolean readsOutput() {
        var parts = new ArrayList<>(target);
        parts.add(condition);
        parts.add(value);
        return parts.stream().anyMatch(part -> Visit.buffers(part).contains(output));
    }

    /// {@return the same as a stage: each element folds over all updates and takes those that are
    /// aimed at it}
    public Stage toPull() {
        var element = new Local("element", value.dtype());
        var hit = condition;
        for (int d = 0; d < domain.size(); d++)
            hit = hit.and(target.get(d).isEqualTo(domain.get(d)));
        var combined =
                switch (combine) {
                    case REPLACE -> value;
                    case ADD -> element.plus(value);
                    case MULTIPLY -> element.times(value);
                    case MIN -> element.min(value);
                    case MAX -> element.max(value);
                };
        var fold =
                new Fold(
                        updates,
                        List.of(new Accumulator(element, initial, hit.select(combined, element))),
                        element);
        return new Stage(domain, List.of(new Stage.Output(output, fold)));
    }
}
