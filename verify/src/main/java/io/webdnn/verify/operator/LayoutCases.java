package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.ABSENT;
import static io.webdnn.verify.operator.Given.bool;
import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.longs;

import io.webdnn.graph.op.Concat;
import io.webdnn.graph.op.EnsureShape;
import io.webdnn.graph.op.Expand;
import io.webdnn.graph.op.Flatten;
import io.webdnn.graph.op.Op;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Reshape;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Split;
import io.webdnn.graph.op.Squeeze;
import io.webdnn.graph.op.Transpose;
import io.webdnn.graph.op.Unsqueeze;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Operators that move elements without changing them.
final class LayoutCases {
    private LayoutCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(
                        reshapes(),
                        sizes(),
                        transposes(),
                        expansions(),
                        concats(),
                        splits(),
                        slices(),
                        pads())
                .flatMap(s -> s);
    }

    /// A reshape, whose expected shape each case writes down.
    private static Stream<OperatorCase> shaped(Op op, String what, int[] shape, Given... inputs) {
        return OperatorContract.of(op)
                .inputs(what, inputs)
                .oracle(in -> {
                    int[] next = {0};
                    var x = in.get(0);
                    return Grid.each(x.dtype(), shape, _ -> x.flatAt(next[0]++));
                });
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    private static Stream<OperatorCase> sizes() {
        var op = new EnsureShape(Shape.of(2, 3));
        return shaped(op, "2-D", dims(2, 3), f32(2, 3).symbol(0, "N"));
    }

    private static Stream<OperatorCase> reshapes() {
        var image = f32(2, 3, 4, 5).symbol(0, "N");
        return Stream.of(
                        shaped(new Reshape(), "rest", dims(2, 60), image, longs(0, -1)),
                        shaped(
                                new Reshape(),
                                "rest in front",
                                dims(8, 15),
                                f32(2, 3, 4, 5),
                                longs(-1, 15)),
                        shaped(new Reshape(), "symbolic rest", dims(6, 20), image, longs(-1, 20)),
                        shaped(
                                new Reshape(),
                                "split",
                                dims(2, 3, 2, 2, 5),
                                image,
                                longs(0, 3, 2, 2, 5)),
                        shaped(new Reshape(), "across", dims(5, 4), f32(4, 5), longs(5, 4)),
                        shaped(
                                new Reshape(),
                                "partly across",
                                dims(3, 5, 4, 2),
                                f32(3, 4, 5, 2),
                                longs(3, 5, 4, 2)),
                        shaped(
                                new Reshape(),
                                "ones",
                                dims(1, 2, 1, 3, 1),
                                f32(2, 1, 3),
                                longs(1, 2, 1, 3, 1)),
                        shaped(new Reshape(), "scalar", dims(), f32(1, 1), longs()),
                        shaped(new Reshape(), "from a scalar", dims(1), f32(), longs(-1)),
                        shaped(new Reshape(), "zero copies", dims(0, 3), f32(0, 3), longs(0, 3)),
                        shaped(
                                new Reshape(true),
                                "zero is zero",
                                dims(3, 0),
                                f32(0, 3),
                                longs(3, 0)),
                        shaped(new Reshape(), "int", dims(6), i32(2, 3), longs(6)),
                        shaped(new Flatten(1), "4-D", dims(2, 60), image),
                        shaped(new Flatten(0), "all", dims(1, 120), f32(2, 3, 4, 5)),
                        shaped(new Flatten(4), "end", dims(120, 1), f32(2, 3, 4, 5)),
                        shaped(new Flatten(-2), "negative", dims(6, 20), image),
                        shaped(new Flatten(0), "scalar", dims(1, 1), f32()),
                        shaped(new Squeeze(), "all", dims(3, 5), f32(1, 3, 1, 5)),
                        shaped(new Squeeze(), "some", dims(3, 1, 5), f32(1, 3, 1, 5), longs(0)),
                        shaped(
                                new Squeeze(),
                                "negative",
                                dims(2, 3),
                                f32(2, 3, 1).symbol(0, "N"),
                                longs(-1)),
                        shaped(
                                new Unsqueeze(),
                                "both ends",
                                dims(1, 2, 3, 1),
                                f32(2, 3).symbol(0, "N"),
                                longs(0, -1)),
                        shaped(
                                new Unsqueeze(),
                                "in any order",
                                dims(2, 1, 1, 3),
                                f32(2, 3),
                                longs(2, 1)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> transposes() {
        return Stream.of(
                        transpose(f32(3, 5).symbol(0, "N"), 1, 0),
                        transpose(f32(2, 3, 4, 5).symbol(0, "N"), 0, 2, 3, 1),
                        transpose(f32(2, 3, 4, 5), 0, 3, 1, 2),
                        transpose(f32(2, 3, 4), 1, 2, 0),
                        transpose(f32(9, 1, 8), 2, 1, 0),
                        transpose(f32()),
                        transpose(bool(2, 0, 3), 2, 0, 1))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> transpose(Given x, int... permutation) {
        return OperatorContract.of(Transpose.of(permutation))
                .inputs("rank " + permutation.length, x)
                .oracle(in -> {
                    var shape = new int[permutation.length];
                    for (int d = 0; d < shape.length; d++)
                        shape[d] = in.get(0).extent(permutation[d]);
                    return Grid.each(
                            in.get(0).dtype(),
                            shape,
                            o -> {
                                var at = new int[shape.length];
                                for (int d = 0; d < shape.length; d++) at[permutation[d]] = o[d];
                                return in.get(0).at(at);
                            });
                });
    }

    private static Stream<OperatorCase> expansions() {
        return OperatorContract.of(new Expand())
                .inputs("one axis", f32(3, 1), longs(3, 4))
                .inputs("new axes", f32(3, 1).symbol(0, "N"), longs(2, 1, 6))
                .inputs("shape is smaller", f32(3, 5), longs(1))
                .inputs("scalar", f32(), longs(2, 3))
                .inputs("nothing", f32(1), longs(0))
                .oracle(in -> {
                    var wanted = new int[in.get(1).size()];
                    for (int d = 0; d < wanted.length; d++) wanted[d] = (int) in.get(1).flatAt(d);
                    var shape = ElementwiseCases.broadcast(in.get(0).shape(), wanted);
                    return Grid.each(in.get(0).dtype(), shape, in.get(0)::broadcastAt);
                });
    }

    private static Stream<OperatorCase> concats() {
        return Stream.of(
                        concat(0, f32(2), f32(3), f32(1)),
                        concat(1, f32(2, 3).symbol(0, "N"), f32(2, 5).symbol(0, "N")),
                        concat(0, f32(2, 3).symbol(0, "N"), f32(4, 3)),
                        concat(-1, f32(2, 3, 1), f32(2, 3, 8), f32(2, 3, 0), f32(2, 3, 7)),
                        concat(1, f32(4, 4)),
                        concat(0, i32(2), i32(2)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> concat(int axis, Given... inputs) {
        return OperatorContract.of(new Concat(axis))
                .inputs(inputs.length + " inputs", inputs)
                .oracle(in -> {
                    var shape = in.get(0).shape();
                    int along = Math.floorMod(axis, shape.length);
                    shape[along] = in.stream().mapToInt(x -> x.extent(along)).sum();
                    return Grid.each(in.get(0).dtype(), shape, o -> joined(in, along, o));
                });
    }

    private static double joined(List<Grid> in, int axis, int[] o) {
        var at = o.clone();
        for (var x : in) {
            if (at[axis] < x.extent(axis)) return x.at(at);
            at[axis] -= x.extent(axis);
        }
        throw new IllegalStateException("behind the last input");
    }

    private static Stream<OperatorCase> splits() {
        return Stream.of(
                        split(0, dims(2, 2, 2), f32(6)),
                        split(1, dims(3, 3, 1), f32(2, 7).symbol(0, "N")),
                        split(1, dims(2, 4), f32(2, 6), longs(2, 4)),
                        split(-1, dims(0, 5), f32(3, 5), longs(0, 5)),
                        split(0, dims(2, 2), f32(4, 3).symbol(1, "N")),
                        split(0, dims(1, 1, 0), f32(2)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> split(int axis, int[] parts, Given... inputs) {
        return OperatorContract.of(new Split(axis, parts.length))
                .inputs(inputs.length > 1 ? "given parts" : "equal parts", inputs)
                .oracles(in -> parts(in, axis, parts));
    }

    private static List<Grid> parts(List<@Nullable Grid> in, int axis, int[] parts) {
        var x = in.get(0);
        if (x == null) throw new IllegalArgumentException("no input");
        int along = Math.floorMod(axis, x.rank());
        var grids = new ArrayList<Grid>();
        int offset = 0;
        for (int part : parts) {
            var shape = x.shape();
            shape[along] = part;
            int begin = offset;
            grids.add(
                    Grid.each(
                            x.dtype(),
                            shape,
                            o -> {
                                var at = o.clone();
                                at[along] += begin;
                                return x.at(at);
                            }));
            offset += part;
        }
        return grids;
    }

    /// Each case lists the elements that are taken, per axis.
    private static Stream<OperatorCase> slice(String what, int[][] taken, Given... inputs) {
        return OperatorContract.of(new Slice())
                .inputs(what, inputs)
                .oracle(in -> {
                    var shape = in.get(0).shape();
                    for (int d = 0; d < shape.length; d++) shape[d] = taken[d].length;
                    return Grid.each(
                            in.get(0).dtype(),
                            shape,
                            o -> {
                                var at = o.clone();
                                for (int d = 0; d < at.length; d++) at[d] = taken[d][o[d]];
                                return in.get(0).at(at);
                            });
                });
    }

    private static Stream<OperatorCase> slices() {
        long far = Long.MAX_VALUE;
        int[] all3 = {0, 1, 2};
        var x = f32(7);
        var batch = f32(3, 5).symbol(0, "N");
        return Stream.of(
                        slice("inside", new int[][] {{1, 2}}, x, longs(1), longs(3)),
                        slice("to the end", new int[][] {{4, 5, 6}}, x, longs(4), longs(far)),
                        slice("from the end", new int[][] {{4, 5}}, x, longs(-3), longs(-1)),
                        slice(
                                "beyond",
                                new int[][] {{0, 1, 2, 3, 4, 5, 6}},
                                x,
                                longs(-99),
                                longs(99)),
                        slice("empty", new int[][] {{}}, x, longs(5), longs(2)),
                        slice(
                                "steps",
                                new int[][] {{1, 4}},
                                x,
                                longs(1),
                                longs(6),
                                longs(0),
                                longs(3)),
                        slice(
                                "backwards",
                                new int[][] {{6, 5, 4, 3, 2, 1, 0}},
                                x,
                                longs(-1),
                                longs(-far),
                                longs(0),
                                longs(-1)),
                        slice(
                                "backwards by 2",
                                new int[][] {{5, 3}},
                                x,
                                longs(5),
                                longs(1),
                                longs(0),
                                longs(-2)),
                        slice(
                                "backwards from beyond",
                                new int[][] {{6, 4}},
                                x,
                                longs(20),
                                longs(2),
                                longs(0),
                                longs(-2)),
                        slice(
                                "axes in any order",
                                new int[][] {{1, 2}, {0, 1}},
                                f32(3, 5),
                                longs(0, 1),
                                longs(2, 3),
                                longs(1, 0)),
                        slice(
                                "other axis",
                                new int[][] {all3, {1, 2}},
                                batch,
                                longs(1),
                                longs(3),
                                longs(-1)),
                        slice(
                                "cut at the ends",
                                new int[][] {{1}, {0, 1, 2, 3, 4}},
                                batch,
                                longs(1),
                                longs(-1)),
                        slice(
                                "first",
                                new int[][] {{0}, {0, 1, 2, 3, 4}},
                                batch,
                                longs(0),
                                longs(1)),
                        slice(
                                "backwards from the last but one to the least number that there is",
                                new int[][] {{1, 0}, {0, 1, 2, 3, 4}},
                                batch,
                                longs(-2),
                                longs(Long.MIN_VALUE),
                                longs(0),
                                longs(-1)),
                        slice(
                                "last",
                                new int[][] {{2}, {0, 1, 2, 3, 4}},
                                batch,
                                longs(-1),
                                longs(far)),
                        slice(
                                "every second",
                                new int[][] {{0, 2}, {0, 1, 2, 3, 4}},
                                batch,
                                longs(0),
                                longs(far),
                                longs(0),
                                longs(2)),
                        slice(
                                "reversed",
                                new int[][] {{2, 1, 0}, {0, 1, 2, 3, 4}},
                                batch,
                                longs(-1),
                                longs(-far),
                                longs(0),
                                longs(-1)))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> pads() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (var mode : Pad.Mode.values()) {
            var contract =
                    OperatorContract.of(new Pad(mode))
                            .inputs("both sides", f32(3, 5).symbol(0, "N"), longs(0, 2, 0, 1))
                            .inputs("every axis", f32(3, 4), longs(1, 0, 2, 3))
                            .inputs("crop", f32(7), longs(-2, -1))
                            .inputs("crop and pad", f32(7), longs(2, -1))
                            .inputs("pad and crop", f32(7), longs(-2, 1))
                            .inputs(
                                    "some axes",
                                    f32(2, 3, 4),
                                    longs(1, 2, 0, 1),
                                    ABSENT,
                                    longs(2, -2))
                            .inputs("one element", f32(1), longs(1, 1))
                            .inputs("int", i32(4), longs(1, 2));
            if (mode != Pad.Mode.CONSTANT)
                contract.inputs("farther than the extent", f32(3), longs(5, 7));
            if (mode == Pad.Mode.CONSTANT) {
                contract.inputs("a constant", f32(3), longs(1, 1), Given.filled(2.5));
                contract.inputs(
                        "−∞", f32(3), longs(1, 1), Given.filled(Double.NEGATIVE_INFINITY, 1));
                contract.inputs("nothing", f32(0, 2), longs(1, 0, 1, 0));
            }
            cases.add(contract.oracles(in -> List.of(pad(mode, in))));
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Grid pad(Pad.Mode mode, List<@Nullable Grid> in) {
        var x = in.get(0);
        var pads = in.get(1);
        if (x == null || pads == null) throw new IllegalArgumentException("no input");
        var constant = in.size() > 2 ? in.get(2) : null;
        var axes = in.size() > 3 ? in.get(3) : null;
        var begins = new int[x.rank()];
        var shape = x.shape();
        int n = pads.size() / 2;
        for (int i = 0; i < n; i++) {
            int d = axes == null ? i : Math.floorMod((int) axes.flatAt(i), x.rank());
            begins[d] = (int) pads.flatAt(i);
            shape[d] += begins[d] + (int) pads.flatAt(n + i);
        }
        return Grid.each(
                x.dtype(),
                shape,
                o -> {
                    var at = o.clone();
                    for (int d = 0; d < at.length; d++) {
                        at[d] -= begins[d];
                        at[d] = moved(mode, at[d], x.extent(d));
                    }
                    return x.atOr(constant == null ? 0 : constant.flatAt(0), at);
                });
    }

    /// Walks step by step from the nearest end to a position outside.
    private static int moved(Pad.Mode mode, int position, int extent) {
        if (mode == Pad.Mode.CONSTANT || position >= 0 && position < extent) return position;
        if (mode == Pad.Mode.EDGE || extent == 1) return position < 0 ? 0 : extent - 1;
        int at = position < 0 ? 0 : extent - 1;
        int direction = mode == Pad.Mode.WRAP ? position < 0 ? -1 : 1 : position < 0 ? 1 : -1;
        int steps = position < 0 ? -position : position - extent + 1;
        for (int i = 0; i < steps; i++) {
            at += direction;
            if (mode == Pad.Mode.WRAP) at = (at + extent) % extent;
            else if (at == 0 || at == extent - 1) direction = -direction;
        }
        return at;
    }
}
