package io.webdnn.verify.conformance;

import java.util.Locale;

/// What became of one case on one target.
public record Result(String caseName, String target, Outcome outcome, String detail) {
    /// The three ways in which a case can end.
    public enum Outcome {
        PASS,
        UNSUPPORTED,
        FAIL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The first line of a report.
    static final String HEADER = "case\ttarget\tresult\tdetail";

    /// {@return the line of a report; readers split at tabs and take quotes literally}
    String toLine() {
        var plain = detail.replaceAll("\\s+", " ").replace('"', '\'').strip();
        return caseName + "\t" + target + "\t" + outcome + "\t" + plain;
    }
}
