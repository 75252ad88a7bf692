package io.webdnn.compiler.memory;

import io.webdnn.compiler.schedule.Call;
import io.webdnn.graph.expr.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which buffers share memory: buffers of one slot are never alive at once.
///
/// Greedy by size, largest first, each into the first slot whose buffers are all dead while it
/// lives (Pisarchyk, Lee 2020). Symbols are taken to be 8 where sizes are compared; slots are sized
/// for the real values when they are bound. Inputs, outputs and constants share with nothing.
///
/// A buffer that holds a size without a bound can be made when that size is measured, not before:
/// it shares with buffers that become known at the same call only, so that in a slot that is made
/// in the middle of a run nothing is alive.
///
/// @param slots the buffers of each slot
public record MemoryPlan(List<List<Buffer>> slots) {
    private static final long NOMINAL = 8;

    /// @param knownAt the call that measures its size, −1 if it is known before
    private record Life(Buffer buffer, int first, int last, long size, int knownAt) {
        boolean overlaps(Life other) {
            return first <= other.last && other.first <= last;
        }

        boolean mayShare(Life other) {
            return !overlaps(other)
                    && knownAt == other.knownAt
                    && buffer.type().dtype() == other.buffer.type().dtype();
        }
    }

    /// {@return a plan for calls}
    ///
    /// @param apart buffers that share with nothing: inputs and outputs
    public static MemoryPlan plan(List<Call> calls, Set<Buffer> apart) {
        var sizes = MeasuredSizes.of(calls);
        Map<Buffer, int[]> lives = new LinkedHashMap<>();
        for (int i = 0; i < calls.size(); i++) touch(calls.get(i), i, lives);
        var sorted = new ArrayList<Life>();
        var slots = new ArrayList<List<Life>>();
        for (var entry : lives.entrySet()) {
            var buffer = entry.getKey();
            if (buffer.constant() != null) continue;
            var life = life(buffer, entry.getValue()[0], entry.getValue()[1], sizes);
            if (apart.contains(buffer)) slots.add(List.of(life));
            else sorted.add(life);
        }
        for (var buffer : apart) {
            if (!lives.containsKey(buffer) && buffer.constant() == null)
                slots.add(List.of(life(buffer, 0, 0, sizes)));
        }
        int fixed = slots.size();
        sorted.sort((a, b) -> Long.compare(b.size, a.size)); // stable: equal sizes keep their order
        for (var life : sorted) {
            List<Life> slot = null;
            for (var candidate : slots.subList(fixed, slots.size())) {
                if (candidate.stream().allMatch(life::mayShare)) {
                    slot = candidate;
                    break;
                }
            }
            if (slot == null) {
                slot = new ArrayList<>();
                slots.add(slot);
            }
            slot.add(life);
        }
        return new MemoryPlan(
                slots.stream().map(s -> s.stream().map(Life::buffer).toList()).toList());
    }

    public MemoryPlan {
        slots = List.copyOf(slots);
    }

    /// {@return the slot of each buffer}
    public Map<Buffer, Integer> slotOf() {
        var slotOf = new HashMap<Buffer, Integer>();
        for (int s = 0; s < slots.size(); s++) {
            for (var buffer : slots.get(s)) slotOf.put(buffer, s);
        }
        return Collections.unmodifiableMap(slotOf);
    }

    private static void touch(Call call, int position, Map<Buffer, int[]> lives) {
        switch (call) {
            case Call.Run run -> run.buffers().forEach(b -> touch(b, position, lives));
            case Call.Host host -> {
                host.call().reads().forEach(b -> touch(b, position, lives));
                host.call().writes().forEach(b -> touch(b, position, lives));
            }
            case Call.Measure measure -> touch(measure.source(), position, lives);
            case Call.Repeat repeat ->
                    repeat.body().forEach(inner -> touch(inner, position, lives));
            case Call.Library library -> {
                library.reads().forEach(b -> touch(b, position, lives));
                library.writes().forEach(b -> touch(b, position, lives));
            }
        }
    }

    private static void touch(Buffer buffer, int position, Map<Buffer, int[]> lives) {
        lives.computeIfAbsent(buffer, _ -> new int[] {position, position})[1] = position;
    }

    private static Life life(Buffer buffer, int first, int last, MeasuredSizes sizes) {
        var elements = buffer.type().shape().elements();
        return new Life(buffer, first, last, elements.valueAt(NOMINAL), sizes.knownAt(elements));
    }
}
