package io.webdnn.graph.type;

import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the symbols of shapes stand for in one run, found by holding actual shapes against declared
/// ones.
public final class Sizes {
    private final Map<String, Long> values = new TreeMap<>();

    /// No symbol is known yet.
    public Sizes() {}

    /// {@return sizes that start with the given values}
    public static Sizes of(Map<String, Long> values) {
        var sizes = new Sizes();
        sizes.values.putAll(values);
        return sizes;
    }

    /// {@return the symbols and what they stand for, in the order of their names}
    public Map<String, Long> toMap() {
        return Map.copyOf(values);
    }

    /// Says what a symbol stands for, whatever it was before.
    public void set(String symbol, long size) {
        values.put(symbol, size);
    }

    /// Says what a symbol stands for, if nothing is known of it yet.
    public void setIfUnknown(String symbol, long size) {
        values.putIfAbsent(symbol, size);
    }

    /// {@return a dimension as a number}
    ///
    /// @throws IllegalStateException if it holds a symbol that is not known
    public long of(Dimension dimension) {
        if (dimension.isFixed()) return dimension.value();
        var plain = plainSymbol(dimension);
        if (plain != null) return plain;
        var bound = dimension.bind(values);
        if (!bound.isFixed()) {
            throw new IllegalStateException(
                    "Sizes: " + dimension + ": expected its symbols to be bound, got " + values);
        }
        return bound.value();
    }

    /// What a dimension that is nothing but a known symbol stands for, else null: by far the most
    /// common case, and asked for in every run.
    private @Nullable Long plainSymbol(Dimension dimension) {
        if (dimension.terms().size() != 1) return null;
        var term = dimension.terms().getFirst();
        return term.coefficient() == 1
                        && term.factors().size() == 1
                        && term.factors().getFirst() instanceof Dimension.Symbol(var name)
                ? values.get(name)
                : null;
    }

    /// {@return a shape as ints}
    ///
    /// @throws IllegalStateException if it holds a symbol that is not known
    public int[] of(Shape shape) {
        int[] extents = new int[shape.rank()];
        for (int d = 0; d < extents.length; d++) extents[d] = Math.toIntExact(of(shape.get(d)));
        return extents;
    }

    /// Learns the symbols of a declared shape from an actual one.
    ///
    /// @param operation and `argument` say in an error whose shape it is
    /// @throws GraphException if the actual shape contradicts the declared one, or what its symbols
    ///   already stand for
    public void bind(String operation, String argument, Shape declared, int[] actual) {
        learn(declared.dimensions(), actual);
        boolean fits = declared.rank() == actual.length;
        for (int d = 0; fits && d < actual.length; d++) {
            var plain = plainSymbol(declared.get(d));
            fits = plain != null ? plain == actual[d] : declared.get(d).bind(values).is(actual[d]);
        }
        if (!fits) {
            var known =
                    declared.symbols().stream()
                            .filter(values::containsKey)
                            .map(s -> s + " = " + values.get(s))
                            .toList();
            throw GraphException.of(
                    operation,
                    argument,
                    "shape " + declared + (known.isEmpty() ? "" : " with " + known),
                    Arrays.toString(actual));
        }
    }

    /// Expects that sizes are the same.
    ///
    /// @throws GraphException naming those that are not
    public void expect(String operation, List<Equation> equations) {
        for (var equation : equations) {
            long actual = of(equation.actual());
            if (of(equation.expected()) != actual) {
                throw GraphException.of(
                        operation,
                        "sizes",
                        equation.expected() + " = " + equation.actual(),
                        of(equation.expected()) + " and " + actual + " with " + values);
            }
        }
    }

    /// Learns the symbols of declared extents from actual ones, without a question whether the two
    /// fit.
    public void learn(List<Dimension> declared, int[] actual) {
        if (declared.size() != actual.length) return;
        for (int d = 0; d < actual.length; d++) solve(declared.get(d), actual[d]);
    }

    /// Solves `coefficient · symbol + constant = size` if the one symbol is new.
    private void solve(Dimension declared, long size) {
        if (declared.isFixed() || plainSymbol(declared) != null) return;
        var bound = declared.bind(values);
        if (bound.symbols().size() != 1) return;
        var symbol = bound.symbols().first();
        long constant = 0;
        long coefficient = 0;
        for (var term : bound.terms()) {
            if (term.factors().isEmpty()) constant = term.coefficient();
            else if (term.factors().size() == 1
                    && term.factors().getFirst() instanceof Dimension.Symbol) {
                coefficient = term.coefficient();
            } else return;
        }
        long rest = size - constant;
        if (coefficient != 0 && rest % coefficient == 0 && rest / coefficient >= 0) {
            values.put(symbol, rest / coefficient);
        }
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
