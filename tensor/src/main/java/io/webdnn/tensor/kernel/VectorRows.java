package io.webdnn.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The inner loops of [Kernels#tile] for a single row, depthwise convolutions, and of
/// [Kernels#maxima].
final class VectorRows {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    private VectorRows() {}

    /// Four vectors.
    static void four(
            int height,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int[] bSteps,
            int k,
            float[] c,
            int cAt,
            boolean accumulate) {
        var zero = FloatVector.zero(S);
        FloatVector p = zero;
        FloatVector q = zero;
        FloatVector r = zero;
        FloatVector s = zero;
        if (accumulate) {
            p = FloatVector.fromArray(S, c, cAt);
            q = FloatVector.fromArray(S, c, cAt + L);
            r = FloatVector.fromArray(S, c, cAt + 2 * L);
            s = FloatVector.fromArray(S, c, cAt + 3 * L);
        }
        for (int t = 0; t < k; t++) {
            int at = bAt + bSteps[t];
            var x = FloatVector.broadcast(S, a[aAt + t * height]);
            p = x.fma(FloatVector.fromArray(S, b, at), p);
            q = x.fma(FloatVector.fromArray(S, b, at + L), q);
            r = x.fma(FloatVector.fromArray(S, b, at + 2 * L), r);
            s = x.fma(FloatVector.fromArray(S, b, at + 3 * L), s);
        }
        p.intoArray(c, cAt);
        q.intoArray(c, cAt + L);
        r.intoArray(c, cAt + 2 * L);
        s.intoArray(c, cAt + 3 * L);
    }

    /// Two vectors of maxima.
    static void maxima(float[] x, int xAt, int[] steps, float[] y, int yAt) {
        var p = FloatVector.fromArray(S, x, xAt + steps[0]);
        var q = FloatVector.fromArray(S, x, xAt + steps[0] + L);
        for (int s = 1; s < steps.length; s++) {
            int at = xAt + steps[s];
            p = p.max(FloatVector.fromArray(S, x, at));
            q = q.max(FloatVector.fromArray(S, x, at + L));
        }
        p.intoArray(y, yAt);
        q.intoArray(y, yAt + L);
    }

    /// One vector of maxima.
    static void maximum(float[] x, int xAt, int[] steps, float[] y, int yAt) {
        var p = FloatVector.fromArray(S, x, xAt + steps[0]);
        for (int s = 1; s < steps.length; s++)
            p = p.max(FloatVector.fromArray(S, x, xAt + steps[s]));
        p.intoArray(y, yAt);
    }

    /// One vector.
    static void one(
            int height,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int[] bSteps,
            int k,
            float[] c,
            int cAt,
            boolean accumulate) {
        FloatVector p = accumulate ? FloatVector.fromArray(S, c, cAt) : FloatVector.zero(S);
        for (int t = 0; t < k; t++) {
            var x = FloatVector.broadcast(S, a[aAt + t * height]);
            p = x.fma(FloatVector.fromArray(S, b, bAt + bSteps[t]), p);
        }
        p.intoArray(c, cAt);
    }
}
