package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Where the elements are that are not 0: one column of Y for each, in row-major order.
///
/// X: any shape, numeric or bool; Y: int64 `[rank, count]`. NaN is not 0. How many columns there
/// are depends on data, so inference gives a symbol of its own; whoever makes the operator names
/// it.
///
/// Source: ONNX NonZero-13.
///
/// @param count the name of the symbol
public record NonZero(String count) implements Primitive {
    public NonZero {
        if (count.isEmpty())
            throw GraphException.of("NonZero", "count", "a name for the number of columns", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        int rank = Expect.of(in).count(1, 1).input(0, "X").numericOrBool().type().rank();
        var shape = Shape.of(Dimension.of(rank), Dimension.symbol(count));
        return List.of(new TensorType(DType.INT64, shape));
    }

    @Override
    public Lowering lower(Operands in) {
        var shape = in.shape(0);
        var elements = shape.elements();
        var zero = Expr.of(in.type(0).dtype(), 0);
        var steps = new ArrayList<Step>();
        var marks =
                new RankSelect(
                        elements,
                        place -> {
                            var x = in.load(0, index(shape, place));
                            return x.isEqualTo(zero).apply(Unary.Operator.NOT);
                        },
                        steps);
        steps.add(new Measure(count, marks.total(), elements));
        var places = RankSelect.int32("places", Dimension.symbol(count));
        steps.add(Stage.each(places, o -> marks.select(o.getFirst())));
        var y = Buffer.of("y", infer(in).getFirst());
        steps.add(
                Stage.each(
                        y,
                        o -> {
                            var index = index(shape, new Load(places, List.of(o.get(1))));
                            Expr position = Expr.of(0);
                            for (int d = 0; d < index.size(); d++)
                                position =
                                        o.get(0)
                                                .isEqualTo(Expr.of(d))
                                                .select(index.get(d), position);
                            return position.cast(DType.INT64);
                        }));
        return new Measured(steps, List.of(y));
    }

    private static List<Expr> index(Shape shape, Expr place) {
        return Reindex.index(shape, Shape.of(shape.elements()), List.of(place));
    }
}
