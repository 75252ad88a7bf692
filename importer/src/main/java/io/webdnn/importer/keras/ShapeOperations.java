package io.webdnn.importer.keras;

import static io.webdnn.importer.keras.Operations.put;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.DepthToSpace;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.GatherElements;
import io.webdnn.graph.op.GatherND;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.SpaceToDepth;
import io.webdnn.graph.op.Split;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Tile;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.importer.keras.Operations.Operation;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Operations that change shapes, join, cut and repeat.
final class ShapeOperations {
    private ShapeOperations() {}

    static void addTo(Map<String, Operation> table) {
        put(table, "broadcast_to", ShapeOperations::broadcastTo);
        put(table, "concat concatenate", ShapeOperations::concat);
        put(table, "depth_to_space", call -> blocks(call, true));
        put(table, "expand_dims", ShapeOperations::expandDims);
        put(table, "gather take", ShapeOperations::gather);
        put(table, "gather_nd", ShapeOperations::gatherNd);
        put(table, "getitem", Subscript::of);
        put(table, "moveaxis", ShapeOperations::moveAxis);
        put(table, "pad", ShapeOperations::pad);
        put(table, "ravel", call -> call.call().reshape(call.value(0), -1));
        put(table, "repeat", ShapeOperations::repeat);
        put(table, "reshape", ShapeOperations::reshape);
        put(table, "reverse flip", ShapeOperations::flip);
        put(table, "roll", ShapeOperations::roll);
        put(table, "shape", ShapeOperations::shape);
        put(table, "slice", Subscript::ofRange);
        put(table, "space_to_depth", call -> blocks(call, false));
        put(table, "split", ShapeOperations::split);
        put(table, "squeeze", ShapeOperations::squeeze);
        put(table, "stack", ShapeOperations::stack);
        put(table, "swapaxes", ShapeOperations::swapAxes);
        put(table, "take_along_axis", ShapeOperations::takeAlongAxis);
        put(table, "tile", ShapeOperations::tile);
        put(table, "transpose", ShapeOperations::transpose);
        put(table, "unstack", ShapeOperations::unstack);
    }

    // Shapes

    private static Value shape(OperationCall call) {
        call.ignore("out_type");
        return call.call().apply(new Shape(), call.value(0));
    }

    private static Value reshape(OperationCall call) {
        var x = call.value(0);
        var wanted = call.shape(1, "shape", "newshape");
        return call.call().apply(new Reshape(), x, call.call().vector(entries(call, x, wanted)));
    }

    /// {@return the shape as the operator takes it: 0 copies a symbol of the same axis, −1 is what
    /// is left}
    private static long[] entries(OperationCall call, Value x, List<Dimension> wanted) {
        var from = x.type().shape();
        var extents = new ArrayList<>(wanted);
        int rest = extents.indexOf(Dimension.of(-1));
        if (rest >= 0) {
            extents.set(rest, Dimension.of(1));
            var known = extents.stream().reduce(Dimension.of(1), Dimension::times);
            extents.set(rest, from.elements().exactlyDividedBy(known));
        }
        var entries = new long[extents.size()];
        int free = 0;
        for (int d = 0; d < entries.length; d++) {
            var extent = extents.get(d);
            boolean isOwn = d < from.rank() && from.get(d).equals(extent);
            entries[d] = extent.isFixed() ? extent.value() : isOwn ? 0 : -1;
            if (entries[d] < 0) free++;
        }
        if (free > 1)
            throw call.wrong("shape", "one symbol beside those of the same axes", extents);
        return entries;
    }

    private static Value expandDims(OperationCall call) {
        var axes = call.integers(1, "axis", "dim");
        if (axes == null) throw call.wrong("axis", "an axis", "none");
        return call.call().apply(new Unsqueeze(), call.value(0), call.call().vector(longs(axes)));
    }

