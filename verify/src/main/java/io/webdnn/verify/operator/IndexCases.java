package io.webdnn.verify.operator;

import static io.webdnn.verify.operator.Given.f32;
import static io.webdnn.verify.operator.Given.i32;
import static io.webdnn.verify.operator.Given.indices;
import static io.webdnn.verify.operator.Given.longs;
import static io.webdnn.verify.operator.Given.vector;

import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.op.ConstantOfShape;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.GatherElements;
import io.webdnn.graph.op.Range;
import io.webdnn.graph.op.ScatterElements;
import io.webdnn.graph.op.Shape;
import io.webdnn.graph.op.Size;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Operators whose indices are data, and those that make tensors from shapes.
final class IndexCases {
    private IndexCases() {}

    static Stream<OperatorCase> cases() {
        return Stream.of(gathers(), gathersOfElements(), scatters(), shapes(), ranges())
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> gathers() {
        return Stream.of(
                        gather(0, f32(5, 3), indices(new int[] {2, 2}, 0, 4, -1, -5)),
                        gather(1, f32(2, 7, 3).symbol(0, "N"), indices(new int[] {4}, 6, 0, 3, 3)),
                        gather(-1, f32(3, 4), indices(new int[] {}, 2)),
                        gather(0, i32(9), Given.of(Tensor.of(new int[] {8, -9}, 2))),
                        gather(1, f32(2, 3), indices(new int[] {0})),
                        gather(
                                0,
                                f32(4, 2).symbol(0, "V"),
                                indices(new int[] {3}, -1, 1, -2).symbol(0, "N")))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> gather(int axis, Given data, Given which) {
        return OperatorContract.of(new Gather(axis))
                .inputs("data of " + data.declaredDtype(), data, which)
                .oracle(in -> {
                    var x = in.get(0);
                    var i = in.get(1);
                    int along = Math.floorMod(axis, x.rank());
                    var shape = new ArrayList<Integer>();
                    for (int d = 0; d < along; d++) shape.add(x.extent(d));
                    for (int d = 0; d < i.rank(); d++) shape.add(i.extent(d));
                    for (int d = along + 1; d < x.rank(); d++) shape.add(x.extent(d));
                    return Grid.each(
                            x.dtype(),
                            shape.stream().mapToInt(n -> n).toArray(),
                            o -> {
                                var own = new int[i.rank()];
                                System.arraycopy(o, along, own, 0, own.length);
                                var at = new int[x.rank()];
                                System.arraycopy(o, 0, at, 0, along);
                                at[along] = Math.floorMod((int) i.at(own), x.extent(along));
                                for (int d = along + 1; d < at.length; d++)
                                    at[d] = o[d - 1 + own.length];
                                return x.at(at);
                            });
                });
    }

    private static Stream<OperatorCase> gathersOfElements() {
        return Stream.of(
                        gatherElements(0, f32(3, 4), indices(new int[] {2, 3}, 0, -1, 1, 2, 0, -3)),
                        gatherElements(
                                -1,
                                f32(2, 3).symbol(0, "N"),
                                indices(new int[] {2, 5}, 0, 0, 1, 2, 2, -1, -2, -3, 1, 0)
                                        .symbol(0, "N")))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> gatherElements(int axis, Given data, Given which) {
        return OperatorContract.of(new GatherElements(axis))
                .inputs("2-D", data, which)
                .oracle(in -> {
                    int along = Math.floorMod(axis, in.get(0).rank());
                    return Grid.each(
                            in.get(0).dtype(),
                            in.get(1).shape(),
                            o -> {
                                var at = o.clone();
                                at[along] =
                                        Math.floorMod(
                                                (int) in.get(1).at(o), in.get(0).extent(along));
                                return in.get(0).at(at);
                            });
                });
    }

    private static Stream<OperatorCase> scatters() {
        var cases = new ArrayList<Stream<OperatorCase>>();
        for (var combine : Push.Combine.values()) {
            for (int axis : new int[] {0, -1}) {
                cases.add(
                        OperatorContract.of(new ScatterElements(axis, combine))
                                .inputs(
                                        "duplicates and negative indices",
                                        f32(3, 4),
                                        indices(new int[] {2, 3}, 0, 1, -1, 0, 1, -3),
                                        f32(2, 3))
                                .inputs(
                                        "one row",
                                        f32(5, 4),
                                        indices(new int[] {1, 4}, 3, 3, 3, 0),
                                        f32(1, 4))
                                .inputs(
                                        "no updates",
                                        f32(2, 3),
                                        indices(new int[] {0, 3}),
                                        f32(0, 3))
                                .oracle(in -> scatter(in, axis, combine)));
            }
        }
        for (var combine : List.of(Push.Combine.ADD, Push.Combine.MULTIPLY)) {
            cases.add(
                    OperatorContract.of(new ScatterElements(0, combine))
                            .inputs(
                                    "int8 wraps",
                                    int8(100, -100, 3),
                                    indices(new int[] {4}, 0, 0, 1, 1),
                                    int8(100, 100, -100, 7))
                            .oracle(in -> {
                                var y = scatter(in, 0, combine);
                                return Grid.each(DType.INT8, y.shape(), i -> (byte) (long) y.at(i));
                            }));
        }
        return cases.stream().flatMap(s -> s);
    }

    private static Given int8(int... values) {
        var tensor = Tensor.zeros(DType.INT8, values.length);
        for (int i = 0; i < values.length; i++) tensor.setLong(i, values[i]);
        return Given.of(tensor);
    }

    private static Grid scatter(List<Grid> in, int axis, Push.Combine combine) {
        var y = in.get(0).as(in.get(0).dtype());
        int along = Math.floorMod(axis, y.rank());
        in.get(1)
                .forEach(u -> {
                    var at = u.clone();
                    at[along] = Math.floorMod((int) in.get(1).at(u), y.extent(along));
                    double old = y.at(at);
                    double update = in.get(2).at(u);
                    y.set(
                            switch (combine) {
                                case REPLACE -> update;
                                case ADD -> old + update;
                                case MULTIPLY -> old * update;
                                case MIN -> Math.min(old, update);
                                case MAX -> Math.max(old, update);
                            },
                            at);
                });
        return y;
    }

    private static Stream<OperatorCase> shapes() {
        return Stream.of(
                        shape(new Shape(), 0, 3),
                        shape(new Shape(1, Integer.MAX_VALUE), 1, 3),
                        shape(new Shape(-2, -1), 1, 2),
                        shape(new Shape(2, 1), 2, 2),
                        OperatorContract.of(new Size())
                                .inputs("3-D", f32(2, 3, 7).symbol(0, "N"))
                                .inputs("scalar", f32())
                                .inputs("nothing", f32(3, 0))
                                .oracle(in ->
                                        Grid.each(DType.INT64, new int[0], _ -> in.get(0).size())),
                        OperatorContract.of(new ConstantOfShape(Literal.of(DType.FLOAT32, -1.5)))
                                .inputs("2-D", longs(2, 3))
                                .inputs("scalar", longs())
                                .inputs("nothing", longs(0, 2))
                                .oracle(in -> {
                                    var shape = new int[in.get(0).size()];
                                    for (int d = 0; d < shape.length; d++)
                                        shape[d] = (int) in.get(0).flatAt(d);
                                    return Grid.each(DType.FLOAT32, shape, _ -> -1.5);
                                }))
                .flatMap(s -> s);
    }

    private static Stream<OperatorCase> shape(Shape op, int first, int end) {
        return OperatorContract.of(op)
                .inputs("3-D", f32(2, 3, 7).symbol(0, "N").symbol(2, "T"))
                .oracle(in ->
                        Grid.each(
                                DType.INT64,
                                new int[] {end - first},
                                o -> in.get(0).extent(first + o[0])));
    }

    private static Stream<OperatorCase> ranges() {
        return OperatorContract.of(new Range())
                .inputs("float", scalar(1), scalar(5.5), scalar(0.75))
                .inputs("float backwards", scalar(10), scalar(4), scalar(-2))
                .inputs("nothing", scalar(1), scalar(0), scalar(1))
                .inputs("int", whole(3), whole(-4), whole(-3))
                .inputs("one element each", vector(0).known(), vector(3).known(), vector(1).known())
                .oracle(in -> {
                    double start = in.get(0).flatAt(0);
                    double limit = in.get(1).flatAt(0);
                    double delta = in.get(2).flatAt(0);
                    int n = 0;
                    while (delta > 0 ? start + n * delta < limit : start + n * delta > limit) n++;
                    return Grid.each(in.get(0).dtype(), new int[] {n}, o -> start + o[0] * delta);
                });
    }

    private static Given scalar(double value) {
        return Given.of(Tensor.scalar(DType.FLOAT32, value)).known();
    }

    private static Given whole(long value) {
        return Given.of(Tensor.of(new long[] {value})).known();
    }
}
