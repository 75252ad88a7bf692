package io.webdnn.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
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
}
