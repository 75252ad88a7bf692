package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Slice;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What stands in brackets: `x[:, 1:-1, ..., 0, None]`. A list stands for a tuple, as both
/// frameworks take it.
final class Subscript {
    private static final long FAR = Integer.MAX_VALUE;

    private final OperationCall call;
    private Value x;
    private int axis; // of x, where the next entry belongs

    private Subscript(OperationCall call, Value x) {
        this.call = call;
        this.x = x;
    }

    static Value of(OperationCall call) {
        var said = call.get(1, "slice_spec", "key");
        var entries = new ArrayList<@Nullable Object>();
        if (said instanceof List<?> list) entries.addAll(list);
        else entries.add(said);
        return new Subscript(call, call.value(0)).taken(entries);
    }

    private Value taken(List<@Nullable Object> entries) {
        long named = entries.stream().filter(e -> e != null && !isDots(e)).count();
        if (named > x.type().rank())
            throw call.wrong("subscript", "at most " + x.type().rank() + " entries", entries);
        int hidden = x.type().rank() - (int) named;
        for (var entry : entries) {
            switch (entry) {
                case null -> x = call.call().unsqueeze(x, axis++);
                case Long index -> x = at(call, x, axis, index);
                case Value index when index.type().rank() == 0 -> x = gathered(index);
                case Map<?, ?> map when isDots(map) -> axis += hidden;
                case Map<?, ?> map ->
                        cut(map.get("config") instanceof Map<?, ?> range ? range : map);
                default -> throw call.wrong("subscript", "numbers and ranges", entry);
            }
        }
        return x;
    }

    private static boolean isDots(Object entry) {
        return entry instanceof Map<?, ?> map && "__ellipsis__".equals(map.get("class_name"));
    }

    private Value gathered(Value index) {
        return call.call().apply(new Gather(axis), x, call.call().cast(index, DType.INT32));
    }

    private void cut(Map<?, ?> range) {
        long step = bound(range, "step", 1);
        long start = bound(range, "start", step < 0 ? FAR : 0);
        long stop = bound(range, "stop", step < 0 ? -FAR : FAR);
        if (start != 0 || stop != FAR || step != 1) x = cut(call, x, axis, start, stop, step);
        axis++;
    }

    private long bound(Map<?, ?> range, String name, long otherwise) {
        var said = range.get(name);
        if (said == null) return otherwise;
        if (said instanceof Long number) return number;
        var extents = said instanceof Value value ? call.extents(value) : null;
        if (extents != null && extents.size() == 1 && extents.getFirst().isFixed())
            return extents.getFirst().value();
        throw call.wrong(name + " of the subscript", "a number", said);
    }

    private static Value cut(
            OperationCall call, Value x, int axis, long start, long stop, long step) {
        var g = call.call();
        return g.apply(
                new Slice(), x, g.vector(start), g.vector(stop), g.vector(axis), g.vector(step));
    }

    /// {@return the elements at one place of an axis, which is dropped}
    static Value at(OperationCall call, Value x, int axis, long index) {
        return call.call()
                .apply(
                        new Gather(axis),
                        x,
                        call.call().constant(Tensor.scalar(DType.INT64, index)));
    }

    /// {@return x from the end of some axes to their begin}
    static Value reversed(OperationCall call, Value x, List<Integer> axes) {
        var y = x;
        for (int axis : axes) y = cut(call, y, axis, FAR, -FAR, -1);
        return y;
    }

    /// `tf.slice`: where it begins, and extents; −1 for all behind.
    static Value ofRange(OperationCall call) {
        var x = call.value(0);
        var begin = call.integers(1, "begin", "start_indices");
        var size = call.integers(2, "size", "shape");
        int rank = x.type().rank();
        if (begin == null || size == null || begin.size() != rank || size.size() != rank)
            throw call.wrong("begin and size", rank + " integers each", begin + ", " + size);
        for (int d = 0; d < rank; d++) {
            long stop = size.get(d) < 0 ? FAR : (long) begin.get(d) + size.get(d);
            if (begin.get(d) != 0 || stop != FAR) x = cut(call, x, d, begin.get(d), stop, 1);
        }
        return x;
    }
}
