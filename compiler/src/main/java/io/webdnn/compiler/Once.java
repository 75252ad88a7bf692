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
    /// A buffer is kept if one kernel writes it, also in a repetition, and reads constants and what
    /// is kept.
    ///
    /// @param border inputs and outputs, which each run writes anew
    static Once of(List<Call> calls, Set<Buffer> border) {
        var division = new Division(border);
        division.count(calls);
        var rest = division.divide(calls);
        return new Once(List.copyOf(division.initial), rest);
    }

    private static final class Division {
        private final Set<Buffer> border;
        private final Map<Buffer, Integer> writers = new HashMap<>();
        private final Set<Buffer> kept = new HashSet<>();
        private final List<Call> initial = new ArrayList<>();

        Division(Set<Buffer> border) {
            this.border = border;
        }

        void count(List<Call> calls) {
            for (var call : calls) {
                if (call instanceof Call.Repeat repeat) count(repeat.body());
                else written(call).forEach(b -> writers.merge(b, 1, Integer::sum));
            }
        }

        /// {@return the calls that each run makes}
        List<Call> divide(List<Call> calls) {
            var rest = new ArrayList<Call>();
            for (var call : calls) {
                switch (call) {
                    case Call.Repeat(var symbol, var extent, var body, var goesOn, var origin) ->
                            rest.add(new Call.Repeat(symbol, extent, divide(body), goesOn, origin));
                    case Call.Run run when isConstant(run) -> {
                        initial.add(run);
                        kept.addAll(written(run));
                    }
                    case Call.Run _, Call.Host _, Call.Measure _, Call.Library _ -> rest.add(call);
                }
            }
            return rest;
        }

        private boolean isConstant(Call.Run run) {
            var written = written(run);
            return run.kernel().parameters().isEmpty()
                    && written.stream()
                            .allMatch(b -> writers.getOrDefault(b, 0) == 1 && !border.contains(b))
                    && run.buffers().stream()
                            .allMatch(b ->
                                    b.constant() != null
                                            || kept.contains(b)
                                            || written.contains(b));
        }
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
            case Call.Measure _ -> new LinkedHashSet<>();
            case Call.Library library -> new LinkedHashSet<>(library.writes());
            case Call.Repeat repeat -> {
                var written = new LinkedHashSet<Buffer>();
                for (var inner : repeat.body()) written.addAll(written(inner));
                yield written;
            }
        };
    }
}
