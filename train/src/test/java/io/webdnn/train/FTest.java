package io.webdnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FTest {
    private final Variable logits = new Variable(new float[] {1, 2, 3, 0, 0, 0, 5, 1, 1}, 3, 3);

    @Test
    void softmaxCrossEntropyIsTheMeanOverWhatCounts() {
        double first = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 3;
        double second = Math.log(3);
        double third = Math.log(Math.exp(5) + 2 * Math.exp(1)) - 1;
        var all = F.softmaxCrossEntropy(logits, new Variable(new int[] {2, 1, 1}, 3));
        assertThat(all.item()).isCloseTo((first + second + third) / 3, within(1e-6));
        var some = F.softmaxCrossEntropy(logits, new Variable(new int[] {2, -1, 1}, 3));
        assertThat(some.item()).isCloseTo((first + third) / 2, within(1e-6));
    }

    @Test
    void accuracyIsTheShareOfHits() {
        assertThat(F.accuracy(logits, new Variable(new int[] {2, 1, 0}, 3)).item())
                .isCloseTo(2 / 3.0, within(1e-7));
    }

    @Test
    void labelsOutOfRangeAreNamed() {
        assertThatThrownBy(
                        () -> F.softmaxCrossEntropy(logits, new Variable(new int[] {0, 1, 3}, 3)))
                .hasMessage(
                        "softmaxCrossEntropy: t: expected labels 0 ... 2, or -1 for none, got 3 at"
                                + " position 2");
        assertThatThrownBy(
                        () -> F.softmaxCrossEntropy(logits, new Variable(new int[] {-2, 1, 0}, 3)))
                .hasMessageEndingWith("got -2 at position 0");
    }

    @Test
    void dropoutKeepsTheMeanInTrainingAndEverythingOtherwise() {
        Configuration.seed(3);
        float[] ones = new float[10_000];
        java.util.Arrays.fill(ones, 1);
        var x = new Variable(ones, 10_000);
        float[] dropped = F.dropout(x, 0.25).array().floats();
        int zeros = 0;
        for (float v : dropped) if (v == 0) zeros++;
        assertThat(zeros).isBetween(2_300, 2_700);
        assertThat(dropped).containsOnly(0, 1 / 0.75f);
        assertThat(F.dropout(x, 0.25).array().floats()).isNotEqualTo(dropped);
        Configuration.seed(3);
        assertThat(F.dropout(x, 0.25).array().floats()).isEqualTo(dropped);
        try (var _ = Configuration.training(false)) {
            assertThat(F.dropout(x, 0.25)).isSameAs(x);
        }
    }

    @Test
    void dropoutNeedsAProbability() {
        assertThatThrownBy(() -> F.dropout(logits, 1))
                .hasMessage("dropout: ratio: expected 0 <= ratio < 1, got 1.0");
    }

    @Test
    void poolingCoversAllAsInChainer() {
        float[] image = new float[25];
        for (int i = 0; i < 25; i++) image[i] = i;
        var x = new Variable(image, 1, 1, 5, 5);
        assertThat(F.maxPooling2d(x, 2).array().floats())
                .containsExactly(6, 8, 9, 16, 18, 19, 21, 23, 24);
        assertThat(F.averagePooling2d(x, 2).array().floats()).containsExactly(3, 5, 13, 15);
    }

    @Test
    void meanAndSumTakeAxes() {
        assertThat(F.sum(logits, 1).array().floats()).containsExactly(6, 0, 7);
        assertThat(F.mean(logits, 0).array().floats()).containsExactly(2, 1, 4 / 3f);
        assertThat(F.mean(logits).item()).isCloseTo(13 / 9.0, within(1e-6));
    }
}
