package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Convolution whose taps are moved by data, in two dimensions.
///
/// `Y[n, m, o…] = B[m] + Σ_{c, k…} mask[n, g·K + k, o…] · X(n, c, o·stride + k·dilation − pad + δ)
/// · W[m, c, k…]`, X being taken linearly between its elements and 0 outside, δ = `offset[n, 2(g·K
/// + k)
/// + d, o…]` on spatial axis d, g the offset group of channel c, K the number of taps.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, H, W]` | float |
/// | W | `[M, C/group, kH, kW]` | as X |
/// | offset | `[N, 2 · offsetGroup · kH · kW, oH, oW]` | as X |
/// | B (may be absent) | `[M]` | as X |
/// | mask (may be absent: 1) | `[N, offsetGroup · kH · kW, oH, oW]` | as X |
/// | Y | `[N, M, oH, oW]` | as X |
///
/// Source: ONNX DeformConv-22; Zhu et al. 2019.
public record DeformConv(List<Window> windows, int group, int offsetGroup) implements Primitive {
    public DeformConv {
        windows = List.copyOf(windows);
        if (windows.size() != 2)
            throw GraphException.of("DeformConv", "windows", "2 spatial axes", windows.size());
        if (group < 1) throw GraphException.of("DeformConv", "group", ">= 1", group);
        if (offsetGroup < 1)
            throw GraphException.of("DeformConv", "offset_group", ">= 1", offsetGroup);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 5);
        var x = expect.input(0, "X").floating().rank(4).type();
        int c = x.shape().size(1);
        if (c % group != 0)
            throw GraphException.of("DeformConv", "group", "a divisor of C = " + c, group);
        if (c % offsetGroup != 0)
            throw GraphException.of(
                    "DeformConv", "offset_group", "a divisor of C = " + c, offsetGroup);
        var w =
                expect.input(1, "W")
                        .dtype(x.dtype())
                        .rank(4)
                        .extent(1, Dimension.of(c / group), "C/group")
                        .type()
                        .shape();
        if (w.size(0) % group != 0)
            throw GraphException.of("DeformConv", "group", "a divisor of M = " + w.get(0), group);
        var y = new ArrayList<>(List.of(x.shape().get(0), w.get(0)));
        for (int d = 0; d < 2; d++)
            y.add(windows.get(d).places(x.shape().get(d + 2), w.size(d + 2)));
        var shape = new Shape(y);
        long taps = (long) offsetGroup * w.size(2) * w.size(3);
        expect.input(2, "offset").dtype(x.dtype()).shape(shape.with(1, Dimension.of(2 * taps)));
        expect.optional(3, "B").dtype(x.dtype()).shape(Shape.of(w.get(0)));
        expect.optional(4, "mask").dtype(x.dtype()).shape(shape.with(1, Dimension.of(taps)));
        return List.of(x.with(shape));
    }

    @Override
    public Lowering lower(Operands in) {
        var w = in.shape(1);
        int perGroup = w.size(1);
        int outPerGroup = w.size(0) / group;
        int perOffset = in.shape(0).size(1) / offsetGroup;
        return Compute.each(
                infer(in).getFirst(),
                o -> {
                    var taps = Stage.indices("r", w.dimensions().subList(1, 4)); // [c, kH, kW]
                    var m = o.get(1);
                    var c = m.floorDividedBy(outPerGroup).times(perGroup).plus(taps.getFirst());
                    var tap =
                            c.floorDividedBy(perOffset)
                                    .times(w.size(2))
                                    .plus(taps.get(1))
                                    .times(w.size(3))
                                    .plus(taps.get(2));
                    var value = sampled(in, o, c, tap, taps);
                    if (in.has(4))
                        value = value.times(in.load(4, o.get(0), tap, o.get(2), o.get(3)));
                    var weight = in.load(1, m, taps.get(0), taps.get(1), taps.get(2));
                    var sum = Expr.sum(taps, value.times(weight));
                    return in.has(3) ? sum.plus(in.load(3, m)) : sum;
                });
    }

    private Expr sampled(Operands in, List<Index> o, Expr c, Expr tap, List<Index> taps) {
        var dtype = in.type(0).dtype();
        var low = new ArrayList<Expr>();
        var after = new ArrayList<Expr>();
        for (int d = 0; d < 2; d++) {
            var offset = in.load(2, o.get(0), tap.times(2).plus(d), o.get(2), o.get(3));
            var place = windows.get(d).tap(o.get(d + 2), taps.get(d + 1)).cast(dtype).plus(offset);
            var floor = place.apply(Unary.Operator.FLOOR);
            low.add(floor.cast(DType.INT32));
            after.add(place.minus(floor));
        }
        Expr sum = Expr.of(dtype, 0);
        for (int corner = 0; corner < 4; corner++) {
            int down = corner / 2;
            int right = corner % 2;
            var at = List.of(o.get(0), c, low.get(0).plus(down), low.get(1).plus(right));
            var weight = share(after.get(0), down).times(share(after.get(1), right));
            sum = sum.plus(in.loadOrZero(0, at).times(weight));
        }
        return sum;
    }

    private static Expr share(Expr after, int which) {
        return which == 1 ? after : Expr.of(after.dtype(), 1).minus(after);
    }
}
