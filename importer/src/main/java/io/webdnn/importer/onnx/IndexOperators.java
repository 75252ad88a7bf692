package io.webdnn.importer.onnx;

import static io.webdnn.importer.onnx.OnnxOperators.single;

import io.webdnn.graph.Value;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.op.DepthToSpace;
import io.webdnn.graph.op.Det;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.GatherND;
import io.webdnn.graph.op.Less;
import io.webdnn.graph.op.NonZero;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.ReverseSequence;
import io.webdnn.graph.op.ScatterND;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.SpaceToDepth;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Tile;
import io.webdnn.graph.op.TopK;
import io.webdnn.graph.op.Trilu;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.onnx.OnnxOperators.Operator;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Operators that take, put or make elements by their position.
final class IndexOperators {
    private IndexOperators() {}

    static void addTo(Map<String, Operator> table) {
        table.put("CenterCropPad", single(IndexOperators::centerCropPad));
        table.put("Compress", single(IndexOperators::compress));
        table.put("DepthToSpace", single(IndexOperators::depthToSpace));
        table.put("EyeLike", single(IndexOperators::eyeLike));
        table.put("GatherND", single(IndexOperators::gatherND));
        table.put("OneHot", single(IndexOperators::oneHot));
        table.put("ReverseSequence", single(IndexOperators::reverseSequence));
        table.put("ScatterND", single(IndexOperators::scatterND));
        table.put("SpaceToDepth", single(IndexOperators::spaceToDepth));
        table.put("Tile", single(IndexOperators::tile));
        table.put("Det", single(n -> n.apply(new Det(), n.input(0))));
        table.put("TopK", IndexOperators::topK);
        table.put("Trilu", single(IndexOperators::trilu));
    }

    private static Value tile(Translation node) {
        return node.isOfRun(1) && node.type(1).dtype() != DType.INT64 || node.isMeasured(1)
                ? MeasuredOperators.tile(node)
                : node.apply(new Tile(), node.input(0), node.input(1));
    }

    private static Value trilu(Translation node) {
        var op = new Trilu(node.flag("upper", true));
        return node.applyAll(op, node.inputs()).getFirst();
    }

    private static int blocksize(Translation node) {
        if (!node.hasAttribute("blocksize")) throw node.wrong("blocksize", "an int", "none");
        return Math.toIntExact(node.integer("blocksize", 1));
    }

    private static Value depthToSpace(Translation node) {
        boolean columnsFirst = node.choice("mode", "DCR", "CRD").equals("CRD");
        return node.apply(new DepthToSpace(blocksize(node), columnsFirst), node.input(0));
    }

    private static Value spaceToDepth(Translation node) {
        return node.apply(new SpaceToDepth(blocksize(node)), node.input(0));
    }

    private static Value gatherND(Translation node) {
        var op = new GatherND(Math.toIntExact(node.integer("batch_dims", 0)));
        return node.apply(op, node.input(0), node.input(1));
    }

    private static Value scatterND(Translation node) {
        var op = new ScatterND(combine(node));
        return node.apply(op, node.input(0), node.input(1), node.input(2));
    }

    static Push.Combine combine(Translation node) {
        return switch (node.choice("reduction", "none", "add", "mul", "min", "max")) {
            case "add" -> Push.Combine.ADD;
            case "mul" -> Push.Combine.MULTIPLY;
            case "min" -> Push.Combine.MIN;
            case "max" -> Push.Combine.MAX;
            default -> Push.Combine.REPLACE;
        };
    }

    private static Value reverseSequence(Translation node) {
        var op = new ReverseSequence(node.axis("batch_axis", 1), node.axis("time_axis", 0));
        return node.apply(op, node.input(0), node.input(1));
    }

    /// Before opset 10, K is an attribute. What need not be sorted may be.
    private static List<Value> topK(Translation node) {
        int axis = node.axis("axis", -1);
        node.flag("sorted", true);
        boolean largest = node.flag("largest", true);
        if (node.opset() >= 10 && node.isOfRun(1))
            return node.applyAll(new TopK(axis, largest, node.unique("count")), node.inputs());
        var op = new TopK(axis, largest);
        if (node.opset() >= 10) return node.applyAll(op, node.inputs());
        if (!node.hasAttribute("k")) throw node.wrong("k", "an int", "none");
        return node.applyAll(op, List.of(node.input(0), node.vector(node.integer("k", 0))));
    }

