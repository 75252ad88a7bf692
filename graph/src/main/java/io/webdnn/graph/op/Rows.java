package io.webdnn.graph.op;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The stages that [Softmax] and [LogSoftmax] share: the maximum of each row along an axis, and the
/// sum of the exponentials above it.
final class Rows {
    private final Operands in;
    private final int axis;
    private final DType accumulated;
    private final Buffer max;
    private final Buffer sum;

    private Rows(Operands in, int axis) {
        this.in = in;
        this.axis = axis;
        var x = in.type(0);
        var rows = x.shape().without(axis);
        accumulated = Accumulation.of(x.dtype());
        max = Buffer.of("max", new TensorType(x.dtype(), rows));
        sum = Buffer.of("sum", new TensorType(accumulated, rows));
    }

    static Rows of(Operands in, int axis) {
        return new Rows(in, axis < 0 ? axis + in.type(0).rank() : axis);
    }

    /// {@return X − max X at an index of X}
    Expr shifted(List<? extends Expr> index) {
        return in.load(0, index)
                .cast(accumulated)
                .minus(new Load(max, row(index)).cast(accumulated));
    }

    /// {@return the sum of the row that an index of X belongs to}
    Expr sum(List<? extends Expr> index) {
        return new Load(sum, row(index));
    }

    /// {@return all stages, the last one giving each element of the output}
    Compute output(Function<List<Index>, Expr> value) {
        var y = Buffer.of("y", in.type(0));
        var maximum =
                Stage.each(
                        max,
                        row -> {
                            var r = new Index("r", in.extent(0, axis));
                            var element = in.load(0, whole(row, r));
                            return new Reduce(Reduce.Operator.MAX, List.of(r), element);
                        });
        var total =
                Stage.each(
                        sum,
                        row -> {
                            var r = new Index("r", in.extent(0, axis));
                            var element = shifted(whole(row, r)).apply(Unary.Operator.EXP);
                            return Expr.sum(List.of(r), element);
                        });
        var result = Stage.each(y, o -> value.apply(o).cast(in.type(0).dtype()));
        return new Compute(List.of(maximum, total, result), List.of(y));
    }

    private List<Expr> row(List<? extends Expr> index) {
        var row = new ArrayList<Expr>(index);
        row.remove(axis);
        return row;
    }

    private List<Expr> whole(List<? extends Expr> row, Expr r) {
        var index = new ArrayList<Expr>(row);
        index.add(axis, r);
        return index;
    }
}
