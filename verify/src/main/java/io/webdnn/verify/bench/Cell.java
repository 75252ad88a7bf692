package io.webdnn.verify.bench;

import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// One competitor on one network in one setting: what was seen of it, and why it is seen no more.
final class Cell {
    /// How far outputs may be from the JVM's.
    private static final double TOLERANCE = 1e-3;

    private final String network;
    private final Setting setting;
    private final Competitor competitor;
    private final List<Sample> samples = new ArrayList<>();
    private String error = "";
    private double difference;
    private double seconds;

    Cell(String network, Setting setting, Competitor competitor) {
        this.network = network;
        this.setting = setting;
        this.competitor = competitor;
    }

    /// {@return what a round sees of it}
    ///
    /// @throws RuntimeException telling why the competitor failed
    Sample measure(Place place) throws IOException, InterruptedException {
        return place.measure(competitor, setting);
    }

    boolean isOnJvm() {
        return setting.backend() == null;
    }

    /// Adds what a round saw.
    ///
    /// @param seconds how long that took
    void add(Sample sample, float[] expected, double seconds) {
        samples.add(sample);
        this.seconds += seconds;
        difference = Math.max(difference, Sample.difference(sample.output().floats(), expected));
        if (!(difference <= TOLERANCE)) error = "wrong output: it differs by " + difference;
    }

    /// Ends it. What rounds before have seen stays.
    void fail(String reason) {
        error = reason.replaceAll("\\s+", " ").strip();
    }

    /// {@return whether another round is to see it}
    ///
    /// @param budget how many seconds may be spent before the last round begins
    boolean isOpen(double budget) {
        return error.isEmpty() && seconds < budget;
    }

    /// {@return whether there is something to report}
    boolean isSeen() {
        return !samples.isEmpty() || !error.isEmpty();
    }

    /// {@return what there is to report}
    ///
    /// @param calibration the best time of the loop that samples tell the time of
    Row row(double calibration) {
        boolean isMeasured = !samples.isEmpty() && difference <= TOLERANCE;
        return new Row(
                network,
                setting,
                competitor,
                isMeasured ? "" : error,
                LocalDate.now(ZoneOffset.UTC).toString(),
                Sample.percentile(samples.stream().map(Sample::cold), 0.5),
                Sample.percentile(samples.stream().map(Sample::warm), 0.5),
                time(0.5),
                time(0.1),
                time(0.9),
                samples.stream().mapToInt(sample -> sample.times().size()).sum(),
                samples.isEmpty() ? 0 : samples.getFirst().bytes(),
                samples.isEmpty() ? 0 : samples.getFirst().code(),
                samples.stream().mapToDouble(Sample::memory).max().orElse(0),
                difference,
                samples.stream().mapToDouble(Sample::calibration).max().orElse(calibration)
                        / calibration);
    }

    private double time(double share) {
        return Sample.percentile(samples.stream().flatMap(it -> it.times().stream()), share);
    }

    @Override
    public String toString() {
        var time =
                samples.isEmpty()
                        ? ""
                        : ": %.2f ms, %.0f ms to the first result"
                                .formatted(samples.getLast().median(), samples.getLast().cold());
        return "%s %s %s%s%s"
                .formatted(network, setting, competitor, time, error.isEmpty() ? "" : ": " + error);
    }
}
