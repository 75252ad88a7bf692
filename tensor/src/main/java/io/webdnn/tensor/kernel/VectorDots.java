package io.webdnn.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// The inner loops of [Kernels#dot]: sixteen vectors of partial sums in registers.
final class VectorDots {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    private VectorDots() {}

    /// The whole vectors of each run.
    static void dotWhole(
            float[] a,
            int a0,
            int a1,
            int a2,
            int a3,
            int[] aSteps,
            float[] b,
            int b0,
            int b1,
            int b2,
            int b3,
            int[] bSteps,
            int from,
            int to,
            int length,
            float[] sums,
            int at) {
        var s00 = FloatVector.fromArray(S, sums, at);
        var s01 = FloatVector.fromArray(S, sums, at + 1 * L);
        var s02 = FloatVector.fromArray(S, sums, at + 2 * L);
        var s03 = FloatVector.fromArray(S, sums, at + 3 * L);
        var s10 = FloatVector.fromArray(S, sums, at + 4 * L);
        var s11 = FloatVector.fromArray(S, sums, at + 5 * L);
        var s12 = FloatVector.fromArray(S, sums, at + 6 * L);
        var s13 = FloatVector.fromArray(S, sums, at + 7 * L);
        var s20 = FloatVector.fromArray(S, sums, at + 8 * L);
        var s21 = FloatVector.fromArray(S, sums, at + 9 * L);
        var s22 = FloatVector.fromArray(S, sums, at + 10 * L);
        var s23 = FloatVector.fromArray(S, sums, at + 11 * L);
        var s30 = FloatVector.fromArray(S, sums, at + 12 * L);
        var s31 = FloatVector.fromArray(S, sums, at + 13 * L);
        var s32 = FloatVector.fromArray(S, sums, at + 14 * L);
        var s33 = FloatVector.fromArray(S, sums, at + 15 * L);
        for (int s = from; s < to; s++) {
            int x = aSteps[s];
            int y = bSteps[s];
            for (int l = 0; l <= length - L; l += L) {
                var y0 = FloatVector.fromArray(S, b, b0 + y + l);
                var y1 = FloatVector.fromArray(S, b, b1 + y + l);
                var y2 = FloatVector.fromArray(S, b, b2 + y + l);
                var y3 = FloatVector.fromArray(S, b, b3 + y + l);
                var x0 = FloatVector.fromArray(S, a, a0 + x + l);
                s00 = x0.fma(y0, s00);
                s01 = x0.fma(y1, s01);
                s02 = x0.fma(y2, s02);
                s03 = x0.fma(y3, s03);
                var x1 = FloatVector.fromArray(S, a, a1 + x + l);
                s10 = x1.fma(y0, s10);
                s11 = x1.fma(y1, s11);
                s12 = x1.fma(y2, s12);
                s13 = x1.fma(y3, s13);
                var x2 = FloatVector.fromArray(S, a, a2 + x + l);
                s20 = x2.fma(y0, s20);
                s21 = x2.fma(y1, s21);
                s22 = x2.fma(y2, s22);
                s23 = x2.fma(y3, s23);
                var x3 = FloatVector.fromArray(S, a, a3 + x + l);
                s30 = x3.fma(y0, s30);
                s31 = x3.fma(y1, s31);
                s32 = x3.fma(y2, s32);
                s33 = x3.fma(y3, s33);
            }
        }
        s00.intoArray(sums, at);
        s01.intoArray(sums, at + 1 * L);
        s02.intoArray(sums, at + 2 * L);
        s03.intoArray(sums, at + 3 * L);
        s10.intoArray(sums, at + 4 * L);
        s11.intoArray(sums, at + 5 * L);
        s12.intoArray(sums, at + 6 * L);
        s13.intoArray(sums, at + 7 * L);
        s20.intoArray(sums, at + 8 * L);
        s21.intoArray(sums, at + 9 * L);
        s22.intoArray(sums, at + 10 * L);
        s23.intoArray(sums, at + 11 * L);
        s30.intoArray(sums, at + 12 * L);
        s31.intoArray(sums, at + 13 * L);
        s32.intoArray(sums, at + 14 * L);
        s33.intoArray(sums, at + 15 * L);
    }

    /// The rest of each run, fewer lanes than a vector has, of two rows. Masked loads are long: a
    /// method with four rows of them is too much for the JVM's first compiler, and then gets stuck
    /// there.
    static void dotRest(
            float[] a,
            int a0,
            int a1,
            int[] aSteps,
            float[] b,
            int b0,
            int b1,
            int b2,
            int b3,
            int[] bSteps,
            int from,
            int to,
            int width,
            float[] sums,
            int at) {
        VectorMask<Float> mask = S.indexInRange(0, width);
        var s00 = FloatVector.fromArray(S, sums, at);
        var s01 = FloatVector.fromArray(S, sums, at + 1 * L);
        var s02 = FloatVector.fromArray(S, sums, at + 2 * L);
        var s03 = FloatVector.fromArray(S, sums, at + 3 * L);
        var s10 = FloatVector.fromArray(S, sums, at + 4 * L);
        var s11 = FloatVector.fromArray(S, sums, at + 5 * L);
        var s12 = FloatVector.fromArray(S, sums, at + 6 * L);
        var s13 = FloatVector.fromArray(S, sums, at + 7 * L);
        for (int s = from; s < to; s++) {
            int x = aSteps[s];
            int y = bSteps[s];
            var x0 = FloatVector.fromArray(S, a, a0 + x, mask);
            var x1 = FloatVector.fromArray(S, a, a1 + x, mask);
            var y0 = FloatVector.fromArray(S, b, b0 + y, mask);
            s00 = x0.fma(y0, s00);
            s10 = x1.fma(y0, s10);
            var y1 = FloatVector.fromArray(S, b, b1 + y, mask);
            s01 = x0.fma(y1, s01);
            s11 = x1.fma(y1, s11);
            var y2 = FloatVector.fromArray(S, b, b2 + y, mask);
            s02 = x0.fma(y2, s02);
            s12 = x1.fma(y2, s12);
            var y3 = FloatVector.fromArray(S, b, b3 + y, mask);
            s03 = x0.fma(y3, s03);
            s13 = x1.fma(y3, s13);
        }
        s00.intoArray(sums, at);
        s01.intoArray(sums, at + 1 * L);
        s02.intoArray(sums, at + 2 * L);
        s03.intoArray(sums, at + 3 * L);
        s10.intoArray(sums, at + 4 * L);
        s11.intoArray(sums, at + 5 * L);
        s12.intoArray(sums, at + 6 * L);
        s13.intoArray(sums, at + 7 * L);
    }
}
