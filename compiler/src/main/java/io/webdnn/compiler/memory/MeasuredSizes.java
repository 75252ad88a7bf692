package io.webdnn.compiler.memory;

import io.webdnn.compiler.schedule.Call;
import io.webdnn.tensor.Dimension;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What is known when compiling of the sizes that calls measure.
public final class MeasuredSizes {
    private final Map<String, Dimension> most = new HashMap<>();
    private final Map<String, Integer> measuredAt = new HashMap<>();

    private MeasuredSizes() {}

    /// {@return the sizes that calls measure}
    public static MeasuredSizes of(List<Call> calls) {
        var sizes = new MeasuredSizes();
        for (int i = 0; i < calls.size(); i++) sizes.add(calls.get(i), i);
        return sizes;
    }

    private void add(Call call, int position) {
        switch (call) {
            case Call.Measure measure -> {
                var bound = measure.most();
                if (bound == null) measuredAt.put(measure.symbol(), position);
                else most.put(measure.symbol(), bound.atMost(most));
            }
            case Call.Repeat repeat -> repeat.body().forEach(inner -> add(inner, position));
            case Call.Run _, Call.Host _, Call.Library _ -> {}
        }
    }

    /// {@return a dimension that is no smaller: measured sizes that have a bound are replaced by
    /// it, those that have none stay}
    public Dimension atMost(Dimension dimension) {
        return dimension.atMost(most);
    }

    /// {@return the position of the call that measures the last of the sizes in [#atMost], before
    /// which nobody knows how much memory it is; −1 if all is known before the run}
    public int knownAt(Dimension dimension) {
        return atMost(dimension).symbols().stream()
                .mapToInt(symbol -> measuredAt.getOrDefault(symbol, -1))
                .max()
                .orElse(-1);
    }
}
