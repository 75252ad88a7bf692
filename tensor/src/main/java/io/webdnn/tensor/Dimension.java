package io.webdnn.tensor;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The extent of one axis: an integer polynomial over named symbols, kept in canonical form.
///
/// `28`, `N`, `N · 784`, `⌊(T + 1) / 2⌋` and `min(T, 512)` are dimensions. Symbols stand for 0 or
/// more. Two dimensions are equal if their canonical forms are, so `N·2 + N` equals `3·N`; a fixed
/// dimension holds no symbol. Values are exact; overflow of 64 bits throws.
///
/// Of minima these laws are applied, where `a ≤ b` is as far as [#isNonNegative] shows `b − a`:
/// `min(a, b) = a` for `a ≤ b`; `min(min(a, b) + c, d) = min(a + c, b + c, d)`; `min(a + c, b + c)
/// = min(a, b) + c`; `min(k·a, k·b) = k·min(a, b)` for a number `k > 0`. A maximum is `max(a, b) =
/// a + b − min(a, b)`.
public final class Dimension {
    /// A factor of a term: a symbol, or the floor of a quotient or a minimum that could not be
    /// simplified.
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

    /// The least of two or more dimensions, none of which is known to be at most another.
    public record Minimum(List<Dimension> operands) implements Factor {
        public Minimum {
            operands = List.copyOf(operands);
        }

        @Override
        public String toString() {
            return operands.stream()
                    .map(Dimension::toString)
                    .collect(Collectors.joining(",", "min(", ")"));
        }
    }

    /// `coefficient · factor · factor …`; the factors are sorted and may repeat.
    public record Term(long coefficient, List<Factor> factors) {
        public Term {
            factors = List.copyOf(factors);
        }
    }

    /// A minimum of more is refused.
    private static final int MOST_OPERANDS = 16;

