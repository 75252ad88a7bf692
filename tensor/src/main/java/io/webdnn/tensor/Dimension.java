package io.webdnn.tensor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The extent of one axis: an integer polynomial over named symbols, kept in canonical form.
///
/// `28`, `N`, `N · 784` and `⌊(T + 1) / 2⌋` are dimensions. Two dimensions are equal exactly if
/// their canonical forms are, so `N·2 + N` equals `3·N`; a fixed dimension holds no symbol. Values
/// are exact; overflow of 64 bits throws.
public final class Dimension {
    /// A factor of a term: a symbol, or the floor of a quotient that could not be simplified.
    public sealed interface Factor extends Comparable<Factor> {
        @Override
        default int compareTo(Factor other) {
            return toString().compareTo(other.toString());
        }
    }

    /// A size that is bound before a run, such as the batch size `N`.
    public record Symbol(String name) implements Factor {
        @Override
        public String toString() {
            return name;
        }
    }

    /// `⌊numerator / divisor⌋` with a positive divisor.
    public record Quotient(Dimension numerator, long divisor) implements Factor {
        @Override
        public String toString() {
            return "(" + numerator + ")//" + divisor;
        }
    }

    /// `coefficient · factor · factor …`; the factors are sorted and may repeat.
    public record Term(long coefficient, List<Factor> factors) {
        public Term {
            factors = List.copyOf(factors);
        }
    }

    private final List<Term> terms;
    private final String text;

    private Dimension(Map<String, Term> byFactors) {
        terms = byFactors.values().stream().filter(t -> t.coefficient != 0).toList();
        text =
                terms.isEmpty()
                        ? "0"
                        : terms.stream().map(Dimension::print).collect(Collectors.joining("+"));
    }

    private static String print(Term term) {
        if (term.factors.isEmpty()) return Long.toString(term.coefficient);
        var product = term.factors.stream().map(Factor::toString).collect(Collectors.joining("*"));
        return term.coefficient == 1 ? product : term.coefficient + "*" + product;
    }

    private static Dimension sum(Collection<Term> terms) {
        var byFactors = new TreeMap<String, Term>();
        for (var term : terms) {
            byFactors.merge(
                    term.factors.toString(),
                    term,
                    (a, b) -> new Term(Math.addExact(a.coefficient, b.coefficient), a.factors));
        }
        return new Dimension(byFactors);
    }

    /// {@return a fixed extent}
    public static Dimension of(long value) {
        return sum(List.of(new Term(value, List.of())));
    }

    /// {@return a symbolic extent such as `N`}
    public static Dimension symbol(String name) {
        if (name.isEmpty())
            throw new IllegalArgumentException("Dimension: symbol: expected a name, got \"\"");
        return sum(List.of(new Term(1, List.of(new Symbol(name)))));
    }

    /// {@return the terms, whose sum this is}
    public List<Term> terms() {
        return terms;
    }

    /// {@return this + other}
    public Dimension plus(Dimension other) {
        var all = new ArrayList<>(terms);
        all.addAll(other.terms);
        return sum(all);
    }

    /// {@return this + other}
    public Dimension plus(long other) {
        return plus(of(other));
    }

    /// {@return this − other}
    public Dimension minus(Dimension other) {
        return plus(other.times(-1));
    }

    /// {@return this · other}
    public Dimension times(Dimension other) {
        var products = new ArrayList<Term>();
        for (var a : terms) {
            for (var b : other.terms) {
                var factors = new ArrayList<>(a.factors);
                factors.addAll(b.factors);
                Collections.sort(factors);
                products.add(new Term(Math.multiplyExact(a.coefficient, b.coefficient), factors));
            }
        }
        return sum(products);
    }

    /// {@return this · other}
    public Dimension times(long other) {
        return times(of(other));
    }

    /// {@return ⌊this / divisor⌋}
    ///
    /// @param divisor positive
    public Dimension floorDividedBy(long divisor) {
        if (divisor <= 0)
            throw new IllegalArgumentException("Dimension: divisor: expected > 0, got " + divisor);
        if (divisor == 1) return this;
        if (isFixed()) return of(Math.floorDiv(value(), divisor));
        var whole = new ArrayList<Term>();
        var rest = new ArrayList<Term>();
        for (var term : terms) {
            if (term.coefficient % divisor == 0)
                whole.add(new Term(term.coefficient / divisor, term.factors));
            else rest.add(term);
        }
        var remainder = sum(rest);
        if (remainder.isFixed()) return sum(whole).plus(Math.floorDiv(remainder.value(), divisor));
        whole.add(new Term(1, List.of(new Quotient(remainder, divisor))));
        return sum(whole);
    }

