package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Takes slices by positions of several axes: `output[b…, i…, s…] = data[b…, indices[b…, i…, :],
/// s…]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | data | `[b…, d₁ … dₖ, s…]` | any |
/// | indices | `[b…, i…, k]`, k ≥ 1 fixed | int32, int64 |
/// | output | `[b…, i…, s…]` | as data |
///
/// A negative index counts from the end; others outside are a mistake of the model and take some
/// slice. Source: ONNX GatherND-13.
///
/// @param batchAxes the number of leading axes b that both have
public record GatherND(int batchAxes) implements Primitive {
    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var data = expect.input(0, "data").rankAtLeast(batchAxes + 1).type();
        var indices = expect.input(1, "indices").index().rankAtLeast(batchAxes + 1).type();
        int behind = batchAxes + positions("GatherND", indices.shape());
        if (behind > data.rank()) {
            throw GraphException.of(
                    "GatherND", "indices", "at most " + data.rank() + " positions", indices);
        }
        var batch = data.shape().slice(0, batchAxes);
        if (!indices.shape().slice(0, batchAxes).equals(batch))
            throw GraphException.of("GatherND", "indices", "the batch axes " + batch, indices);
        var kept = indices.shape().slice(0, indices.rank() - 1);
        return List.of(data.with(kept.concat(data.shape().slice(behind, data.rank()))));
    }

    /// {@return k, the last extent of indices}
    static int positions(String operation, Shape indices) {
        var last = indices.get(indices.rank() - 1);
        if (!last.isFixed() || last.value() < 1)
            throw GraphException.of(operation, "indices", "a last extent >= 1", indices);
        return Math.toIntExact(last.value());
    }

    @Override
    public Lowering lower(Operands in) {
        int kept = in.type(1).rank() - 1;
        int count = positions("GatherND", in.shape(1));
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var at = new ArrayList<Expr>(o.subList(0, batchAxes));
                    for (int k = 0; k < count; k++) {
                        var position = new ArrayList<Expr>(o.subList(0, kept));
                        position.add(Expr.of(k));
                        at.add(Wrapped.index(in.load(1, position), in.extent(0, batchAxes + k)));
                    }
                    at.addAll(o.subList(kept, o.size()));
                    return in.load(0, at);
                });
    }
}
