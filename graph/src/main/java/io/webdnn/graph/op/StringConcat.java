package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Strings one behind the other, elementwise with broadcasting: `Z = XY`.
///
/// X, Y, Z: string. Runs on the host. Source: ONNX StringConcat-20.
public record StringConcat() implements HostOperator {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        expect.input(0, "X").strings();
        expect.input(1, "Y").strings();
        return List.of(in.type(0).with(shape(in.shape(0), in.shape(1))));
    }

    private Shape shape(Shape x, Shape y) {
        return Broadcast.shapes(name(), List.of(x, y));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.get(0));
        var y = Objects.requireNonNull(in.get(1));
        var extents = new ArrayList<Integer>();
        for (var extent : shape(x.toShape(), y.toShape()).dimensions())
            extents.add(Math.toIntExact(extent.value()));
        var z = Tensor.zeros(DType.STRING, extents.stream().mapToInt(e -> e).toArray());
        for (int i = 0; i < z.size(); i++)
            z.strings()[i] = x.strings()[place(x, z, i)] + y.strings()[place(y, z, i)];
        return List.of(z);
    }

    /// {@return the position of the element that broadcasts to position `i` of a larger tensor}
    private static int place(Tensor from, Tensor to, int i) {
        var small = from.shape();
        var large = to.shape();
        int place = 0;
        int stride = 1;
        for (int d = large.length - 1, rest = i; d >= 0; rest /= large[d--]) {
            int axis = d - (large.length - small.length);
            if (axis < 0) break;
            if (small[axis] != 1) place += rest % large[d] * stride;
            stride *= small[axis];
        }
        return place;
    }
}
