package io.webdnn.tensor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The inner loops of [Kernels#panel], which are those of [VectorTiles] but for where the row of
/// each k begins: that it is no element of an array lets the JVM's compiler take the checks of
/// bounds out of the loop, a fifth of its time.
final class VectorPanels {
    private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final int L = S.length();

    private VectorPanels() {}

    /// Eight rows, two vectors.
    static void eight(
            int height,
            int rows,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int k,
            float[] c,
            int cAt,
            int cPitch,
            boolean accumulate) {
        var zero = FloatVector.zero(S);
        FloatVector p0 = zero;
        FloatVector q0 = zero;
        FloatVector p1 = zero;
        FloatVector q1 = zero;
        FloatVector p2 = zero;
        FloatVector q2 = zero;
        FloatVector p3 = zero;
        FloatVector q3 = zero;
        FloatVector p4 = zero;
        FloatVector q4 = zero;
        FloatVector p5 = zero;
        FloatVector q5 = zero;
        FloatVector p6 = zero;
        FloatVector q6 = zero;
        FloatVector p7 = zero;
        FloatVector q7 = zero;
        if (accumulate) {
            p0 = FloatVector.fromArray(S, c, cAt + 0 * cPitch);
            q0 = FloatVector.fromArray(S, c, cAt + 0 * cPitch + L);
            if (rows > 1) {
                p1 = FloatVector.fromArray(S, c, cAt + 1 * cPitch);
                q1 = FloatVector.fromArray(S, c, cAt + 1 * cPitch + L);
            }
            if (rows > 2) {
                p2 = FloatVector.fromArray(S, c, cAt + 2 * cPitch);
                q2 = FloatVector.fromArray(S, c, cAt + 2 * cPitch + L);
            }
            if (rows > 3) {
                p3 = FloatVector.fromArray(S, c, cAt + 3 * cPitch);
                q3 = FloatVector.fromArray(S, c, cAt + 3 * cPitch + L);
            }
            if (rows > 4) {
                p4 = FloatVector.fromArray(S, c, cAt + 4 * cPitch);
                q4 = FloatVector.fromArray(S, c, cAt + 4 * cPitch + L);
            }
            if (rows > 5) {
                p5 = FloatVector.fromArray(S, c, cAt + 5 * cPitch);
                q5 = FloatVector.fromArray(S, c, cAt + 5 * cPitch + L);
            }
            if (rows > 6) {
                p6 = FloatVector.fromArray(S, c, cAt + 6 * cPitch);
                q6 = FloatVector.fromArray(S, c, cAt + 6 * cPitch + L);
            }
            if (rows > 7) {
                p7 = FloatVector.fromArray(S, c, cAt + 7 * cPitch);
                q7 = FloatVector.fromArray(S, c, cAt + 7 * cPitch + L);
            }
        }
        for (int t = 0; t < k; t++) {
            int at = bAt + t * 2 * L;
            int x = aAt + t * height;
            var b0 = FloatVector.fromArray(S, b, at);
            var b1 = FloatVector.fromArray(S, b, at + L);
            var a0 = FloatVector.broadcast(S, a[x]);
            p0 = a0.fma(b0, p0);
            q0 = a0.fma(b1, q0);
            var a1 = FloatVector.broadcast(S, a[x + 1]);
            p1 = a1.fma(b0, p1);
            q1 = a1.fma(b1, q1);
            var a2 = FloatVector.broadcast(S, a[x + 2]);
            p2 = a2.fma(b0, p2);
            q2 = a2.fma(b1, q2);
            var a3 = FloatVector.broadcast(S, a[x + 3]);
            p3 = a3.fma(b0, p3);
            q3 = a3.fma(b1, q3);
            var a4 = FloatVector.broadcast(S, a[x + 4]);
            p4 = a4.fma(b0, p4);
            q4 = a4.fma(b1, q4);
            var a5 = FloatVector.broadcast(S, a[x + 5]);
            p5 = a5.fma(b0, p5);
            q5 = a5.fma(b1, q5);
            var a6 = FloatVector.broadcast(S, a[x + 6]);
            p6 = a6.fma(b0, p6);
            q6 = a6.fma(b1, q6);
            var a7 = FloatVector.broadcast(S, a[x + 7]);
            p7 = a7.fma(b0, p7);
            q7 = a7.fma(b1, q7);
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + L);
        if (rows > 1) {
            p1.intoArray(c, cAt + 1 * cPitch);
            q1.intoArray(c, cAt + 1 * cPitch + L);
        }
        if (rows > 2) {
            p2.intoArray(c, cAt + 2 * cPitch);
            q2.intoArray(c, cAt + 2 * cPitch + L);
        }
        if (rows > 3) {
            p3.intoArray(c, cAt + 3 * cPitch);
            q3.intoArray(c, cAt + 3 * cPitch + L);
        }
        if (rows > 4) {
            p4.intoArray(c, cAt + 4 * cPitch);
            q4.intoArray(c, cAt + 4 * cPitch + L);
        }
        if (rows > 5) {
            p5.intoArray(c, cAt + 5 * cPitch);
            q5.intoArray(c, cAt + 5 * cPitch + L);
        }
        if (rows > 6) {
            p6.intoArray(c, cAt + 6 * cPitch);
            q6.intoArray(c, cAt + 6 * cPitch + L);
        }
        if (rows > 7) {
            p7.intoArray(c, cAt + 7 * cPitch);
            q7.intoArray(c, cAt + 7 * cPitch + L);
        }
    }

    /// Eight rows, one vector.
    static void eightNarrow(
            int height,
            int rows,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int k,
            float[] c,
            int cAt,
            int cPitch,
            boolean accumulate) {
        var zero = FloatVector.zero(S);
        FloatVector p0 = zero;
        FloatVector p1 = zero;
        FloatVector p2 = zero;
        FloatVector p3 = zero;
        FloatVector p4 = zero;
        FloatVector p5 = zero;
        FloatVector p6 = zero;
        FloatVector p7 = zero;
        if (accumulate) {
            p0 = FloatVector.fromArray(S, c, cAt + 0 * cPitch);
            if (rows > 1) {
                p1 = FloatVector.fromArray(S, c, cAt + 1 * cPitch);
            }
            if (rows > 2) {
                p2 = FloatVector.fromArray(S, c, cAt + 2 * cPitch);
            }
            if (rows > 3) {
                p3 = FloatVector.fromArray(S, c, cAt + 3 * cPitch);
            }
            if (rows > 4) {
                p4 = FloatVector.fromArray(S, c, cAt + 4 * cPitch);
            }
            if (rows > 5) {
                p5 = FloatVector.fromArray(S, c, cAt + 5 * cPitch);
            }
            if (rows > 6) {
                p6 = FloatVector.fromArray(S, c, cAt + 6 * cPitch);
            }
            if (rows > 7) {
                p7 = FloatVector.fromArray(S, c, cAt + 7 * cPitch);
            }
        }
        for (int t = 0; t < k; t++) {
            int at = bAt + t * 2 * L;
            int x = aAt + t * height;
            var b0 = FloatVector.fromArray(S, b, at);
            var a0 = FloatVector.broadcast(S, a[x]);
            p0 = a0.fma(b0, p0);
            var a1 = FloatVector.broadcast(S, a[x + 1]);
            p1 = a1.fma(b0, p1);
            var a2 = FloatVector.broadcast(S, a[x + 2]);
            p2 = a2.fma(b0, p2);
            var a3 = FloatVector.broadcast(S, a[x + 3]);
            p3 = a3.fma(b0, p3);
            var a4 = FloatVector.broadcast(S, a[x + 4]);
            p4 = a4.fma(b0, p4);
            var a5 = FloatVector.broadcast(S, a[x + 5]);
            p5 = a5.fma(b0, p5);
            var a6 = FloatVector.broadcast(S, a[x + 6]);
            p6 = a6.fma(b0, p6);
            var a7 = FloatVector.broadcast(S, a[x + 7]);
            p7 = a7.fma(b0, p7);
        }
        p0.intoArray(c, cAt);
        if (rows > 1) {
            p1.intoArray(c, cAt + 1 * cPitch);
        }
        if (rows > 2) {
            p2.intoArray(c, cAt + 2 * cPitch);
        }
        if (rows > 3) {
            p3.intoArray(c, cAt + 3 * cPitch);
        }
        if (rows > 4) {
            p4.intoArray(c, cAt + 4 * cPitch);
        }
        if (rows > 5) {
            p5.intoArray(c, cAt + 5 * cPitch);
        }
        if (rows > 6) {
            p6.intoArray(c, cAt + 6 * cPitch);
        }
        if (rows > 7) {
            p7.intoArray(c, cAt + 7 * cPitch);
        }
    }

    /// Four rows, two vectors.
    static void four(
            int height,
            int rows,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int k,
            float[] c,
            int cAt,
            int cPitch,
            boolean accumulate) {
        var zero = FloatVector.zero(S);
        FloatVector p0 = zero;
        FloatVector q0 = zero;
        FloatVector p1 = zero;
        FloatVector q1 = zero;
        FloatVector p2 = zero;
        FloatVector q2 = zero;
        FloatVector p3 = zero;
        FloatVector q3 = zero;
        if (accumulate) {
            p0 = FloatVector.fromArray(S, c, cAt + 0 * cPitch);
            q0 = FloatVector.fromArray(S, c, cAt + 0 * cPitch + L);
            if (rows > 1) {
                p1 = FloatVector.fromArray(S, c, cAt + 1 * cPitch);
                q1 = FloatVector.fromArray(S, c, cAt + 1 * cPitch + L);
            }
            if (rows > 2) {
                p2 = FloatVector.fromArray(S, c, cAt + 2 * cPitch);
                q2 = FloatVector.fromArray(S, c, cAt + 2 * cPitch + L);
            }
            if (rows > 3) {
                p3 = FloatVector.fromArray(S, c, cAt + 3 * cPitch);
                q3 = FloatVector.fromArray(S, c, cAt + 3 * cPitch + L);
            }
        }
        for (int t = 0; t < k; t++) {
            int at = bAt + t * 2 * L;
            int x = aAt + t * height;
            var b0 = FloatVector.fromArray(S, b, at);
            var b1 = FloatVector.fromArray(S, b, at + L);
            var a0 = FloatVector.broadcast(S, a[x]);
            p0 = a0.fma(b0, p0);
            q0 = a0.fma(b1, q0);
            var a1 = FloatVector.broadcast(S, a[x + 1]);
            p1 = a1.fma(b0, p1);
            q1 = a1.fma(b1, q1);
            var a2 = FloatVector.broadcast(S, a[x + 2]);
            p2 = a2.fma(b0, p2);
            q2 = a2.fma(b1, q2);
            var a3 = FloatVector.broadcast(S, a[x + 3]);
            p3 = a3.fma(b0, p3);
            q3 = a3.fma(b1, q3);
        }
        p0.intoArray(c, cAt);
        q0.intoArray(c, cAt + L);
        if (rows > 1) {
            p1.intoArray(c, cAt + 1 * cPitch);
            q1.intoArray(c, cAt + 1 * cPitch + L);
        }
        if (rows > 2) {
            p2.intoArray(c, cAt + 2 * cPitch);
            q2.intoArray(c, cAt + 2 * cPitch + L);
        }
        if (rows > 3) {
            p3.intoArray(c, cAt + 3 * cPitch);
            q3.intoArray(c, cAt + 3 * cPitch + L);
        }
    }

    /// Four rows, one vector.
    static void fourNarrow(
            int height,
            int rows,
            float[] a,
            int aAt,
            float[] b,
            int bAt,
            int k,
            float[] c,
            int cAt,
            int cPitch,
            boolean accumulate) {
        var zero = FloatVector.zero(S);
        FloatVector p0 = zero;
        FloatVector p1 = zero;
        FloatVector p2 = zero;
        FloatVector p3 = zero;
        if (accumulate) {
            p0 = FloatVector.fromArray(S, c, cAt + 0 * cPitch);
            if (rows > 1) {
                p1 = FloatVector.fromArray(S, c, cAt + 1 * cPitch);
            }
            if (rows > 2) {
                p2 = FloatVector.fromArray(S, c, cAt + 2 * cPitch);
            }
            if (rows > 3) {
                p3 = FloatVector.fromArray(S, c, cAt + 3 * cPitch);
            }
        }
        for (int t = 0; t < k; t++) {
            int at = bAt + t * 2 * L;
            int x = aAt + t * height;
            var b0 = FloatVector.fromArray(S, b, at);
            var a0 = FloatVector.broadcast(S, a[x]);
            p0 = a0.fma(b0, p0);
            var a1 = FloatVector.broadcast(S, a[x + 1]);
            p1 = a1.fma(b0, p1);
            var a2 = FloatVector.broadcast(S, a[x + 2]);
            p2 = a2.fma(b0, p2);
            var a3 = FloatVector.broadcast(S, a[x + 3]);
            p3 = a3.fma(b0, p3);
        }
        p0.intoArray(c, cAt);
        if (rows > 1) {
            p1.intoArray(c, cAt + 1 * cPitch);
        }
        if (rows > 2) {
            p2.intoArray(c, cAt + 2 * cPitch);
        }
        if (rows > 3) {
            p3.intoArray(c, cAt + 3 * cPitch);
        }
    }
}
