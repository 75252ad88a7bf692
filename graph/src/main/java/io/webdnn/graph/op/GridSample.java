package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.List;

/// Takes elements at places that are data: `Y[n, c, o…] = Σ_t… X[n, c, i…] · Π_d w_d`, the taps i
/// and weights w of each spatial axis being those around the place `grid[n, o…, r − 1 − d]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X | `[N, C, D₁ … Dᵣ]` | float |
/// | grid, the last axis's place first | `[N, O₁ … Oᵣ, r]` | float |
/// | Y | `[N, C, O₁ … Oᵣ]` | as X |
///
/// A place of −1 is the first, 1 the last element of its axis: their centres (`alignCorners`) or
/// their outer edges. The nearest element is that of the coordinate rounded half to even. A place
/// that is no number takes an arbitrary element. Source: ONNX GridSample-22.
///
/// @param padding what lies outside X
public record GridSample(Mode mode, Padding padding, boolean alignCorners) implements Primitive {
    /// Which elements count: one, 2 per axis, or 4 per axis by cubic convolution with a = −0.75.
    public enum Mode {
        NEAREST,
        LINEAR,
        CUBIC
    }

    /// What lies outside: 0, the nearest element, or the mirror image, at the centres or edges as
    /// `alignCorners` says.
    public enum Padding {
        ZEROS,
        BORDER,
        REFLECTION
    }

    private static final double CUBIC = -0.75;

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 2);
        var x = expect.input(0, "X").floating().rankAtLeast(3).type();
        int spatial = x.rank() - 2;
        var grid =
                expect.input(1, "grid")
                        .floating()
                        .rank(x.rank())
                        .extent(0, x.shape().get(0), "N")
                        .extent(spatial + 1, Dimension.of(spatial), "coordinates")
                        .type()
                        .shape();
        for (int d = 2; d < x.rank(); d++) {
            if (x.shape().get(d).is(0))
                throw GraphException.of("GridSample", "X", "an element on axis " + d, x);
        }
        return List.of(x.with(x.shape().slice(0, 2).concat(grid.slice(1, spatial + 1))));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(infer(in).getFirst(), o -> element(in, o));
    }

    private Expr element(Operands in, List<Index> o) {
        var dtype = Accumulation.of(in.type(0).dtype());
        int spatial = in.type(0).rank() - 2;
        var taps = new ArrayList<Index>();
        var at = new ArrayList<Expr>(o.subList(0, 2));
        var places = new ArrayList<Local>();
        var isInside = (Expr) Literal.of(true);
        Expr weight = Expr.of(dtype, 1);
        for (int d = 0; d < spatial; d++) {
            var place = new Local("place" + d, dtype);
            var tap = new Index("t" + d, Dimension.of(taps()));
            var extent = in.extent(0, d + 2);
            Expr index = index(place, tap);
            if (padding == Padding.ZEROS) isInside = isInside.and(index.isWithin(extent));
            else index = inside(index, Expr.of(extent));
            at.add(index);
            weight = weight.times(weight(place, tap));
            taps.add(tap);
            places.add(place);
        }
        var element = in.load(0, at).cast(dtype);
        var zero = Expr.of(dtype, 0);
        Expr value =
                mode == Mode.NEAREST
                        ? nearest(isInside.select(element, zero), taps)
                        : Expr.sum(taps, isInside.select(element.times(weight), zero));
        value = value.cast(in.type(0).dtype());
        for (int d = 0; d < spatial; d++)
            value = new Let(places.get(d), place(in, o, d, dtype), value);
        return value;
    }

    private int taps() {
        return switch (mode) {
            case NEAREST -> 1;
            case LINEAR -> 2;
            case CUBIC -> 4;
        };
    }

    private static Expr nearest(Expr element, List<Index> taps) {
        return Expr.sum(taps, element); // of one tap each
    }

    /// {@return the place on a spatial axis, counted in elements; rounded for the nearest, and
    /// brought inside where something lies outside, as far as that is not done tap by tap}
    private Expr place(Operands in, List<Index> o, int d, DType dtype) {
        int spatial = in.type(0).rank() - 2;
        var at = new ArrayList<Expr>(List.of(o.get(0)));
        at.addAll(o.subList(2, spatial + 2));
        at.add(Expr.of(spatial - 1 - d));
        var one = Expr.of(dtype, 1);
        var half = Expr.of(dtype, 0.5);
        var extent = Expr.of(in.extent(0, d + 2)).cast(dtype);
        var fromEdge = in.load(1, at).cast(dtype).plus(one);
        var place =
                alignCorners
                        ? fromEdge.times(half).times(extent.minus(one))
                        : fromEdge.times(extent).minus(one).times(half);
        if (mode == Mode.NEAREST) place = place.apply(Unary.Operator.ROUND);
        return switch (padding) {
            case ZEROS -> place;
            case BORDER -> place.max(Expr.of(dtype, 0)).min(extent.minus(one));
            case REFLECTION -> reflected(place, extent);
        };
    }

    /// {@return a place mirrored into `0 … extent − 1`, or to the edges half an element beyond}
    private Expr reflected(Expr place, Expr extent) {
        var dtype = place.dtype();
        var low = Expr.of(dtype, alignCorners ? 0 : -0.5);
        var range = alignCorners ? extent.minus(Expr.of(dtype, 1)) : extent;
        var period = range.plus(range).max(Expr.of(dtype, 1e-6)); // one element is its own mirror
        var from = place.minus(low).floorModulo(period);
        return low.plus(from.min(period.minus(from)));
    }

    /// {@return the position of a tap, which may be outside}
    private Expr index(Expr place, Index tap) {
        return switch (mode) {
            case NEAREST -> place.apply(Unary.Operator.ROUND).cast(DType.INT32);
            case LINEAR -> place.apply(Unary.Operator.FLOOR).cast(DType.INT32).plus(tap);
            case CUBIC -> place.apply(Unary.Operator.FLOOR).cast(DType.INT32).plus(tap).minus(1);
        };
    }

    private Expr inside(Expr index, Expr extent) {
        if (padding == Padding.BORDER) return index.max(Expr.of(0)).min(extent.minus(1));
        if (alignCorners) {
            var period = extent.minus(1).times(2);
            var from = index.floorModulo(period); // by 0, of one element, it is 0
            return from.min(period.minus(from)).max(Expr.of(0));
        }
        var from = index.floorModulo(extent.times(2));
        return from.min(extent.times(2).minus(1).minus(from));
    }

    private Expr weight(Expr place, Index tap) {
        var dtype = place.dtype();
        var one = Expr.of(dtype, 1);
        if (mode == Mode.NEAREST) return one;
        var after = place.minus(place.apply(Unary.Operator.FLOOR));
        if (mode == Mode.LINEAR) return tap.isEqualTo(Expr.of(0)).select(one.minus(after), after);
        var distance = after.plus(one).minus(tap.cast(dtype)).apply(Unary.Operator.ABS);
        // |x| ≤ 1: (a+2)x³ − (a+3)x² + 1, else ax³ − 5ax² + 8ax − 4a
        var near = polynomial(distance, CUBIC + 2, -(CUBIC + 3), 0, 1);
        var far = polynomial(distance, CUBIC, -5 * CUBIC, 8 * CUBIC, -4 * CUBIC);
        return distance.lessOrEqual(one).select(near, far);
    }

    private static Expr polynomial(Expr x, double... coefficients) {
        Expr sum = Expr.of(x.dtype(), coefficients[0]);
        for (int i = 1; i < coefficients.length; i++)
            sum = sum.times(x).plus(Expr.of(x.dtype(), coefficients[i]));
        return sum;
    }
}
