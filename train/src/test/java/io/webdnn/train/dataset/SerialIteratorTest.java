package io.webdnn.train.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.Tensor;
import io.webdnn.train.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SerialIteratorTest {
    private static Dataset numbers(int count) {
        return new TupleDataset(Tensor.of(IntStream.range(0, count).toArray(), count));
    }

    private static List<Integer> next(SerialIterator iterator) {
        return IntStream.of(iterator.next().getFirst().ints()).boxed().toList();
    }

    @Test
    void theLastBatchIsToppedUpFromTheNextEpoch() {
        var iterator = new SerialIterator(numbers(5), 2, true, false);
        assertThat(next(iterator)).containsExactly(0, 1);
        assertThat(iterator.isNewEpoch()).isFalse();
        assertThat(iterator.epochDetail()).isEqualTo(0.4);
        assertThat(next(iterator)).containsExactly(2, 3);
        assertThat(next(iterator)).containsExactly(4, 0);
        assertThat(iterator.isNewEpoch()).isTrue();
        assertThat(iterator.epoch()).isEqualTo(1);
        assertThat(iterator.previousEpochDetail()).isEqualTo(0.8);
        assertThat(iterator.epochDetail()).isEqualTo(1.2);
        assertThat(next(iterator)).containsExactly(1, 2);
    }

    @Test
    void anEpochThatFitsEndsWithItsLastExample() {
        var iterator = new SerialIterator(numbers(4), 2, true, false);
        next(iterator);
        assertThat(next(iterator)).containsExactly(2, 3);
        assertThat(iterator.isNewEpoch()).isTrue();
        assertThat(iterator.epochDetail()).isEqualTo(1);
    }

    @Test
    void withoutRepetitionTheLastBatchIsSmaller() {
        var iterator = new SerialIterator(numbers(5), 3, false, false);
        assertThat(next(iterator)).containsExactly(0, 1, 2);
        assertThat(next(iterator)).containsExactly(3, 4);
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
        iterator.reset();
        assertThat(next(iterator)).containsExactly(0, 1, 2);
    }

    @Test
    void anEpochMeetsEachExampleOnceInAnOrderThatTheSeedDecides() {
        Configuration.seed(4);
        var iterator = new SerialIterator(numbers(50), 10);
        var first = epoch(iterator);
        var second = epoch(iterator);
        assertThat(first).hasSize(50).doesNotHaveDuplicates().isNotEqualTo(second);
        assertThat(second).hasSize(50).doesNotHaveDuplicates();
        Configuration.seed(4);
        assertThat(epoch(new SerialIterator(numbers(50), 10))).isEqualTo(first);
        Configuration.seed(5);
        assertThat(epoch(new SerialIterator(numbers(50), 10))).isNotEqualTo(first);
    }

    private static List<Integer> epoch(SerialIterator iterator) {
        var all = new ArrayList<Integer>();
        for (int i = 0; i < 5; i++) all.addAll(next(iterator));
        return all;
    }

    @Test
    void aResumedIteratorGoesOnWhereTheOtherStood() {
        Configuration.seed(4);
        var iterator = new SerialIterator(numbers(7), 3);
        for (int i = 0; i < 4; i++) next(iterator);
        var state = iterator.state();
        Configuration.seed(4);
        var resumed = new SerialIterator(numbers(7), 3);
        resumed.resume(state);
        for (int i = 0; i < 6; i++) assertThat(next(resumed)).isEqualTo(next(iterator));
        assertThat(resumed.epochDetail()).isEqualTo(iterator.epochDetail());
    }

    @Test
    void wrongArgumentsAreNamed() {
        assertThatThrownBy(() -> new SerialIterator(numbers(3), 0))
                .hasMessage("SerialIterator: batch size: expected >= 1, got 0");
        assertThatThrownBy(() -> new SerialIterator(numbers(0), 1))
                .hasMessage("SerialIterator: dataset: expected one or more examples, got 0");
        assertThatThrownBy(() ->
                        new TupleDataset(Tensor.of(new int[2], 2), Tensor.of(new float[3], 3)))
                .hasMessage(
                        "TupleDataset: components: expected tensors with one leading extent, got"
                                + " [int32[2], float32[3]]");
    }
}
