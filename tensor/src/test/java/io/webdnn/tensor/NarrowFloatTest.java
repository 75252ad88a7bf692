package io.webdnn.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NarrowFloatTest {
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {
                "FLOAT16",
                "BFLOAT16",
                "FLOAT8E4M3FN",
                "FLOAT8E4M3FNUZ",
                "FLOAT8E5M2",
                "FLOAT8E5M2FNUZ",
                "FLOAT8E8M0",
                "FLOAT4E2M1"
            })
    void everyNumberKeepsItsBits(DType dtype) {
        for (int bits = 0; bits < 1 << dtype.bits(); bits++) {
            double value = NarrowFloat.decode(dtype, bits);
            int again = NarrowFloat.encode(dtype, value, false);
            if (Double.isNaN(value)) {
                assertThat(NarrowFloat.decode(dtype, again)).as("bits %x", bits).isNaN();
            } else {
                assertThat(again).as("bits %x", bits).isEqualTo(bits);
            }
        }
    }

    /// Values of the tables of the ONNX specification.
    @ParameterizedTest
    @CsvSource({
        "FLOAT8E4M3FN, 0x7e, 448",
        "FLOAT8E4M3FN, 0x7f, NaN",
        "FLOAT8E4M3FN, 0x01, 0.001953125",
        "FLOAT8E4M3FNUZ, 0x7f, 240",
        "FLOAT8E4M3FNUZ, 0x80, NaN",
        "FLOAT8E5M2, 0x7b, 57344",
        "FLOAT8E5M2, 0xfc, -Infinity",
        "FLOAT8E5M2, 0x7d, NaN",
        "FLOAT8E5M2FNUZ, 0x7f, 57344",
        "FLOAT8E5M2FNUZ, 0x80, NaN",
        "FLOAT4E2M1, 0x7, 6",
        "FLOAT4E2M1, 0xf, -6",
        "FLOAT4E2M1, 0x1, 0.5",
        "FLOAT8E8M0, 127, 1",
        "FLOAT8E8M0, 0, 5.877471754111438e-39",
        "FLOAT8E8M0, 255, NaN",
        "BFLOAT16, 0x3f80, 1"
    })
    void bitsMean(DType dtype, String bits, double expected) {
        assertThat(NarrowFloat.decode(dtype, Integer.decode(bits)))
                .isEqualTo(Double.valueOf(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT8E4M3FN, 1e9, true, 448",
        "FLOAT8E4M3FN, -Infinity, true, -448",
        "FLOAT8E4M3FN, 1e9, false, NaN",
        "FLOAT8E4M3FN, 463, false, 448",
        "FLOAT8E5M2, 1e9, false, Infinity",
        "FLOAT8E5M2, -1e9, true, -57344",
        "FLOAT8E5M2, 1.125, true, 1",
        "FLOAT8E5M2, 1.375, true, 1.5",
        "FLOAT8E5M2FNUZ, 1e9, false, NaN",
        "FLOAT8E4M3FN, 0.0009765625, true, 0",
        "FLOAT8E4M3FN, 0.001, true, 0.001953125",
        "FLOAT4E2M1, 2.5, true, 2",
        "FLOAT4E2M1, 5, true, 4",
        "FLOAT4E2M1, -7, false, -6",
        "FLOAT4E2M1, 0.25, true, 0",
        "FLOAT4E2M1, 0.75, true, 1",
        "FLOAT8E8M0, 1.1, true, 2",
        "FLOAT8E8M0, -4, true, 4",
        "FLOAT16, 2049, true, 2048",
        "BFLOAT16, 257, true, 256",
        "BFLOAT16, 259, true, 260"
    })
    void valuesRound(DType dtype, double value, boolean saturate, double expected) {
        assertThat(NarrowFloat.round(dtype, value, saturate)).isEqualTo(Double.valueOf(expected));
    }

    @Test
    void notANumberIsMinusZeroInFourBits() {
        assertThat(NarrowFloat.round(DType.FLOAT4E2M1, Double.NaN)).isEqualTo(Double.valueOf(-0.0));
        assertThat(NarrowFloat.round(DType.FLOAT8E4M3FNUZ, -0.0)).isEqualTo(Double.valueOf(0.0));
    }

    @Test
    void tensorsHoldNarrowFloats() {
        var tensor = Tensor.zeros(DType.FLOAT8E5M2, 2);
        tensor.setDouble(0, 1.4);
        tensor.setLong(1, 3);
        assertThat(tensor.getDouble(0)).isEqualTo(1.5);
        assertThat(tensor.getLong(1)).isEqualTo(3);
    }

    @Test
    void anInfinityStaysWhereTheDtypeHasIt() {
        var tensor = Tensor.zeros(DType.FLOAT8E5M2, 2);
        tensor.setDouble(0, Double.NEGATIVE_INFINITY);
        tensor.setDouble(1, 1e6);
        assertThat(tensor.getDouble(0)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(tensor.getDouble(1)).isEqualTo(57344);
    }
}