    private static Value squeeze(OperationCall call) {
        var axes = call.integers(1, "axis", "squeeze_dims");
        return axes == null || axes.isEmpty()
                ? call.call().apply(new Squeeze(), call.value(0))
                : call.call().apply(new Squeeze(), call.value(0), call.call().vector(longs(axes)));
    }

    private static long[] longs(List<Integer> integers) {
        return integers.stream().mapToLong(Integer::longValue).toArray();
    }

    private static Value broadcastTo(OperationCall call) {
        var x = call.value(0);
        var from = x.type().shape();
        var wanted = call.shape(1, "shape");
        var entries = new long[wanted.size()];
        for (int d = 0; d < entries.length; d++) {
            var extent = wanted.get(d);
            int axis = d - (entries.length - from.rank());
            // 1 keeps the extent, which is the only way to say a symbol
            boolean keeps = axis >= 0 && (extent.is(-1) || from.get(axis).equals(extent));
            if (!keeps && !extent.isFixed())
                throw call.wrong("shape", "extents known when compiling, or its own", wanted);
            entries[d] = keeps ? 1 : extent.value();
        }
        return call.call().apply(new Expand(), x, call.call().vector(entries));
    }

    // Order of axes

    private static Value transpose(OperationCall call) {
        if (call.flag(false, "conjugate")) throw call.wrong("conjugate", "false", true);
        var x = call.value(0);
        var order = call.axes(x.type().rank(), "perm", "axes");
        if (order == null) order = indices(x).reversed();
        return call.call().transpose(x, order);
    }

    private static List<Integer> indices(Value x) {
        return new ArrayList<>(IntStream.range(0, x.type().rank()).boxed().toList());
    }

    private static Value swapAxes(OperationCall call) {
        var x = call.value(0);
        int rank = x.type().rank();
        var order = indices(x);
        Collections.swap(
                order,
                call.axis(call.integerAt(1, 0, "axis1"), rank, "axis1"),
                call.axis(call.integerAt(2, 0, "axis2"), rank, "axis2"));
        return call.call().transpose(x, order);
    }

    private static Value moveAxis(OperationCall call) {
        var x = call.value(0);
        int rank = x.type().rank();
        var sources = call.integers(1, "source");
        var places = call.integers(2, "destination");
        if (sources == null || places == null || sources.size() != places.size())
            throw call.wrong("destination", "an axis for each of " + sources, places);
        var order = indices(x);
        var to = new TreeMap<Integer, Integer>();
        for (int i = 0; i < sources.size(); i++) {
            int source = call.axis(sources.get(i), rank, "source");
            order.remove(Integer.valueOf(source));
            to.put(call.axis(places.get(i), rank, "destination"), source);
        }
        to.forEach(order::add);
        return call.call().transpose(x, order);
    }

    // Joining and cutting

    private static Value concat(OperationCall call) {
        int axis = call.integerAt(1, 0, "axis");
        return call.call().applyAll(new Concat(axis), call.values(0)).getFirst();
    }

    private static Value stack(OperationCall call) {
        var values = call.values(0);
        int rank = values.getFirst().type().rank();
        return call.stacked(values, call.axis(call.integerAt(1, 0, "axis"), rank + 1, "axis"));
    }

    private static Value unstack(OperationCall call) {
        var x = call.value(0);
        int axis = call.axis(call.integerAt(2, 0, "axis"), x.type().rank(), "axis");
        int count = call.call().fixed(x, axis);
        int said = call.integerAt(1, count, "num");
        if (said != count) throw call.wrong("num", count + "", said);
        Value first = null;
        for (int i = 0; i < count; i++) {
            var part = Subscript.at(call, x, axis, i);
            if (first == null) first = part;
            else call.call().alsoGive(part);
        }
        if (first == null) throw call.wrong("axis", "one that is not empty", axis);
        return first;
    }

