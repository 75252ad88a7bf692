package io.webdnn.verify.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import org.junit.jupiter.api.Test;

class ToleranceTest {
    private static final Tolerance EXACT = Tolerance.EXACT_ARITHMETIC;

    private static Tensor floats(float... values) {
        return Tensor.of(values, values.length);
    }

    @Test
    void aThousandthIsRightAndMoreIsNot() {
        assertThat(EXACT.compare(floats(1, 1000), floats(1.0009f, 999.1f))).isNull();
        assertThat(EXACT.compare(floats(1, 1000, 2), floats(1, 1002, 2.1f)))
                .isEqualTo(
                        "2 of 3 elements are wrong, the worst at 1: expected 1000.0, got 1002.0");
    }

    @Test
    void zerosAreExactButOnGpusWhereTheSumIsLarge() {
        assertThat(EXACT.compare(floats(0, 1000), floats(5e-4f, 1000))).isNotNull();
        assertThat(Tolerance.GPU.compare(floats(0, 1000), floats(5e-4f, 1000))).isNull();
        assertThat(Tolerance.GPU.compare(floats(0, 1000), floats(2e-3f, 1000))).isNotNull();
        assertThat(Tolerance.GPU.compare(floats(0, 1), floats(5e-4f, 1))).isNotNull();
    }

    @Test
    void valuesThatAreNotFiniteAreThemselves() {
        float nan = Float.NaN;
        float infinity = Float.POSITIVE_INFINITY;
        assertThat(EXACT.compare(floats(nan, infinity), floats(nan, infinity))).isNull();
        assertThat(EXACT.compare(floats(1), floats(nan))).isNotNull();
        assertThat(EXACT.compare(floats(nan), floats(1))).isNotNull();
        assertThat(EXACT.compare(floats(infinity), floats(-infinity))).isNotNull();
        assertThat(EXACT.compare(floats(infinity), floats(Float.MAX_VALUE))).isNotNull();
        assertThat(Tolerance.GPU.compare(floats(1, infinity), floats(2, infinity))).isNotNull();
    }

    @Test
    void integersBoolsAndStringsAreExact() {
        assertThat(EXACT.compare(Tensor.of(new long[] {1000}), Tensor.of(new long[] {1001})))
                .isEqualTo("element 0: expected 1000, got 1001");
        assertThat(EXACT.compare(Tensor.of(new boolean[] {true}), Tensor.of(new boolean[] {false})))
                .isNotNull();
        var a = Tensor.of(DType.STRING, new String[] {"a", "b"}, 2);
        assertThat(EXACT.compare(a, Tensor.of(DType.STRING, new String[] {"a", "c"}, 2)))
                .isEqualTo("element 1: expected b, got c");
        assertThat(EXACT.compare(a, a.copy())).isNull();
    }

    @Test
    void dtypeAndShapeAreExact() {
        assertThat(EXACT.compare(floats(1), Tensor.of(new int[] {1}, 1)))
                .isEqualTo("expected float32[1], got int32[1]");
        assertThat(EXACT.compare(floats(1), Tensor.of(new float[] {1})))
                .isEqualTo("expected float32[1], got float32[]");
    }

    @Test
    void narrowFloatsHaveTheirOwnStep() {
        var one = Tensor.scalar(DType.FLOAT16, 100);
        assertThat(EXACT.compare(one, Tensor.scalar(DType.FLOAT16, 100.125))).isNull();
        assertThat(EXACT.compare(one, Tensor.scalar(DType.FLOAT16, 100.5))).isNotNull();
        var nan = Tensor.of(DType.FLOAT8E5M2, new byte[] {0x7d}, 1);
        assertThat(EXACT.compare(nan, Tensor.of(DType.FLOAT8E5M2, new byte[] {0x7f}, 1))).isNull();
        assertThat(EXACT.compare(nan, Tensor.of(DType.FLOAT8E5M2, new byte[] {0x7c}, 1)))
                .isEqualTo("element 0: expected NaN, got 0x7c");
    }
}
