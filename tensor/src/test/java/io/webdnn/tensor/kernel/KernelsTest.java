package io.webdnn.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each implementation against plain loops in double, over sizes on both sides of each width.
class KernelsTest {
    private static final int[] SIZES = {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 100, 622};

    static Stream<Arguments> tiles() {
        return runs().flatMap(run ->
                Stream.of(4, 8).map(h -> Arguments.of(run.get()[0], h, run.get()[1])));
    }

    static Stream<Kernels> implementations() {
        return Stream.of(new ScalarKernels(), new VectorKernels());
    }

    static Stream<Arguments> runs() {
        return implementations()
                .flatMap(k -> Arrays.stream(SIZES).mapToObj(n -> Arguments.of(k, n)));
    }

    private static float[] random(int n, int seed) {
        var random = new Random(seed);
        var values = new float[n];
        for (int i = 0; i < n; i++) values[i] = (float) random.nextGaussian();
        return values;
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void tileIsAProductOfMatrices(Kernels kernels, int height, int columns) {
        for (int k : new int[] {0, 1, 9, 70}) {
            for (int rows = 1; rows <= height; rows++) {
                int lanes = kernels.lanes();
                int padded = (columns + lanes - 1) / lanes * lanes;
                for (boolean accumulate : new boolean[] {false, true})
                    check(kernels, height, rows, k, padded, accumulate);
            }
        }
    }

    private static void check(
            Kernels kernels, int height, int rows, int k, int columns, boolean accumulate) {
        var a = random(2 + k * height, 1);
        var steps = new int[k + 1];
        for (int p = 0; p < k; p++) steps[p] = (p * 7 + 3) % Math.max(1, k) * (columns + 1);
        var b = random(5 + (k + 1) * (columns + 1), 2);
        int pitch = columns + 3;
        var c = random(4 + 8 * pitch, 3);
        var before = c.clone();
        kernels.tile(height, rows, a, 2, b, 5, steps, k, c, 4, pitch, columns, accumulate);
        for (int at = 0; at < c.length; at++) {
            int i = Math.floorDiv(at - 4, pitch);
            int j = Math.floorMod(at - 4, pitch);
            if (at < 4 || i >= rows || j >= columns) {
                assertThat(c[at]).as("untouched element %d", at).isEqualTo(before[at]);
                continue;
            }
            double expected = accumulate ? before[at] : 0;
            for (int p = 0; p < k; p++)
                expected += (double) a[2 + p * height + i] * b[5 + steps[p] + j];
            assertThat((double) c[at])
                    .as("c[%d, %d] for k = %d, %d rows", i, j, k, rows)
                    .isCloseTo(expected, within(1e-6 * (k + 4)));
        }
    }

    @ParameterizedTest
    @MethodSource("implementations")
    void panelIsATileOfPackedRows(Kernels kernels) {
        int pitch = kernels.tileColumns() + 3;
        for (int k : new int[] {0, 1, 9, 70}) {
            var steps = new int[k];
            for (int p = 0; p < k; p++) steps[p] = p * kernels.tileColumns();
            var a = random(2 + k * 8, 1);
            var b = random(5 + k * kernels.tileColumns(), 2);
            for (int height : new int[] {4, 8}) {
                for (int rows = 1; rows <= height; rows++) {
                    for (int columns : new int[] {kernels.lanes(), kernels.tileColumns()}) {
                        for (boolean accumulate : new boolean[] {false, true}) {
                            var c = random(4 + 8 * pitch, 3);
                            var expected = c.clone();
                            kernels.tile(
                                    height,
                                    rows,
                                    a,
                                    2,
                                    b,
                                    5,
                                    steps,
                                    k,
                                    expected,
                                    4,
                                    pitch,
                                    columns,
                                    accumulate);
                            kernels.panel(
                                    height, rows, a, 2, b, 5, k, c, 4, pitch, columns, accumulate);
                            assertThat(c).as("k = %d, %d rows", k, rows).isEqualTo(expected);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("implementations")
    void runsArePackedSideBySide(Kernels kernels) {
        int width = kernels.tileColumns();
        var runs = new int[] {99, 3, 40, 0, 99};
        var lengths = new int[] {9, 1, width / 2 + 1, width / 2 - 2, 9};
        var steps = new int[] {77, 5, 0, 60, 77};
        var from = random(7 + 60 + 40 + width / 2 + 1, 4); // ends with the farthest run
        var to = new float[2 + 3 * width + 3];
        kernels.packRuns(from, 7, steps, 1, 4, runs, lengths, 1, 4, to, 2);
        for (int s = 0; s < 3; s++) {
            int at = 2 + s * width;
            for (int r = 1; r < 4; r++) {
                for (int i = 0; i < lengths[r]; i++)
                    assertThat(to[at++])
                            .as("row %d, run %d, element %d", s, r, i)
                            .isEqualTo(from[7 + steps[s + 1] + runs[r] + i]);
            }
        }
        assertThat(Arrays.copyOfRange(to, to.length - 3, to.length)).containsOnly(0);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void dotAddsUpRuns(Kernels kernels, int length) {
        var aRows = new int[] {0, 0, 2 * length, 5, 1, 7};
        var bRows = new int[] {3, 0, length, 1, 6, 2, 4};
        var aSteps = new int[] {9, 0, length};
        var bSteps = new int[] {0, 4, 2 * length};
        var a = random(4 * length + 40, 4);
        var b = random(4 * length + 40, 5);
        var sums = new float[3 + 16 * kernels.lanes()];
        kernels.dot(a, 1, aRows, 2, aSteps, b, 2, bRows, 3, bSteps, 0, 1, length, sums, 3);
        kernels.dot(a, 1, aRows, 2, aSteps, b, 2, bRows, 3, bSteps, 1, 3, length, sums, 3);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                double expected = 0;
                for (int s = 0; s < 3; s++) {
                    for (int l = 0; l < length; l++) {
                        expected +=
                                (double) a[1 + aRows[2 + i] + aSteps[s] + l]
                                        * b[2 + bRows[3 + j] + bSteps[s] + l];
                    }
                }
                float actual = kernels.sumLanes(sums, 3 + (4 * i + j) * kernels.lanes());
                assertThat((double) actual)
                        .as("product (%d, %d)", i, j)
                        .isCloseTo(expected, within(2e-6 * (length + 4)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void sumIsTheSum(Kernels kernels, int n) {
        var x = random(n + 9, 6);
        double expected = 0;
        for (int i = 0; i < n; i++) expected += x[4 + i];
        assertThat((double) kernels.sum(x, 4, n)).isCloseTo(expected, within(1e-6 * (n + 4)));
        x[4 + n / 2] = Float.NaN;
        assertThat(kernels.sum(x, 4, n)).isNaN();
    }

    @ParameterizedTest
    @MethodSource("runs")
    void maximaAreThoseOfEachColumn(Kernels kernels, int columns) {
        var steps = new int[] {4, 0, 9};
        var x = random(2 + 9 + columns, 8);
        x[2 + 4 + columns / 2] = Float.NaN;
        var y = new float[3 + columns + 1];
        kernels.maxima(x, 2, steps, y, 3, columns);
        for (int j = 0; j < columns; j++) {
            float expected = Math.max(Math.max(x[2 + 4 + j], x[2 + j]), x[2 + 9 + j]);
            assertThat(y[3 + j]).as("column %d", j).isEqualTo(Float.valueOf(expected));
        }
        assertThat(new float[] {y[0], y[1], y[2], y[3 + columns]}).containsOnly(0);
    }

    @ParameterizedTest
    @MethodSource("runs")
    void rowsAreCopiedAndTransposed(Kernels kernels, int columns) {
        int rows = 19;
        var from = random(2 + rows * (columns + 3), 7);
        var copy = new float[5 + rows * (columns + 2)];
        kernels.copyRows(from, 2, columns + 3, copy, 5, columns + 2, rows, columns);
        var steps = new int[rows];
        for (int i = 0; i < rows; i++) steps[i] = i * (columns + 3);
        var gathered = new float[5 + rows * (columns + 2)];
        kernels.gatherRows(from, 2, steps, rows, gathered, 5, columns + 2, columns);
        assertThat(gathered).isEqualTo(copy);
        var turned = new float[3 + columns * (rows + 1)];
        kernels.transpose(from, 2, columns + 3, turned, 3, rows + 1, rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                float expected = from[2 + i * (columns + 3) + j];
                assertThat(copy[5 + i * (columns + 2) + j]).isEqualTo(expected);
                assertThat(turned[3 + j * (rows + 1) + i]).isEqualTo(expected);
            }
            assertThat(copy[5 + i * (columns + 2) + columns]).isZero();
        }
    }
}