    /// TensorFlow is given the number of parts, or their extents; Keras 3 the number, or where they
    /// begin.
    private static Value split(OperationCall call) {
        call.ignore("num");
        var x = call.value(0);
        int axis = call.axis(call.integerAt(2, 0, "axis"), x.type().rank(), "axis");
        var said = call.get(1, "num_or_size_splits", "indices_or_sections");
        if (said instanceof Long count) {
            int parts = Math.toIntExact(count);
            var extent = x.type().shape().get(axis);
            if (parts < 1 || extent.isFixed() && extent.value() % parts != 0)
                throw call.wrong("number of parts", "a divisor of " + extent, count);
            return parts(call, new Split(axis, parts), List.of(x));
        }
        var extents = call.integers(1, "num_or_size_splits", "indices_or_sections");
        if (extents == null) throw call.wrong("parts", "their number or extents", "none");
        int whole = call.call().fixed(x, axis);
        var sizes = new ArrayList<Integer>();
        if (call.isOfTensorFlow()) {
            int known = extents.stream().filter(e -> e >= 0).mapToInt(e -> e).sum();
            for (int extent : extents) sizes.add(extent < 0 ? whole - known : extent);
        } else {
            int begin = 0;
            for (int end : extents) {
                int at = Math.clamp(end < 0 ? end + whole : end, begin, whole);
                sizes.add(at - begin);
                begin = at;
            }
            sizes.add(whole - begin);
        }
        var vector = call.call().vector(longs(sizes));
        return parts(call, new Split(axis, sizes.size()), List.of(x, Value.of(vector)));
    }

    private static Value parts(OperationCall call, Op split, List<Value> operands) {
        var parts = call.call().applyAll(split, operands);
        parts.subList(1, parts.size()).forEach(call.call()::alsoGive);
        return parts.getFirst();
    }

    private static Value gather(OperationCall call) {
        call.ignore("validate_indices");
        if (call.integer(0, "batch_dims") != 0)
            throw call.wrong("batch_dims", "0", call.integer(0, "batch_dims"));
        var x = call.value(0);
        var axes = call.integers(2, "axis");
        if (axes == null && !call.isOfTensorFlow()) x = call.call().reshape(x, -1);
        var indices = index(call, call.value(1, "indices"));
        return call.call().apply(new Gather(axes == null ? 0 : axes.getFirst()), x, indices);
    }

    private static Value index(OperationCall call, Value indices) {
        return indices.type().dtype() == DType.INT64
                ? indices
                : Value.of(call.call().cast(indices, DType.INT32));
    }

    private static Value gatherNd(OperationCall call) {
        int batch = call.integer(0, "batch_dims");
        var indices = index(call, call.value(1, "indices"));
        return call.call().apply(new GatherND(batch), call.value(0), indices);
    }

    private static Value takeAlongAxis(OperationCall call) {
        var axes = call.integers(2, "axis");
        if (axes == null) throw call.wrong("axis", "an axis", "none");
        var indices = index(call, call.value(1, "indices"));
        return call.call().apply(new GatherElements(axes.getFirst()), call.value(0), indices);
    }

    // Repeating and moving

    private static Value tile(OperationCall call) {
        var x = call.value(0);
        var repeats = call.integers(1, "multiples", "repeats");
        if (repeats == null) throw call.wrong("repeats", "integers", "none");
        var all = new ArrayList<>(repeats);
        while (all.size() < x.type().rank()) all.addFirst(1);
        for (int d = x.type().rank(); d < all.size(); d++) x = call.call().unsqueeze(x, 0);
        return call.call().apply(new Tile(), x, call.call().vector(longs(all)));
    }

