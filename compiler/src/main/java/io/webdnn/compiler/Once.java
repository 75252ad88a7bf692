package io.webdnn.compiler;

import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.expr.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The calls of a program, divided by when they are made: those that depend on constants only are
/// made once, before the first run, and what they write is kept.
///
/// @param initial made once, in order; kernels without symbolic sizes
/// @param calls made by each run, in order
record Once(List<Call> initial, List<Call> calls) {
    /// {@return the calls, divided}
    ///
    /// A buffer is kept if all that is written to it depends on constants only.
    ///
    /// @param border inputs and outputs, which each run writes anew
    static Once of(List<Call> calls, Set<Buffer> border) {
        Map<Buffer, Integer> writers = new HashMap<>();
        for (var call : calls) written(call).forEach(b -> writers.merge(b, 1, Integer::sum));
        var initial = new LinkedHashSet<Call>();
        var kept = new HashSet<Buffer>();
        for (var call : calls) {
            if (!(call instanceof Call.Run run) || !run.kernel().parameters().isEmpty()) continue;
            var written = written(run);
            boolean isKept =
                    written.stream().allMatch(b -> writers.getOrDefault(b, 0) == 1)
                            && written.stream().noneMatch(border::contains)
                            && run.buffers().stream()
                                    .allMatch(b ->
                                            b.constant() != null
                                                    || kept.contains(b)
                                                    || written.contains(b));
            if (!isKept) continue;
            initial.add(run);
            kept.addAll(written);
        }
        var rest = new ArrayList<>(calls);
        rest.removeAll(initial);
        return new Once(List.copyOf(initial), rest);
    }

    /// {@return all calls, those first that are made once}
    List<Call> all() {
        var all = new ArrayList<>(initial);
        all.addAll(calls);
        return all;
    }

    /// {@return the buffers that are kept}
    Set<Buffer> kept() {
        var kept = new HashSet<Buffer>();
        for (var call : initial) kept.addAll(written(call));
        return kept;
    }

    private static Set<Buffer> written(Call call) {
        return switch (call) {
            case Call.Run run -> {
                var written = new LinkedHashSet<Buffer>();
                for (int i = 0; i < run.buffers().size(); i++) {
                    if (run.kernel().buffers().get(i).access() != KernelBuffer.Access.READ)
                        written.add(run.buffers().get(i));
                }
                yield written;
            }
            case Call.Host host -> new LinkedHashSet<>(host.call().writes());
            case Call.Library library -> new LinkedHashSet<>(library.writes());
            case Call.Repeat repeat -> {
                var written = new LinkedHashSet<Buffer>();
                for (var inner : repeat.body()) written.addAll(written(inner));
                yield written;
            }
        };
    }
}
