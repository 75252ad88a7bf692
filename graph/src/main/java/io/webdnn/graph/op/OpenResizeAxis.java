package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Literal;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;

/// An axis whose extents are symbols: each place computes its elements and weights. The position of
/// a place in the input is a quotient of integers, so that it falls to the same element on targets
/// whose division is not exact; extents whose product is beyond 2²⁹ are beyond these integers.
///
/// A place of the result divided by the scale is `place · input / output`.
///
/// @param output what the scale is a quotient of: a number, or the extent of the result
/// @param input a number, or the extent of the input
/// @param shrinking how many times the kernel is wider than without antialiasing, from 1 on
record OpenResizeAxis(
        Resize form,
        Dimension extent,
        Dimension places,
        Dimension output,
        Dimension input,
        double shrinking)
        implements ResizeAxis {
    @Override
    public int taps() {
        return switch (form.mode()) {
            case NEAREST -> 1;
            case LINEAR -> 2 * (int) Math.ceil(shrinking);
            case CUBIC -> 2 * (int) Math.ceil(2 * shrinking);
        };
    }

    /// A position, `numerator / denominator`.
    private record Position(Expr numerator, Expr denominator) {
        Expr floor() {
            return numerator.floorDividedBy(denominator);
        }

        Expr ceil() {
            return numerator.times(-1).floorDividedBy(denominator).times(-1);
        }

        /// {@return this plus `halves / 2`}
        Position plus(int halves) {
            return new Position(
                    numerator.times(2).plus(denominator.times(halves)), denominator.times(2));
        }

        /// {@return how far this is behind the integer before it, 0 … 1}
        Expr fraction(DType dtype) {
            var rest = numerator.floorModulo(denominator);
            return rest.cast(dtype).dividedBy(denominator.cast(dtype));
        }
    }

    private Position origin(Expr place) {
        var in = Expr.of(input);
        var out = Expr.of(output);
        var middle = new Position(place.times(2).plus(1).times(in).minus(out), out.times(2));
        var whole = Expr.of(extent).times(out); // the result's length, not rounded, times `in`
        return switch (form.coordinates()) {
            case HALF_PIXEL -> middle;
            case HALF_PIXEL_SYMMETRIC ->
                    new Position(
                            middle.numerator().plus(whole).minus(Expr.of(places).times(in)),
                            middle.denominator());
            case PYTORCH_HALF_PIXEL -> unless(whole.lessOrEqual(in), middle);
            case ALIGN_CORNERS ->
                    unless(
                            whole.isEqualTo(in),
                            new Position(
                                    place.times(Expr.of(extent).minus(1)).times(in),
                                    whole.minus(in)));
            case ASYMMETRIC -> new Position(place.times(in), out);
            case TF_HALF_PIXEL_FOR_NN ->
                    new Position(place.times(2).plus(1).times(in), out.times(2));
            case TF_CROP_AND_RESIZE -> throw new AssertionError("refused before");
        };
    }

    /// {@return 0 where a condition holds}
    private static Position unless(Expr condition, Position position) {
        return new Position(
                condition.select(Expr.of(0), position.numerator()),
                condition.select(Expr.of(1), position.denominator()));
    }

    /// {@return an element that may lie outside}
    private Expr nearest(Expr place, Expr tap) {
        var x = origin(place);
        if (form.mode() != Resize.Mode.NEAREST) return x.floor().plus(tap).plus(1 - taps() / 2);
        return switch (form.nearest()) {
            case ROUND_PREFER_FLOOR -> x.plus(-1).ceil();
            case ROUND_PREFER_CEIL -> x.plus(1).floor();
            case FLOOR -> x.floor();
            case CEIL -> x.ceil();
        };
    }

    @Override
    public Expr element(Expr place, Expr tap) {
        return nearest(place, tap).max(Expr.of(0)).min(Expr.of(extent).minus(1));
    }

    @Override
    public Expr weight(Expr place, Expr tap, DType dtype) {
        var own = unscaled(place, tap, dtype);
        if (!form.excludeOutside() && shrinking == 1) return own;
        Expr sum = Expr.of(dtype, 0);
        for (int t = 0; t < taps(); t++) sum = sum.plus(unscaled(place, Expr.of(t), dtype));
        return own.dividedBy(sum);
    }

    private Expr unscaled(Expr place, Expr tap, DType dtype) {
        var steps = tap.plus(1 - taps() / 2).cast(dtype);
        var distance = steps.minus(origin(place).fraction(dtype));
        var weight = kernel(distance.times(Expr.of(dtype, 1 / shrinking)), dtype);
        if (!form.excludeOutside()) return weight;
        var i = nearest(place, tap);
        var counts = Expr.of(0).lessOrEqual(i).and(i.less(Expr.of(extent)));
        return counts.select(weight, Expr.of(dtype, 0));
    }

    private Expr kernel(Expr distance, DType dtype) {
        var zero = Expr.of(dtype, 0);
        var x = distance.max(zero.minus(distance));
        if (form.mode() == Resize.Mode.LINEAR) return Expr.of(dtype, 1).minus(x).max(zero);
        double a = form.cubicCoefficient();
        var near = polynomial(x, dtype, 1, 0, -(a + 3), a + 2);
        var far = polynomial(x, dtype, -4 * a, 8 * a, -5 * a, a);
        var inside = x.lessOrEqual(Expr.of(dtype, 1)).select(near, far);
        return x.less(Expr.of(dtype, 2)).select(inside, zero);
    }

    /// {@return `c₀ + x · (c₁ + x · (c₂ + …))`}
    private static Expr polynomial(Expr x, DType dtype, double... coefficients) {
        Expr value = Expr.of(dtype, coefficients[coefficients.length - 1]);
        for (int i = coefficients.length - 2; i >= 0; i--)
            value = value.times(x).plus(Expr.of(dtype, coefficients[i]));
        return value;
    }

    @Override
    public Expr isInside(Expr place) {
        return Literal.of(true);
    }
}
