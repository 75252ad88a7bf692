package io.webdnn.train.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class GeneratedDigitsTest {
    private static int[] image(LabelledImages digits, int index) {
        int[] pixels = new int[784];
        for (int i = 0; i < 784; i++) pixels[i] = digits.pixel(index, i / 28, i % 28);
        return pixels;
    }

    @Test
    void anImageDependsOnItsSeedAndNumberOnly() {
        var few = GeneratedDigits.draw(20, 7);
        var many = GeneratedDigits.draw(50, 7);
        for (int i = 0; i < 20; i++) assertThat(image(few, i)).isEqualTo(image(many, i));
        assertThat(image(few, 3)).isNotEqualTo(image(many, 13)); // the same digit
        assertThat(image(few, 3)).isNotEqualTo(image(GeneratedDigits.draw(20, 8), 3));
    }

    @Test
    void eachDigitIsThereAsOften() {
        var digits = GeneratedDigits.draw(100, 1);
        int[] count = new int[10];
        for (int i = 0; i < digits.size(); i++) count[digits.label(i)]++;
        assertThat(count).containsOnly(10);
    }

    @Test
    void imagesArePreparedAsMnists() {
        var digits = GeneratedDigits.draw(300, 2);
        for (int i = 0; i < digits.size(); i++) {
            int[] pixels = image(digits, i);
            double mass = Arrays.stream(pixels).sum();
            double x = 0;
            double y = 0;
            for (int k = 0; k < 784; k++) {
                x += pixels[k] * (k % 28 + 0.5) / mass;
                y += pixels[k] * (Math.floorDiv(k, 28) + 0.5) / mass;
            }
            assertThat(mass / 255).as("ink of %d", i).isBetween(15.0, 320.0);
            assertThat(x).isCloseTo(14, within(1.0));
            assertThat(y).isCloseTo(14, within(1.0));
            assertThat(extent(pixels)).as("longer side of %d", i).isBetween(19, 22);
        }
    }

    private static int extent(int[] pixels) {
        int[] low = {28, 28};
        int[] high = {-1, -1};
        for (int k = 0; k < 784; k++) {
            if (pixels[k] < 8) continue;
            int[] at = {k % 28, k / 28};
            for (int axis = 0; axis < 2; axis++) {
                low[axis] = Math.min(low[axis], at[axis]);
                high[axis] = Math.max(high[axis], at[axis]);
            }
        }
        return Math.max(high[0] - low[0], high[1] - low[1]) + 1;
    }

    @Test
    void thereIsSomethingToDraw() {
        assertThatThrownBy(() -> GeneratedDigits.draw(0, 1))
                .hasMessage("GeneratedDigits: count: expected >= 1, got 0");
    }
}
