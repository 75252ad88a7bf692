package io.webdnn.verify.bench;

import java.util.Comparator;
import java.util.List;

/// What was measured of one competitor on one network in one setting; times are in milliseconds.
///
/// @param error why there are no figures, or ""
/// @param date of the measurement
/// @param cold from an empty page of a new browser to the first output
/// @param warm the same, where the browser has been before and may have kept what it was sent
/// @param runs how many runs the median is of
/// @param bytes what the page was sent
/// @param code what of it is no weights, in Brotli; 0 if it is not known
/// @param memory the most that was held, in MiB; 0 if it is not known
/// @param difference the largest distance from the JVM's output, over its largest element
/// @param noise how unsteady the machine was: a loop in registers, its worst time over its best
record Row(
        String network,
        Setting setting,
        Competitor competitor,
        String error,
        String date,
        double cold,
        double warm,
        double median,
        double p10,
        double p90,
        int runs,
        long bytes,
        long code,
        double memory,
        double difference,
        double noise) {
    private static final List<String> NETWORKS = List.copyOf(Networks.ALL.keySet());

    /// As tables list them.
    static final Comparator<Row> ORDER =
            Comparator.<Row>comparingInt(row -> NETWORKS.indexOf(row.network()))
                    .thenComparing(Row::setting)
                    .thenComparing(Row::competitor);

    boolean isMeasured() {
        return error.isEmpty();
    }

    /// {@return whether two rows are of the same thing, measured at different times}
    boolean isOfTheSame(Row other) {
        return network.equals(other.network)
                && setting == other.setting
                && competitor == other.competitor;
    }
}
