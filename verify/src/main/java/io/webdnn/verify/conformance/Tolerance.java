package io.webdnn.verify.conformance;

import io.webdnn.graph.Graph;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// How far a result may be from the expected one: `|actual − expected| ≤ atol + scaled · max
/// |expected| + rtol · |expected|`.
///
/// This is the only place that says so. `rtol` and `atol` of float32 are those of the ONNX backend
/// test; narrower floats get one unit in the last place more. Integers, bools and strings are
/// exact, NaN equals NaN, infinities equal those of their sign, dtypes and shapes are equal.
///
/// @param scaled the part that grows with the largest expected magnitude: a GPU that adds in
///   another order is wrong by units of the largest summand, also where the sum is 0
public record Tolerance(double scaled) {
    /// For targets with IEEE arithmetic.
    public static final Tolerance EXACT_ARITHMETIC = new Tolerance(0);

    /// For targets whose division, square root and order of addition are their own.
    public static final Tolerance GPU = new Tolerance(1e-6);

    /// For whole networks, whose runtimes associate thousands of sums in other orders.
    private static final Tolerance NETWORK = new Tolerance(1e-4);

    /// For networks that round to eight bits on the way: what is near the middle of a step goes to
    /// another one, and differs by a whole step from there on. ONNX Runtime differs by 0.035 of the
    /// largest magnitude from itself with its optimizations off.
    private static final Tolerance ROUNDED_NETWORK = new Tolerance(0.04);

    /// {@return the tolerance for the outputs of a network}
    static Tolerance ofNetwork(Graph graph) {
        boolean isRounded =
                graph.nodes().stream()
                        .flatMap(node -> node.outputs().stream())
                        .map(value -> value.type().dtype())
                        .anyMatch(dtype -> dtype == DType.INT8 || dtype == DType.UINT8);
        return isRounded ? ROUNDED_NETWORK : NETWORK;
    }

    private static double relative(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> 2e-3;
            case BFLOAT16 -> 8e-3;
            default -> 1e-3;
        };
    }

    private static double absolute(DType dtype) {
        return switch (dtype) {
            case FLOAT16 -> 1e-3;
            case BFLOAT16 -> 8e-3;
            default -> 1e-7;
        };
    }

    /// {@return what is wrong with a result, or null if nothing is}
    public @Nullable String compare(Tensor expected, Tensor actual) {
        if (expected.dtype() != actual.dtype() || !Arrays.equals(expected.shape(), actual.shape()))
            return "expected " + expected + ", got " + actual;
        return switch (expected.storage()) {
            case float[] e -> compareReals(expected, i -> e[i], i -> actual.floats()[i], e.length);
            case double[] e ->
                    compareReals(expected, i -> e[i], i -> actual.doubles()[i], e.length);
            case short[] e when expected.dtype().isFloat() ->
                    compareReals(expected, expected::getDouble, actual::getDouble, e.length);
            case byte[] e when expected.dtype().isFloat() ->
                    firstDifference(e.length, i -> float8(expected, i), i -> float8(actual, i));
            default ->
                    firstDifference(
                            expected.size(),
                            i -> Array.get(expected.storage(), i),
                            i -> Array.get(actual.storage(), i));
        };
    }

    private interface Element {
        double at(int i);
    }

    private @Nullable String compareReals(
            Tensor tensor, Element expected, Element actual, int count) {
        double largest = 0;
        for (int i = 0; i < count; i++) {
            double magnitude = Math.abs(expected.at(i));
            if (Double.isFinite(magnitude)) largest = Math.max(largest, magnitude);
        }
        double slack = absolute(tensor.dtype()) + scaled * largest;
        int wrong = 0;
        int worst = -1;
        double worstBy = 0;
        for (int i = 0; i < count; i++) {
            double by = excess(expected.at(i), actual.at(i), slack, relative(tensor.dtype()));
            if (by <= 0) continue;
            wrong++;
            if (worst < 0 || by > worstBy) {
                worst = i;
                worstBy = by;
            }
        }
        return wrong == 0
                ? null
                : "%d of %d elements are wrong, the worst at %d: expected %s, got %s"
                        .formatted(wrong, count, worst, expected.at(worst), actual.at(worst));
    }

    /// {@return how much more than allowed the difference is; ∞ for NaN or an infinity in the wrong
    /// place}
    private static double excess(double expected, double actual, double slack, double relative) {
        if (Double.isNaN(expected) || Double.isNaN(actual))
            return Double.isNaN(expected) && Double.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
        if (Double.isInfinite(expected) || Double.isInfinite(actual))
            return expected == actual ? 0 : Double.POSITIVE_INFINITY;
        return Math.abs(expected - actual) - slack - relative * Math.abs(expected);
    }

    private static @Nullable String firstDifference(
            int count, IntFunction<Object> expected, IntFunction<Object> actual) {
        for (int i = 0; i < count; i++) {
            var e = expected.apply(i);
            var a = actual.apply(i);
            if (!Objects.equals(e, a)) return "element " + i + ": expected " + e + ", got " + a;
        }
        return null;
    }

    /// {@return the bits of an element, or "NaN": there are several, and any will do}
    private static Object float8(Tensor tensor, int i) {
        int bits = tensor.bytes()[i] & 0xff;
        boolean isNaN =
                switch (tensor.dtype()) {
                    case FLOAT8E4M3FN -> (bits & 0x7f) == 0x7f;
                    case FLOAT8E5M2 -> (bits & 0x7f) > 0x7c;
                    case FLOAT8E4M3FNUZ, FLOAT8E5M2FNUZ -> bits == 0x80;
                    case FLOAT8E8M0 -> bits == 0xff;
                    default -> false; // float4 has none
                };
        return isNaN ? "NaN" : "0x%02x".formatted(bits);
    }
}