    /// {@return this / divisor where the division has no remainder for any value of the symbols}
    ///
    /// @throws IllegalArgumentException where that cannot be shown
    public Dimension exactlyDividedBy(Dimension divisor) {
        if (divisor.terms.size() != 1) {
            if (equals(divisor)) return of(1);
            throw new IllegalArgumentException(
                    "Dimension: expected a multiple of " + divisor + ", got " + this);
        }
        var by = divisor.terms.getFirst();
        var quotient = new ArrayList<Term>();
        for (var term : terms) {
            var factors = new ArrayList<>(term.factors);
            for (var factor : by.factors) {
                if (!factors.remove(factor)) {
                    throw new IllegalArgumentException(
                            "Dimension: expected a multiple of " + divisor + ", got " + this);
                }
            }
            if (term.coefficient % by.coefficient != 0) {
                throw new IllegalArgumentException(
                        "Dimension: expected a multiple of " + divisor + ", got " + this);
            }
            quotient.add(new Term(term.coefficient / by.coefficient, factors));
        }
        return sum(quotient);
    }

    /// {@return whether this holds no symbol}
    public boolean isFixed() {
        return terms.isEmpty() || terms.size() == 1 && terms.getFirst().factors.isEmpty();
    }

    /// {@return whether this is the given number}
    public boolean is(long value) {
        return isFixed() && value() == value;
    }

    /// {@return the number}
    ///
    /// @throws IllegalStateException if this holds a symbol
    public long value() {
        if (!isFixed())
            throw new IllegalStateException("Dimension: expected a number, got " + this);
        return terms.isEmpty() ? 0 : terms.getFirst().coefficient;
    }

    /// {@return the names of the symbols}
    public SortedSet<String> symbols() {
        var names = new TreeSet<String>();
        for (var term : terms) {
            for (var factor : term.factors) {
                switch (factor) {
                    case Symbol(var name) -> names.add(name);
                    case Quotient(var numerator, _) -> names.addAll(numerator.symbols());
                }
            }
        }
        return names;
    }

    /// {@return the number that this is where every symbol is the given one}
    public long valueAt(long each) {
        var values = new HashMap<String, Long>();
        for (var symbol : symbols()) values.put(symbol, each);
        return bind(values).value();
    }

    /// {@return this with the given symbols replaced; symbols without a value stay}
    public Dimension bind(Map<String, Long> values) {
        if (isFixed()) return this;
        var result = of(0);
        for (var term : terms) {
            var product = of(term.coefficient);
            for (var factor : term.factors) {
                product =
                        product.times(
                                switch (factor) {
                                    case Symbol(var name) -> {
                                        var value = values.get(name);
                                        yield value == null ? symbol(name) : of(value);
                                    }
                                    case Quotient(var numerator, var divisor) ->
                                            numerator.bind(values).floorDividedBy(divisor);
                                });
            }
            result = result.plus(product);
        }
        return result;
    }

    /// {@return a dimension that is no smaller than this, without the given symbols}
    ///
    /// Exact where they only increase this; otherwise what they decrease it by is left out.
    ///
    /// @param most by symbol, what it is at most; all of it is 0 or more
    public Dimension atMost(Map<String, Dimension> most) {
        if (symbols().stream().noneMatch(most::containsKey)) return this;
        var result = of(0);
        for (var term : terms) {
            var product = of(term.coefficient);
            boolean isBound = false;
            for (var factor : term.factors) {
                var bound =
                        switch (factor) {
                            case Symbol(var name) -> most.getOrDefault(name, symbol(name));
                            case Quotient(var numerator, var divisor) ->
                                    numerator.atMost(most).floorDividedBy(divisor);
                        };
                isBound |= !bound.equals(of(List.of(factor)));
                product = product.times(bound);
            }
            if (!isBound || term.coefficient > 0) result = result.plus(product);
        }
        return result;
    }

    private static Dimension of(List<Factor> factors) {
        return sum(List.of(new Term(1, factors)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Dimension d && text.equals(d.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
