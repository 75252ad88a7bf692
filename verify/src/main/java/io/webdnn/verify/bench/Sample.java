package io.webdnn.verify.bench;

import io.webdnn.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// What one round saw of one competitor; times are in milliseconds. The fields are those of [Row].
///
/// @param calibration the time of a loop in registers
/// @param output of the network, in one row
record Sample(
        double cold,
        double warm,
        long bytes,
        long code,
        double memory,
        double calibration,
        List<Double> times,
        Tensor output) {
    /// {@return the time of a run}
    double median() {
        return percentile(times.stream(), 0.5);
    }

    /// {@return all floats in some bytes}
    static Tensor row(ByteBuffer bytes) {
        var values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return Tensor.of(values, values.length);
    }

    /// {@return the largest distance over the largest expected element; infinite where a number is
    /// missing}
    static double difference(float[] actual, float[] expected) {
        if (actual.length != expected.length) return Double.POSITIVE_INFINITY;
        double worst = 0;
        double largest = Double.MIN_NORMAL;
        for (int i = 0; i < actual.length; i++) {
            double distance = Math.abs((double) actual[i] - expected[i]);
            if (Double.isNaN(distance)) return Double.POSITIVE_INFINITY;
            worst = Math.max(worst, distance);
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return worst / largest;
    }

    /// {@return the value below which a share of the values lies; 0 of none}
    static double percentile(Stream<Double> values, double share) {
        var sorted = values.mapToDouble(v -> v).toArray();
        if (sorted.length == 0) return 0;
        Arrays.sort(sorted);
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }
}
