package io.webdnn.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void eachPieceRunsOnce(int threads) {
        var workers = new Workers(threads);
        for (int round = 0; round < 2000; round++) {
            int pieces = round % 17;
            var runs = new AtomicIntegerArray(pieces);
            workers.run(pieces, runs::incrementAndGet);
            for (int i = 0; i < pieces; i++) assertThat(runs.get(i)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void parkedThreadsWakeUp(int threads) throws InterruptedException {
        var workers = new Workers(threads);
        for (int round = 0; round < 5; round++) {
            Thread.sleep(20);
            var runs = new AtomicIntegerArray(8);
            workers.run(8, runs::incrementAndGet);
            for (int i = 0; i < 8; i++) assertThat(runs.get(i)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aFailureIsThrownToTheCallerAndLeavesTheThreadsUsable(int threads) {
        var workers = new Workers(threads);
        assertThatThrownBy(() ->
                        workers.run(
                                9,
                                i -> {
                                    if (i == 5) throw new IllegalStateException("piece 5");
                                }))
                .hasMessage("piece 5");
        var runs = new AtomicIntegerArray(9);
        workers.run(9, runs::incrementAndGet);
        for (int i = 0; i < 9; i++) assertThat(runs.get(i)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aPieceMayAskForWorkItself(int threads) {
        var workers = new Workers(threads);
        var runs = new AtomicIntegerArray(12);
        workers.run(3, i -> workers.run(4, j -> runs.incrementAndGet(4 * i + j)));
        for (int i = 0; i < 12; i++) assertThat(runs.get(i)).isEqualTo(1);
    }
}
