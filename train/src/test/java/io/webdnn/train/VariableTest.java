package io.webdnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class VariableTest {
    private static final float[] NUMBERS = {1, -2, 3};

    @Test
    void aValueIsComputedWhenItIsAskedFor() {
        long before = Evaluation.programsRun();
        var x = new Variable(NUMBERS, 3);
        var y = F.relu(x).plus(1);
        assertThat(Evaluation.programsRun()).isEqualTo(before);
        assertThat(y.array().floats()).containsExactly(2, 1, 4);
        assertThat(Evaluation.programsRun()).isEqualTo(before + 1);
        y.array();
        assertThat(Evaluation.programsRun()).isEqualTo(before + 1);
    }

    @Test
    void holdsACopyOfTheArrayItIsGiven() {
        float[] numbers = {1, 2};
        var x = new Variable(numbers, 2);
        numbers[0] = 9;
        assertThat(x.array().floats()).containsExactly(1, 2);
        x.array().floats()[0] = 9;
        assertThat(x.array().floats()).containsExactly(1, 2);
    }

    @Test
    void printingComputesNothing() {
        long before = Evaluation.programsRun();
        var y = F.relu(new Variable(NUMBERS, 3));
        assertThat(y).hasToString("Variable float32[3] of ReLU, not computed");
        assertThat(new Variable(NUMBERS, 3).named("x")).hasToString("Variable 'x' float32[3]");
        assertThat(Evaluation.programsRun()).isEqualTo(before);
    }

    @Test
    void retainedVariablesAreComputedInTheSameProgram() {
        var x = new Variable(NUMBERS, 3);
        var a = F.relu(x).retain();
        var b = F.negate(x);
        long before = Evaluation.programsRun();
        assertThat(b.array().floats()).containsExactly(-1, 2, -3);
        assertThat(a.array().floats()).containsExactly(1, 0, 3);
        assertThat(Evaluation.programsRun()).isEqualTo(before + 1);
    }

    @Test
    void scalarsAndBatchSizesNeedNoOtherProgram() {
        run(0.5, 3);
        long before = Evaluation.programsCompiled();
        for (int size : new int[] {1, 4, 7}) run(size / 3.0, size);
        assertThat(Evaluation.programsCompiled()).isEqualTo(before);
    }

    private static void run(double factor, int size) {
        float[] numbers = new float[2 * size];
        for (int i = 0; i < numbers.length; i++) numbers[i] = i;
        var y = new Variable(numbers, size, 2).times(factor).plus(1);
        assertThat(y.array().floats()[2 * size - 1]).isEqualTo((2 * size - 1) * (float) factor + 1);
    }

    @Test
    void aBatchThatIsAsLargeAsAnotherAxisIsComputedToo() {
        var weight = new Variable(new float[] {1, 2, 3}, 3);
        for (int n : new int[] {2, 3, 4}) {
            float[] ones = new float[n * 3];
            java.util.Arrays.fill(ones, 1);
            var y = F.sum(new Variable(ones, n, 3).times(weight), 1);
            assertThat(y.array().floats()).hasSize(n).containsOnly(6);
        }
    }

    @Test
    void aShapeThatNamesTheBatchHoldsForThatBatchOnly() {
        for (int n : new int[] {2, 5}) {
            var x = new Variable(new float[n * 6], n, 2, 3);
            assertThat(F.reshape(x, n, 6).array().shape()).containsExactly(n, 6);
            assertThat(F.reshape(x, -1, 6).array().shape()).containsExactly(n, 6);
        }
    }

    @Test
    void aLongHistoryIsNoProblem() {
        var x = new Variable(new float[] {0}, 1);
        var y = x;
        for (int i = 0; i < 10_000; i++) y = F.negate(y).retain();
        synchronized (Evaluation.LOCK) {
            assertThat(History.of(List.of(y)).nodes()).hasSize(10_000);
        }
    }

    @Test
    void eagerlyEachFunctionIsComputedAtOnce() {
        try (var _ = Configuration.eager(true)) {
            long before = Evaluation.programsRun();
            F.relu(F.negate(new Variable(NUMBERS, 3)));
            assertThat(Evaluation.programsRun()).isEqualTo(before + 2);
        }
    }

    @Test
    void itemIsForOneElement() {
        assertThat(F.sum(new Variable(NUMBERS, 3)).item()).isEqualTo(2);
        assertThatThrownBy(() -> new Variable(NUMBERS, 3).item())
                .hasMessage("item: variable: expected one element, got float32[3]");
    }

    @Test
    void unchainingForgetsTheHistory() {
        var y = F.relu(new Variable(NUMBERS, 3)).unchain();
        assertThat(y.creator()).isNull();
        assertThat(y.array().floats()).containsExactly(1, 0, 3);
    }

    @Test
    void integersAreInt32() {
        assertThat(new Variable(new int[] {1, 2}, 2).type()).hasToString("int32[2]");
        assertThat(new Variable(Tensor.of(new long[] {1}, 1)).type()).hasToString("int64[1]");
    }
}
