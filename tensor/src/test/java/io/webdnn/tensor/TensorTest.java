package io.webdnn.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TensorTest {
    private static final int LARGE = Integer.MAX_VALUE;

    @Test
    void aTensorWithoutElementsMayHaveOtherExtentsOfAnySize() {
        var nothing = Tensor.zeros(DType.FLOAT32, LARGE, LARGE, LARGE, 0);
        assertThat(nothing.size()).isZero();
        assertThat(nothing.toShape().elements()).isEqualTo(Dimension.of(0));
    }

    @Test
    void aNegativeExtentIsRefusedBesideNone() {
        assertThatThrownBy(() -> Tensor.zeros(DType.FLOAT32, 0, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Tensor: shape: expected extents >= 0, got [0, -1]");
    }
}