    /// An index that is not in −depth … depth − 1, before opset 11 in 0 … depth − 1, gives a row of
    /// the off value.
    private static Value oneHot(Translation node) {
        int rank = node.rank(0) + 1;
        int axis = node.axis("axis", -1, rank);
        if (!node.shape(1).elements().is(1)) throw node.wrong("depth", "one element", node.type(1));
        Value count;
        Value places;
        if (node.isMeasured(1)) {
            count = MeasuredOperators.oneHotDepth(node);
            places = MeasuredOperators.places(node, count, rank, axis);
        } else {
            int depth = (int) node.known(1, "depth").getDouble(0);
            if (depth < 0) throw node.wrong("depth", ">= 0", depth);
            count = node.scalar(DType.INT32, depth);
            places = node.count(rank, axis, depth);
        }
        var indices = node.cast(node.input(0), DType.INT32);
        var isNegative = node.apply(new Less(), indices, node.like(indices, 0));
        var wrapped = node.add(indices, count);
        boolean wraps = node.opset() >= 11;
        var from = wraps ? node.apply(new Where(), isNegative, wrapped, indices) : indices;
        var spread = node.apply(new Unsqueeze(), from, node.vector(axis));
        var isOn = node.apply(new Equal(), spread, places);
        return node.apply(new Where(), isOn, value(node, 1), value(node, 0));
    }

    private static Value value(Translation node, long which) {
        return node.apply(
                new Gather(0), node.input(2), node.constant(Tensor.of(new long[] {which})));
    }

    private static Value eyeLike(Translation node) {
        if (node.rank(0) != 2) throw node.wrong("input", "rank 2", node.type(0));
        var dtype = node.dtype("dtype", node.type(0).dtype());
        long k = node.integer("k", 0);
        if (!node.shape(0).isFixed()) {
            var onDiagonal = node.count(node.input(0), 0);
            double shift = Math.clamp(k, -Integer.MAX_VALUE / 2, Integer.MAX_VALUE / 2);
            onDiagonal = node.add(onDiagonal, node.like(onDiagonal, shift));
            var columns = node.count(node.input(0), 1);
            return node.cast(node.apply(new Equal(), columns, onDiagonal), dtype);
        }
        int columns = node.fixed(0, 1);
        var eye = node.zeros("input", dtype, node.fixed(0, 0), columns);
        for (long row = 0; row < node.fixed(0, 0); row++) {
            long column = row + k;
            if (column >= 0 && column < columns)
                eye.setDouble(Math.toIntExact(row * columns + column), 1);
        }
        return node.constant(eye);
    }

    /// Cuts or pads to the wanted extents, the same on both sides; the odd element is at the end.
    private static Value centerCropPad(Translation node) {
        int rank = node.rank(0);
        boolean isKnown = node.evaluate(node.input(1)) != null;
        if (node.isOfRun(1) || isKnown && !node.shape(0).isFixed())
            return MeasuredOperators.centerCropPad(node, axes(node, rank, node.entries(1).size()));
        var wanted = node.knownIntegers(1, "shape");
        var axes = axes(node, rank, wanted.length);
        var starts = new long[wanted.length];
        var ends = new long[wanted.length];
        var pads = new long[2 * rank];
        for (int i = 0; i < wanted.length; i++) {
            int axis = axes.get(i);
            long extent = node.fixed(0, axis);
            long surplus = extent - wanted[i];
            starts[i] = Math.max(0, surplus / 2);
            ends[i] = starts[i] + Math.min(extent, wanted[i]);
            long missing = Math.max(0, -surplus);
            pads[axis] = missing / 2;
            pads[rank + axis] = missing - missing / 2;
        }
        var cut =
                node.apply(
                        new Slice(),
                        node.input(0),
                        node.vector(starts),
                        node.vector(ends),
                        node.vector(axes.stream().map(Integer::longValue).toList()));
        return node.apply(new Pad(Pad.Mode.CONSTANT), cut, node.vector(pads));
    }

    private static List<Integer> axes(Translation node, int rank, int count) {
        var axes = new ArrayList<Integer>();
        var given = node.integers("axes");
        for (int i = 0; i < count; i++) {
            long axis = given == null ? i : i < given.size() ? given.get(i) : rank;
            if (axis < -rank || axis >= rank)
                throw node.wrong("axes", count + " axes of X", given == null ? "none" : given);
            axes.add((int) (axis < 0 ? axis + rank : axis));
        }
        return axes;
    }

    private static Value compress(Translation node) {
        var x = node.input(0);
        if (!node.hasAttribute("axis"))
            return node.apply(
                    new Gather(0), node.apply(new Reshape(), x, node.vector(-1)), taken(node));
        return node.apply(new Gather(node.axis("axis", 0, node.rank(0))), x, taken(node));
    }

    /// {@return which elements are taken; how many of them may be found only by a run}
    private static Value taken(Translation node) {
        if (node.isMeasured(1)) {
            var places = node.apply(new NonZero(node.unique("count")), node.input(1));
            return node.apply(new Squeeze(), places, node.vector(0));
        }
        var condition = node.known(1, "condition");
        var taken = new ArrayList<Long>();
        for (int i = 0; i < condition.size(); i++)
            if (condition.getLong(i) != 0) taken.add((long) i);
        return node.vector(taken);
    }
}
