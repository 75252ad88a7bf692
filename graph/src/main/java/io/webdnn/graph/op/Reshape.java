package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The same elements, in row-major order, under another shape.
///
/// data: any shape, any dtype. shape: an int64 vector that is known when compiling; one entry may
/// be −1 (what is left), an entry of 0 copies the extent of that axis of data, or means 0 with
/// `allowzero`. Symbols are carried over: `[N, 8, 7, 7]` by `[0, −1]` is `[N, 392]`. A shape that
/// is known in terms of symbols is taken as it is; whoever gives it sees to it that it holds the
/// elements.
///
/// Source: ONNX Reshape-25.
public record Reshape(boolean allowzero) implements Primitive {
    /// Zeros copy extents.
    public Reshape() {
        this(false);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var data = expect.input(0, "data").type();
        expect.input(1, "shape").index().rankAtMost(1);
        if (in.constantOrNull(1) == null && in.extentsOrNull(1) != null)
            return List.of(data.with(new Shape(in.dimensions(1, "shape"))));
        var wanted = in.longs(1, "shape");
        var shape = new ArrayList<Dimension>();
        var known = Dimension.of(1);
        int rest = -1;
        for (int d = 0; d < wanted.length; d++) {
            var extent = Dimension.of(1);
            if (wanted[d] == -1 && rest < 0) rest = d;
            else if (wanted[d] == 0 && !allowzero && d < data.rank()) extent = data.shape().get(d);
            else if (wanted[d] > 0 || wanted[d] == 0 && allowzero) extent = Dimension.of(wanted[d]);
            else throw unfit(data, wanted);
            known = known.times(extent);
            shape.add(extent);
        }
        if (rest >= 0) shape.set(rest, remainder(data, known, wanted));
        var result = new Shape(shape);
        if (!result.elements().equals(data.shape().elements())) throw unfit(data, wanted);
        return List.of(data.with(result));
    }

    private static Dimension remainder(TensorType data, Dimension known, long[] wanted) {
        if (known.is(0)) throw unfit(data, wanted);
        try {
            return data.shape().elements().exactlyDividedBy(known);
        } catch (IllegalArgumentException e) {
            throw unfit(data, wanted);
        }
    }

    private static GraphException unfit(TensorType data, long[] wanted) {
        return GraphException.of(
                "Reshape", "shape", "one that holds data " + data.shape(), Arrays.toString(wanted));
    }

    @Override
    public Lowering lower(Operands in) {
        return Reindex.lower(in, infer(in).getFirst().shape());
    }
}