    /// So many cases are told apart to show that a dimension is 0 or more.
    private static final int MOST_CASES = 256;

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
        var complaint = "Dimension: expected a multiple of " + divisor + ", got " + this;
        if (divisor.terms.isEmpty()) throw new IllegalArgumentException(complaint);
        var by = Collections.max(divisor.terms, Dimension::compare);
        var quotient = of(0);
        var rest = this;
        while (!rest.terms.isEmpty()) { // its leading term gets less each time
            var leading = Collections.max(rest.terms, Dimension::compare);
            var factors = new ArrayList<>(leading.factors);
            boolean holds = leading.coefficient % by.coefficient == 0;
            for (var factor : by.factors) holds &= factors.remove(factor);
            if (!holds) throw new IllegalArgumentException(complaint);
            var part = sum(List.of(new Term(leading.coefficient / by.coefficient, factors)));
            quotient = quotient.plus(part);
            rest = rest.minus(part.times(divisor));
        }
        return quotient;
    }

    /// The lexicographic order of monomials, which products keep.
    private static int compare(Term a, Term b) {
        int count = Math.min(a.factors.size(), b.factors.size());
        for (int i = 0; i < count; i++) {
            int order = b.factors.get(i).compareTo(a.factors.get(i));
            if (order != 0) return order;
        }
        return Integer.compare(a.factors.size(), b.factors.size());
    }

    /// {@return the lesser of this and another}
    ///
    /// @throws ArithmeticException if it would be one of more than 16
    public Dimension min(Dimension other) {
        if (isFixed() && other.isFixed()) return value() <= other.value() ? this : other;
        var operands = new ArrayList<Dimension>();
        for (var each : List.of(this, other)) {
            for (var operand : each.operands()) {
                if (operands.stream().anyMatch(o -> operand.minus(o).isNonNegative())) continue;
                operands.removeIf(o -> o.minus(operand).isNonNegative());
                operands.add(operand);
            }
        }
        if (operands.size() == 1) return operands.getFirst();
        if (operands.size() > MOST_OPERANDS)
            throw new ArithmeticException(
                    "Dimension: expected a minimum of at most %d, got one of %d"
                            .formatted(MOST_OPERANDS, operands.size()));
        var shift = shared(operands);
        long scale = 0;
        for (var operand : operands)
            for (var term : operand.minus(shift).terms) scale = gcd(scale, term.coefficient);
        var by = of(scale);
        var rest =
                operands.stream()
                        .map(o -> o.minus(shift).exactlyDividedBy(by))
                        .sorted(Comparator.comparing(Dimension::toString))
                        .toList();
        return shift.plus(sum(List.of(new Term(scale, List.of(new Minimum(rest))))));
    }

    /// {@return the greater of this and another}
    public Dimension max(Dimension other) {
        return plus(other).minus(min(other));
    }

    /// {@return what this is the least of}
    private List<Dimension> operands() {
        Term minimum = null;
        for (var term : terms) {
            if (term.coefficient == 1 && minimum(term) != null) {
                if (minimum != null) return List.of(this);
                minimum = term;
            }
        }
        if (minimum == null) return List.of(this);
        var rest = minus(sum(List.of(minimum)));
        return Objects.requireNonNull(minimum(minimum)).operands.stream().map(rest::plus).toList();
    }

    private static @Nullable Minimum minimum(Term term) {
        return term.factors.size() == 1 && term.factors.getFirst() instanceof Minimum m ? m : null;
    }

    /// {@return what can be taken out of a minimum: terms that all operands have, and the number
    /// that is added to the first of those that are no number}
    private static Dimension shared(List<Dimension> operands) {
        var shared = new ArrayList<Term>();
        for (var term : operands.getFirst().terms)
            if (!term.factors.isEmpty() && operands.stream().allMatch(o -> o.terms.contains(term)))
                shared.add(term);
        var first =
                operands.stream()
                        .filter(o -> !o.isFixed())
                        .min(Comparator.comparing(o -> o.minus(of(o.constant())).text));
        return sum(shared).plus(first.map(Dimension::constant).orElse(0L));
    }

    private long constant() {
        for (var term : terms) if (term.factors.isEmpty()) return term.coefficient;
        return 0;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? Math.abs(a) : gcd(b, a % b);
    }

    /// {@return whether this is shown to be 0 or more whatever the symbols stand for}
    public boolean isNonNegative() {
        return isNonNegative(1);
    }

    /// A minimum that is added may be any of its operands, one that is subtracted is at most each;
    /// a quotient is less than one below the one that is not rounded, and never above it.
    private boolean isNonNegative(int cases) {
        if (terms.stream().allMatch(t -> t.coefficient > 0 && isNonNegative(t.factors)))
            return true;
        for (var term : terms) {
            if (term.factors.size() != 1) continue;
            var rest = minus(sum(List.of(term)));
            var factor = term.factors.getFirst();
            if (factor instanceof Minimum(var operands)) {
                int inner = cases * operands.size();
                if (inner > MOST_CASES) return false;
                var choices = operands.stream().map(o -> rest.plus(o.times(term.coefficient)));
                return term.coefficient > 0
                        ? choices.allMatch(choice -> choice.isNonNegative(inner))
                        : choices.anyMatch(choice -> choice.isNonNegative(inner));
            }
            if (factor instanceof Quotient(var numerator, var divisor)) {
                var rounded = term.coefficient < 0 ? numerator : numerator.plus(1 - divisor);
                return rest.times(divisor)
                        .plus(rounded.times(term.coefficient))
                        .isNonNegative(cases);
            }
        }
        return false;
    }

    private static boolean isNonNegative(List<Factor> factors) {
        return factors.stream()
                .allMatch(factor ->
                        switch (factor) {
                            case Symbol _ -> true;
                            case Quotient(var numerator, _) -> numerator.isNonNegative();
                            case Minimum(var operands) ->
                                    operands.stream().allMatch(Dimension::isNonNegative);
                        });
    }

    /// {@return a dimension of 0 or more that makes the sum with this 0 or more}
    public Dimension negativePart() {
        var result = of(0);
        for (var term : terms) {
            var alone = sum(List.of(term));
            if (!alone.isNonNegative()) result = result.plus(alone.magnitude());
        }
        return result;
    }

    /// {@return this where each minimum of numbers and one other dimension is the other one: what
    /// it is as long as no number limits it}
    public Dimension withoutLimits() {
        return map(factor ->
                switch (factor) {
                    case Symbol(var name) -> symbol(name);
                    case Quotient(var numerator, var divisor) ->
                            numerator.withoutLimits().floorDividedBy(divisor);
                    case Minimum(var operands) -> {
                        var others = operands.stream().filter(o -> !o.isFixed()).toList();
                        yield others.size() == 1
                                ? others.getFirst().withoutLimits()
                                : least(operands, Dimension::withoutLimits);
                    }
                });
    }

    private static Dimension least(List<Dimension> operands, UnaryOperator<Dimension> of) {
        return operands.stream().map(of).reduce(Dimension::min).orElseThrow();
    }

    /// {@return the sum of products of what the factors become}
    private Dimension map(Function<Factor, Dimension> to) {
        var result = of(0);
        for (var term : terms) {
            var product = of(term.coefficient);
            for (var factor : term.factors) product = product.times(to.apply(factor));
            result = result.plus(product);
        }
        return result;
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
                    case Minimum(var operands) -> operands.forEach(o -> names.addAll(o.symbols()));
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
        return map(factor ->
                switch (factor) {
                    case Symbol(var name) -> {
                        var value = values.get(name);
                        yield value == null ? symbol(name) : of(value);
                    }
                    case Quotient(var numerator, var divisor) ->
                            numerator.bind(values).floorDividedBy(divisor);
                    case Minimum(var operands) -> least(operands, o -> o.bind(values));
                });
    }

    /// {@return a dimension that is no smaller than this, without the given symbols}
    ///
    /// Exact where they only increase this; otherwise what they decrease it by is left out.
    ///
    /// @param most by symbol, what it is at most; all of it is 0 or more, quotients too
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
                            case Minimum(var operands) -> least(operands, o -> o.atMost(most));
                        };
                isBound |= !bound.equals(of(List.of(factor)));
                product = product.times(bound);
            }
            if (!isBound || term.coefficient > 0) result = result.plus(product);
            else result = result.plus(magnitude(term).atMost(most));
        }
        return result;
    }

    /// {@return what subtracting a product adds at most: 0 but for minima that may be negative}
    private static Dimension magnitude(Term term) {
        if (term.factors.stream()
                .noneMatch(f -> f instanceof Minimum && !isNonNegative(List.of(f)))) return of(0);
        return sum(List.of(new Term(-term.coefficient, term.factors))).map(Dimension::magnitude);
    }

    /// {@return a dimension without anything subtracted that neither this nor −this exceeds}
    private Dimension magnitude() {
        var result = of(0);
        for (var term : terms)
            result =
                    result.plus(
                            sum(List.of(new Term(Math.abs(term.coefficient), term.factors)))
                                    .map(Dimension::magnitude));
        return result;
    }

    private static Dimension magnitude(Factor factor) {
        return switch (factor) {
            case Symbol(var name) -> symbol(name);
            case Quotient(var numerator, var divisor) ->
                    numerator.magnitude().floorDividedBy(divisor).plus(1);
            case Minimum(var operands) ->
                    operands.stream().map(Dimension::magnitude).reduce(of(0), Dimension::plus);
        };
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
