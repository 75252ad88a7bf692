package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where the elements are that are not 0: one column of Y for each, in row-major order.
///
/// X: any shape, numeric or bool; Y: int64 `[rank, count]`. NaN is not 0. How many columns there
/// are depends on data, so inference gives a symbol of its own, which no other node may use:
/// whoever makes the operator names it. Runs on the host.
///
/// Source: ONNX NonZero-13.
///
/// @param count the name of the symbol
public record NonZero(String count) implements HostOperator {
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
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        return List.of(positions(Objects.requireNonNull(in.getFirst())));
    }

    private static Tensor positions(Tensor x) {
        int columns = 0;
        for (int i = 0; i < x.size(); i++) if (x.getDouble(i) != 0) columns++;
        var shape = x.shape();
        var positions = new long[shape.length * columns];
        int column = 0;
        for (int i = 0; i < x.size(); i++) {
            if (x.getDouble(i) == 0) continue;
            int rest = i;
            for (int d = shape.length - 1; d >= 0; d--) {
                positions[d * columns + column] = rest % shape[d];
                rest /= shape[d];
            }
            column++;
        }
        return Tensor.of(positions, shape.length, columns);
    }
}
