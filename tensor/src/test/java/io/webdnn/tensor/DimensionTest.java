package io.webdnn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

class DimensionTest {
    private static final Dimension N = Dimension.symbol("N");
    private static final Dimension K = Dimension.symbol("K");

    @Test
    void aBoundTakesThePlaceOfASymbol() {
        var most = Map.of("K", N.times(2));
        assertThat(K.times(K).plus(K).plus(1).atMost(most))
                .isEqualTo(N.times(N).times(4).plus(N.times(2)).plus(1));
        assertThat(K.plus(1).floorDividedBy(4).atMost(most))
                .isEqualTo(N.times(2).plus(1).floorDividedBy(4));
        assertThat(N.times(3).plus(-1).atMost(most)).isEqualTo(N.times(3).plus(-1));
    }

    @Test
    void whatABoundedSymbolTakesAwayIsLeftOut() {
        var most = Map.of("K", Dimension.of(7));
        assertThat(N.minus(K).atMost(most)).isEqualTo(N);
        assertThat(K.times(N).minus(K.times(2)).plus(-3).atMost(most))
                .isEqualTo(N.times(7).plus(-3));
        assertThat(N.minus(K).floorDividedBy(2).times(-1).plus(N).atMost(most)).isEqualTo(N);
        for (long k = 0; k <= 7; k++) {
            var size = N.plus(5).minus(K.floorDividedBy(3)).times(K);
            assertThat(size.bind(Map.of("N", 9L, "K", k)).value())
                    .isLessThanOrEqualTo(size.atMost(most).bind(Map.of("N", 9L)).value());
        }
    }

    @Test
    void minimaAreOneFormAsFarAsTheLawsGo() {
        var five = Dimension.of(5);
        assertThat(N.min(five).min(five)).isEqualTo(N.min(five)).isEqualTo(five.min(N));
        assertThat(N.min(N.plus(2))).isEqualTo(N);
        assertThat(N.min(N.plus(K))).isEqualTo(N);
        assertThat(N.min(Dimension.of(0))).isEqualTo(Dimension.of(0));
        assertThat(N.min(five).min(Dimension.of(3))).isEqualTo(N.min(Dimension.of(3)));
        assertThat(N.min(K).min(five)).isEqualTo(five.min(K).min(N));
        assertThat(N.plus(1).min(five)).isEqualTo(N.min(Dimension.of(4)).plus(1));
        assertThat(N.times(4).min(K.times(4))).isEqualTo(N.min(K).times(4));
        assertThat(N.plus(K).min(N.plus(5))).isEqualTo(N.plus(K.min(five)));
        assertThat(N.max(five).plus(N.min(five))).isEqualTo(N.plus(5));
        assertThat(N.plus(K).max(K)).isEqualTo(N.plus(K));
        assertThat(N.min(five)).hasToString("min(5,N)");
        assertThat(N.min(five).symbols()).containsExactly("N");
    }

    @Test
    void withoutLimitsTheSymbolIsLeft() {
        var limited = N.plus(1).min(Dimension.of(8)).times(K).plus(3);
        assertThat(limited.withoutLimits()).isEqualTo(N.plus(1).times(K).plus(3));
        assertThat(N.min(K).withoutLimits()).isEqualTo(N.min(K));
        assertThat(N.min(Dimension.of(7)).plus(1).minus(N.min(Dimension.of(8))).withoutLimits())
                .isEqualTo(Dimension.of(1));
    }

    @Test
    void aProductIsDividedByEachOfItsFactors() {
        var sum = N.plus(K).plus(-3);
        assertThat(sum.times(N.times(2).plus(1)).exactlyDividedBy(sum))
                .isEqualTo(N.times(2).plus(1));
        assertThat(N.times(N).minus(K.times(K)).exactlyDividedBy(N.plus(K))).isEqualTo(N.minus(K));
        assertThatThrownBy(() -> N.times(N).plus(K).exactlyDividedBy(N.plus(K)))
                .hasMessage("Dimension: expected a multiple of K+N, got K+N*N");
        assertThatThrownBy(() -> N.exactlyDividedBy(Dimension.of(0)))
                .hasMessage("Dimension: expected a multiple of 0, got N");
    }

