package io.webdnn.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The arrays that loops are primed on are large enough for every implementation, and waiting for a
/// loop ends, whoever runs it, however often one waits.
class PrimingTest {
    @ParameterizedTest
    @EnumSource(Kernels.Loop.class)
    void everyLoopCanBeWaitedFor(Kernels.Loop loop) {
        for (var kernels : new Kernels[] {new ScalarKernels(), Kernels.best()}) {
            var priming = new Priming(kernels);
            priming.start();
            for (int i = 0; i < 2; i++)
                assertThatCode(() -> priming.await(loop)).doesNotThrowAnyException();
        }
    }
}
