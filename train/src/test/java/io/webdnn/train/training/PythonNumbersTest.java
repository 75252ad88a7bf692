package io.webdnn.train.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Python 3 prints for `repr(x)` and `'%g' % x`.
class PythonNumbersTest {
    @ParameterizedTest
    @CsvSource({
        "0.2197025963333624, 0.2197025963333624, 0.219703",
        "63.74211621284485, 63.74211621284485, 63.7421",
        "125.78573799133301, 125.78573799133301, 125.786",
        "1, 1.0, 1",
        "2, 2.0, 2",
        "100, 100.0, 100",
        "123456, 123456.0, 123456",
        "1234567, 1234567.0, 1.23457e+06",
        "0.0001, 0.0001, 0.0001",
        "0.00001, 1e-05, 1e-05",
        "0.000012345678, 1.2345678e-05, 1.23457e-05",
        "1e16, 1e+16, 1e+16",
        "1e15, 1000000000000000.0, 1e+15",
        "0, 0.0, 0",
        "-0.5, -0.5, -0.5",
        "NaN, NaN, nan",
        "Infinity, Infinity, inf"
    })
    void agreesWithPython(double value, String repr, String general) {
        assertThat(PythonNumbers.repr(value)).isEqualTo(repr);
        assertThat(PythonNumbers.general(value, 6)).isEqualTo(general);
    }
}
