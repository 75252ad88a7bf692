package io.webdnn.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The extents of a tensor's axes, outermost first; rank 0 is a scalar. Extents may be symbolic.
public record Shape(List<Dimension> dimensions) {
    /// The shape of a scalar.
    public static final Shape SCALAR = new Shape(List.of());

    public Shape {
        dimensions = List.copyOf(dimensions);
        for (var dimension : dimensions) {
            if (dimension.isFixed() && dimension.value() < 0) {
                throw new IllegalArgumentException(
                        "Shape: expected extents >= 0, got " + print(dimensions));
            }
        }
    }

    /// {@return a shape of fixed extents}
    public static Shape of(int... extents) {
        return new Shape(Arrays.stream(extents).mapToObj(Dimension::of).toList());
    }

    /// {@return a shape of the given extents}
    public static Shape of(Dimension... extents) {
        return new Shape(List.of(extents));
    }

    /// {@return the number of axes}
    public int rank() {
        return dimensions.size();
    }

    /// {@return the extent of an axis}
    ///
    /// @throws IllegalArgumentException if there is no such axis
    public Dimension get(int axis) {
        if (axis < 0 || axis >= dimensions.size())
            throw new IllegalArgumentException(
                    "Shape: axis: expected one of %s, got %d".formatted(this, axis));
        return dimensions.get(axis);
    }

    /// {@return the fixed extent of an axis as an int}
    ///
    /// @throws IllegalStateException if it is symbolic
    public int size(int axis) {
        return Math.toIntExact(get(axis).value());
    }

    /// {@return the product of the extents from axis `from` (inclusive) to `to` (exclusive)}
    public Dimension elements(int from, int to) {
        var extents = dimensions.subList(from, to);
        if (extents.stream().anyMatch(extent -> extent.is(0))) return Dimension.of(0);
        return extents.stream().reduce(Dimension.of(1), Dimension::times);
    }

    /// {@return the number of elements}
    public Dimension elements() {
        return elements(0, rank());
    }

    /// {@return whether no extent is symbolic}
    public boolean isFixed() {
        return dimensions.stream().allMatch(Dimension::isFixed);
    }

    /// {@return the extents as ints}
    ///
    /// @throws IllegalStateException if one is symbolic
    public int[] toInts() {
        return IntStream.range(0, rank()).map(this::size).toArray();
    }

    /// {@return the names of the symbols}
    public SortedSet<String> symbols() {
        return dimensions.stream()
                .flatMap(d -> d.symbols().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// {@return this with the given symbols replaced}
    public Shape bind(Map<String, Long> values) {
        return new Shape(dimensions.stream().map(d -> d.bind(values)).toList());
    }

    /// {@return this with one extent replaced}
    public Shape with(int axis, Dimension extent) {
        return new Shape(
                IntStream.range(0, rank()).mapToObj(d -> d == axis ? extent : get(d)).toList());
    }

    /// {@return this with one axis removed}
    public Shape without(int axis) {
        return new Shape(
                IntStream.range(0, rank()).filter(d -> d != axis).mapToObj(this::get).toList());
    }

    /// {@return the axes of this, then those of `other`}
    public Shape concat(Shape other) {
        return new Shape(Stream.concat(dimensions.stream(), other.dimensions.stream()).toList());
    }

    /// {@return the axes `from` (inclusive) to `to` (exclusive)}
    public Shape slice(int from, int to) {
        return new Shape(dimensions.subList(from, to));
    }

    private static String print(List<Dimension> dimensions) {
        return dimensions.stream()
                .map(Dimension::toString)
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /// {@return `[N, 1, 28, 28]`}
    @Override
    public String toString() {
        return print(dimensions);
    }
}
