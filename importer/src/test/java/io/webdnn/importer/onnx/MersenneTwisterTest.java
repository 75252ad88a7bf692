package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MersenneTwisterTest {
    /// Values that NumPy printed: `RandomState(seed).uniform(size=…)`.
    @Test
    void drawsWhatNumPyDraws() {
        var zero = new MersenneTwister(0);
        assertThat(zero.nextDouble()).isEqualTo(0.5488135039273248);
        for (int i = 0; i < 998; i++) zero.nextDouble();
        assertThat(zero.nextDouble()).isEqualTo(0.6771411441114241);
        assertThat(new MersenneTwister(12345).nextDouble()).isEqualTo(0.9296160928171479);
    }
}