    private static Value repeat(OperationCall call) {
        var x = call.value(0);
        var axes = call.integers(2, "axis");
        var repeats = call.integers(1, "repeats");
        if (axes == null) x = call.call().reshape(x, -1);
        int axis = call.axis(axes == null ? 0 : axes.getFirst(), x.type().rank(), "axis");
        int extent = call.call().fixed(x, axis);
        if (repeats == null || repeats.size() != 1 && repeats.size() != extent)
            throw call.wrong("repeats", "one number, or " + extent, repeats);
        var places = new ArrayList<Integer>();
        for (int i = 0; i < extent; i++) {
            int count = repeats.get(repeats.size() == 1 ? 0 : i);
            places.addAll(Collections.nCopies(count, i));
        }
        return call.call().gather(x, axis, places.stream().mapToInt(Integer::intValue).toArray());
    }

    private static Value flip(OperationCall call) {
        var x = call.value(0);
        var axes = call.axes(x.type().rank(), "axis");
        if (axes == null) axes = indices(x);
        return Subscript.reversed(call, x, axes);
    }

    /// What leaves an axis at its end comes in at its begin.
    private static Value roll(OperationCall call) {
        var x = call.value(0);
        var axes = call.axes(x.type().rank(), "axis");
        var shifts = call.integers(1, "shift");
        if (axes == null || shifts == null || axes.size() != shifts.size())
            throw call.wrong("shift", "one for each axis of " + axes, shifts);
        for (int i = 0; i < axes.size(); i++) {
            int extent = call.call().fixed(x, axes.get(i));
            int shift = shifts.get(i);
            var places = IntStream.range(0, extent).map(at -> Math.floorMod(at - shift, extent));
            x = call.call().gather(x, axes.get(i), places.toArray());
        }
        return x;
    }

    private static Value pad(OperationCall call) {
        var x = call.value(0);
        int rank = x.type().rank();
        var said = call.get(1, "paddings", "pad_width");
        var numbers = Structures.leaves(said, Long.class);
        // one pair is for all axes, one number for both ends
        if (numbers.size() == 1) numbers = List.of(numbers.getFirst(), numbers.getFirst());
        if (numbers.size() != 2 && numbers.size() != 2 * rank)
            throw call.wrong("paddings", "a pair for each axis of " + x.type().shape(), said);
        var pads = new long[2 * rank];
        for (int d = 0; d < rank; d++) {
            int at = numbers.size() == 2 ? 0 : 2 * d;
            pads[d] = numbers.get(at);
            pads[rank + d] = numbers.get(at + 1);
        }
        var vector = call.call().vector(pads);
        return switch (call.text("constant", "mode").toLowerCase(Locale.ROOT)) {
            case "constant" -> {
                var fill = call.optional(-1, "constant_values");
                var op = new Pad(Pad.Mode.CONSTANT);
                yield fill == null
                        ? call.call().apply(op, x, vector)
                        : call.call()
                                .apply(op, x, vector, call.call().cast(fill, x.type().dtype()));
            }
            case "reflect" -> call.call().apply(new Pad(Pad.Mode.REFLECT), x, vector);
            case "edge" -> call.call().apply(new Pad(Pad.Mode.EDGE), x, vector);
            case "wrap" -> call.call().apply(new Pad(Pad.Mode.WRAP), x, vector);
            case String other ->
                    throw call.wrong("mode", "constant, reflect, edge or wrap", "'" + other + "'");
        };
    }

    private static Value blocks(OperationCall call, boolean isSpread) {
        int size = call.integerAt(1, 0, "block_size");
        boolean isFirst =
                call.text("nhwc", "data_format")
                        .toLowerCase(Locale.ROOT)
                        .matches("nchw|channels_first");
        if (size < 1) throw call.wrong("block_size", "1 or more", size);
        var x = call.value(0);
        if (x.type().rank() != 4) throw call.wrong("input", "rank 4", x.type().shape());
        var op = isSpread ? new DepthToSpace(size, false) : new SpaceToDepth(size);
        var y = call.call().apply(op, isFirst ? x : call.call().channelsFirst(x));
        return isFirst ? y : call.call().channelsLast(y);
    }
}