    @Test
    void aMinimumOfManyIsRefused() {
        var minimum = N;
        for (int i = 0; i < 15; i++) minimum = minimum.min(Dimension.symbol("s" + i));
        var last = minimum;
        assertThatThrownBy(() -> last.min(K))
                .isInstanceOf(ArithmeticException.class)
                .hasMessage("Dimension: expected a minimum of at most 16, got one of 17");
    }

    /// A dimension, and what it is computed from, for all of N and K below 12.
    private record Grown(Dimension dimension, List<Long> values) {
        static final int SIDE = 12;

        static Grown of(Dimension dimension, LongBinaryOperator value) {
            var values = new ArrayList<Long>();
            for (int i = 0; i < SIDE * SIDE; i++) values.add(value.applyAsLong(i / SIDE, i % SIDE));
            return new Grown(dimension, values);
        }

        private static long apply(int operator, long a, long b) {
            return switch (operator) {
                case 0 -> a + b;
                case 1 -> a - b;
                case 2 -> a * b;
                case 3 -> Math.min(a, b);
                case 4 -> Math.max(a, b);
                default -> Math.floorDiv(a, 3);
            };
        }

        Grown with(Grown other, int operator) {
            var result = new ArrayList<Long>();
            for (int i = 0; i < values.size(); i++)
                result.add(apply(operator, values.get(i), other.values.get(i)));
            var y = other.dimension;
            return new Grown(
                    switch (operator) {
                        case 0 -> dimension.plus(y);
                        case 1 -> dimension.minus(y);
                        case 2 -> dimension.times(y);
                        case 3 -> dimension.min(y);
                        case 4 -> dimension.max(y);
                        default -> dimension.floorDividedBy(3);
                    },
                    result);
        }
    }

    /// Whatever laws were applied, the values are those of the operations; what is said to be 0 or
    /// more is; bounds hold.
    @Test
    void lawsKeepValues() {
        var random = new Random(5);
        int shown = 0;
        for (int trial = 0; trial < 400; trial++) {
            var pool = new ArrayList<Grown>();
            pool.add(Grown.of(N, (n, _) -> n));
            pool.add(Grown.of(K, (_, k) -> k));
            int c = random.nextInt(9);
            pool.add(Grown.of(Dimension.of(c), (_, _) -> c));
            for (int step = 0; step < 5; step++) {
                var a = pool.get(random.nextInt(pool.size()));
                var b = pool.get(random.nextInt(pool.size()));
                int operator = random.nextInt(6);
                if (operator == 2 && a.dimension().terms().size() > 3) operator = 3;
                pool.add(a.with(b, operator));
            }
            var last = pool.getLast();
            boolean isNonNegative = last.dimension().isNonNegative();
            if (isNonNegative) shown++;
            var shifted = last.dimension().plus(last.dimension().negativePart());
            for (int i = 0; i < last.values().size(); i++) {
                var at = Map.of("N", (long) (i / Grown.SIDE), "K", (long) (i % Grown.SIDE));
                assertThat(last.dimension().bind(at).value())
                        .as("%s at %s", last.dimension(), at)
                        .isEqualTo(last.values().get(i));
                if (isNonNegative)
                    assertThat(last.values().get(i)).as("%s", last.dimension()).isNotNegative();
                assertThat(shifted.bind(at).value()).as("%s", shifted).isNotNegative();
            }
        }
        assertThat(shown).isGreaterThan(100);
    }

    @Test
    void boundsOfMinimaHold() {
        var most = Map.of("K", Dimension.of(7));
        for (var size :
                List.of(
                        K.min(N),
                        N.max(K),
                        K.plus(-5).max(Dimension.of(0)),
                        N.minus(K.plus(-9).min(N.plus(-4))),
                        N.times(K).minus(K.min(Dimension.of(3))))) {
            var bound = size.atMost(most);
            assertThat(bound.symbols()).doesNotContain("K");
            for (long n = 0; n < 12; n++)
                for (long k = 0; k <= 7; k++)
                    assertThat(size.bind(Map.of("N", n, "K", k)).value())
                            .as("%s, at most %s", size, bound)
                            .isLessThanOrEqualTo(bound.bind(Map.of("N", n)).value());
        }
    }
}
