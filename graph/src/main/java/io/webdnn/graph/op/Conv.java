package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Convolution (cross-correlation, as the field means the word) over any number of spatial axes.
///
/// `Y[n, m, o…] = B[m] + Σ_{c, k…} X[n, ⌊m / (M/group)⌋ · C/group + c, o·stride + k·dilation − pad
/// …] · W[m, c, k…]`, X being 0 outside.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, D…]` | numeric; integers wrap |
/// | W | `[M, C/group, k…]` | as X |
/// | B (may be absent) | `[M]` | as X |
/// | Y | `[N, M, O…]` | as X |
///
/// Source: ONNX Conv-11.
public record Conv(List<Window> windows, int group) implements Primitive {
    public Conv {
        windows = List.copyOf(windows);
        if (group < 1) throw GraphException.of("Conv", "group", ">= 1", group);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 3);
        var x = expect.input(0, "X").numeric().rank(windows.size() + 2).type();
        var c = x.shape().get(1);
        if (c.isFixed() && c.value() % group != 0) {
            throw GraphException.of("Conv", "group", "a divisor of C = " + c, group);
        }
        var w =
                expect.input(1, "W")
                        .dtype(x.dtype())
                        .rank(windows.size() + 2)
                        .extent(1, c.floorDividedBy(group), "C/group")
                        .type()
                        .shape();
        if (w.size(0) % group != 0)
            throw GraphException.of("Conv", "group", "a divisor of M = " + w.get(0), group);
        expect.optional(2, "B").dtype(x.dtype()).shape(Shape.of(w.get(0)));
        var y = new ArrayList<>(List.of(x.shape().get(0), w.get(0)));
        for (int d = 0; d < windows.size(); d++) {
            var places = windows.get(d).places(x.shape().get(d + 2), w.size(d + 2));
            if (places.isFixed() && places.value() < 1) {
                throw GraphException.of(
                        "Conv",
                        "X",
                        "a padded extent >= the kernel's on spatial axis " + d,
                        x + " for kernel " + w);
            }
            y.add(places);
        }
        return List.of(x.with(new Shape(y)));
    }

    @Override
    public Lowering lower(Operands in) {
        var w = in.shape(1);
        int outPerGroup = w.size(0) / group;
        int inPerGroup = w.size(1);
        return Compute.each(
                infer(in).getFirst(),
                o -> { // o = [n, m, o…]
                    var m = o.get(1);
                    var taps = Stage.indices("r", w.dimensions().subList(1, w.rank())); // [c, k…]
                    var x =
                            new ArrayList<Expr>(
                                    List.of(
                                            o.get(0),
                                            m.floorDividedBy(outPerGroup)
                                                    .times(inPerGroup)
                                                    .plus(taps.getFirst())));
                    var weight = new ArrayList<Expr>(List.of(m));
                    weight.addAll(taps);
                    for (int d = 0; d < windows.size(); d++)
                        x.add(windows.get(d).tap(o.get(d + 2), taps.get(d + 1)));
                    var sum = Expr.sum(taps, in.loadOrZero(0, x).times(in.load(1, weight)));
                    return in.has(2) ? sum.plus(in.load(2, m)) : sum;
                });
    }

    /// {@return a two-dimensional convolution with the same stride and padding on both axes}
    public static Conv of2d(int stride, int pad) {
        var window = new Window(stride, 1, pad, pad);
        return new Conv(List.of(window, window), 1);
    }
}
