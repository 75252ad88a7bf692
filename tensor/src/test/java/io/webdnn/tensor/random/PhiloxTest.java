package io.webdnn.tensor.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
    /// Known answers that its authors publish.
    @ParameterizedTest
    @CsvSource({
        "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
        "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
        "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
    })
    void agreesWithTheAuthorsAnswers(String counter, String key, String expected) {
        int[] words = parse(counter);
        int[] keys = parse(key);
        Philox.block(keys[0], keys[1], words);
        assertThat(words).containsExactly(parse(expected));
    }

    private static int[] parse(String words) {
        return Arrays.stream(words.split(" ")).mapToInt(HexFormat::fromHexDigits).toArray();
    }

    @Test
    void uniformReachesItsEndsButNotOne() {
        assertThat(Philox.uniform(0)).isZero();
        assertThat(Philox.uniform(-1)).isEqualTo(Math.nextDown(1f));
    }

    @Test
    void aStreamIsResumedFromItsPosition() {
        var whole = new RandomStream(7, 3);
        for (int i = 0; i < 5; i++) whole.nextInt();
        var resumed = new RandomStream(7, 3, whole.position());
        for (int i = 0; i < 9; i++) assertThat(resumed.nextInt()).isEqualTo(whole.nextInt());
    }

    @Test
    void seedsAndStreamsGiveOtherNumbers() {
        assertThat(new RandomStream(1, 0).nextInt()).isNotEqualTo(new RandomStream(2, 0).nextInt());
        assertThat(new RandomStream(1, 0).nextInt()).isNotEqualTo(new RandomStream(1, 1).nextInt());
        assertThat(new RandomStream(1L << 40, 0).nextInt())
                .isNotEqualTo(new RandomStream(0, 0).nextInt());
    }

    @Test
    void gaussiansHaveMeanZeroAndVarianceOne() {
        var random = new RandomStream(11, 0);
        int n = 100_000;
        double sum = 0;
        double squares = 0;
        double fourth = 0;
        for (int i = 0; i < n; i++) {
            double x = random.nextGaussian();
            sum += x;
            squares += x * x;
            fourth += x * x * x * x;
        }
        assertThat(sum / n).isCloseTo(0, within(0.015));
        assertThat(squares / n).isCloseTo(1, within(0.02));
        assertThat(fourth / n).isCloseTo(3, within(0.15));
    }

    @Test
    void boundedNumbersAreEachAsLikely() {
        var random = new RandomStream(5, 0);
        int[] count = new int[7];
        for (int i = 0; i < 70_000; i++) count[random.nextInt(7)]++;
        for (int c : count) assertThat(c).isBetween(9_600, 10_400);
    }

    @Test
    void shuffleKeepsTheElements() {
        int[] order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        new RandomStream(1, 0).shuffle(order);
        assertThat(order).isNotEqualTo(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        assertThat(order).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void boundMustBePositive() {
        assertThatThrownBy(() -> new RandomStream(1, 0).nextInt(0))
                .hasMessage("RandomStream: bound: expected > 0, got 0");
    }
}
