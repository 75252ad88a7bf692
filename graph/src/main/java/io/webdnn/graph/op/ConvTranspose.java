package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Transposed convolution: each element of X adds a scaled kernel to Y; over any number of spatial
/// axes. It is the gradient of [Conv] with respect to its input.
///
/// `Y[n, m, o…] = B[m] + Σ_{c', k…} X[n, c, i…] · W[c, m mod M/group, k…]` with `c = ⌊m /
/// (M/group)⌋ · C/group + c'` and `i = (o + pad − k·dilation) / stride`, where that is whole and
/// inside X, else 0.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, D…]` | float |
/// | W | `[C, M/group, k…]` | as X |
/// | B (may be absent) | `[M]` | as X |
/// | Y | `[N, M, O…]`, `O = (D−1)·stride + (k−1)·dilation + 1 − pads + output padding` | as X |
///
/// Source: ONNX ConvTranspose-22.
///
/// @param outputPadding places added at the end of each spatial axis of Y, ≥ 0
public record ConvTranspose(List<Window> windows, int group, List<Integer> outputPadding)
        implements Primitive {
    public ConvTranspose {
        windows = List.copyOf(windows);
        outputPadding = List.copyOf(outputPadding);
        if (group < 1) throw GraphException.of("ConvTranspose", "group", ">= 1", group);
        if (outputPadding.size() != windows.size()
                || outputPadding.stream().anyMatch(padding -> padding < 0)) {
            throw GraphException.of(
                    "ConvTranspose",
                    "outputPadding",
                    windows.size() + " numbers >= 0",
                    outputPadding);
        }
    }

    /// {@return a two-dimensional one with the same stride and padding on both axes}
    public static ConvTranspose of2d(int stride, int pad) {
        var window = new Window(stride, 1, pad, pad);
        return new ConvTranspose(List.of(window, window), 1, List.of(0, 0));
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 3);
        var x = expect.input(0, "X").floating().rank(windows.size() + 2).type();
        var w =
                expect.input(1, "W")
                        .dtype(x.dtype())
                        .rank(windows.size() + 2)
                        .extent(0, x.shape().get(1), "C")
                        .type()
                        .shape();
        if (w.size(0) % group != 0) {
            throw GraphException.of(
                    "ConvTranspose", "group", "a divisor of C = " + w.get(0), group);
        }
        var m = w.get(1).times(group);
        expect.optional(2, "B").dtype(x.dtype()).shape(Shape.of(m));
        var y = new ArrayList<Dimension>(List.of(x.shape().get(0), m));
        for (int d = 0; d < windows.size(); d++) {
            var extent = extent(d, x.shape().get(d + 2), w.size(d + 2));
            if (extent.isFixed() && extent.value() < 1) {
                throw GraphException.of(
                        "ConvTranspose",
                        "windows",
                        "pads that leave something of spatial axis " + d,
                        windows.get(d));
            }
            y.add(extent);
        }
        return List.of(x.with(new Shape(y)));
    }

    private Dimension extent(int d, Dimension extent, int kernel) {
        var window = windows.get(d);
        return extent.plus(-1)
                .times(window.stride())
                .plus((long) (kernel - 1) * window.dilation() + 1)
                .plus(outputPadding.get(d) - window.padBegin() - window.padEnd());
    }

    @Override
    public Lowering lower(Operands in) {
        var w = in.shape(1);
        int inPerGroup = w.size(0) / group;
        int outPerGroup = w.size(1);
        return Compute.each(
                infer(in).getFirst(),
                o -> { // o = [n, m, o…]
                    var m = o.get(1);
                    var extents = new ArrayList<Dimension>(w.dimensions().subList(1, w.rank()));
                    extents.set(0, Dimension.of(inPerGroup));
                    var taps = Stage.indices("r", extents); // [c', k…]
                    var c = m.floorDividedBy(outPerGroup).times(inPerGroup).plus(taps.get(0));
                    var x = new ArrayList<Expr>(List.of(o.get(0), c));
                    var weight = new ArrayList<Expr>(List.of(c, m.floorModulo(outPerGroup)));
                    Expr hits = Literal.of(true);
                    for (int d = 0; d < windows.size(); d++) {
                        var window = windows.get(d);
                        var tap = taps.get(d + 1);
                        var scaled =
                                o.get(d + 2)
                                        .plus(window.padBegin())
                                        .minus(tap.times(window.dilation()));
                        var place = scaled.floorDividedBy(window.stride());
                        hits =
                                hits.and(scaled.floorModulo(window.stride()).isEqualTo(Expr.of(0)))
                                        .and(place.isWithin(in.extent(0, d + 2)));
                        x.add(place);
                        weight.add(tap);
                    }
                    var zero = Expr.of(in.type(0).dtype(), 0);
                    var element = hits.select(in.load(0, x), zero);
                    var sum = Expr.sum(taps, element.times(in.load(1, weight)));
                    return in.has(2) ? sum.plus(in.load(2, m)) : sum;
                });
    }
}
