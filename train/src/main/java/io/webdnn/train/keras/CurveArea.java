package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.util.ArrayList;
import java.util.List;

/// The area below a curve whose points are thresholds, from how many numbers are above each.
///
/// @param count how many thresholds there are, evenly from just below 0 to just above 1
/// @param curve `ROC` or `PR`
record CurveArea(int count, String curve) {
    private static final double EPSILON = 1e-7;

    CurveArea {
        if (!List.of("ROC", "PR").contains(curve))
            throw TrainingException.of("auc", "curve", "ROC or PR", curve);
    }

    List<Float> thresholds() {
        var thresholds = new ArrayList<Float>();
        thresholds.add((float) -EPSILON);
        for (int i = 1; i < count - 1; i++) thresholds.add((float) (i / (count - 1.0)));
        thresholds.add((float) (1 + EPSILON));
        return thresholds;
    }

    /// {@return a / b, 0 where b is}
    static double ratio(double a, double b) {
        return b == 0 ? 0 : a / b;
    }

    /// {@return the area}
    ///
    /// @param sums true positives at all thresholds, then false ones, false and true negatives
    double of(double[] sums) {
        double area = 0;
        for (int i = 0; i + 1 < count; i++)
            area += curve.equals("ROC") ? trapezoid(sums, i) : interpolated(sums, i);
        return area;
    }

    private double trapezoid(double[] s, int i) {
        double before = ratio(s[i], s[i] + s[2 * count + i]);
        double after = ratio(s[i + 1], s[i + 1] + s[2 * count + i + 1]);
        double left = ratio(s[count + i], s[count + i] + s[3 * count + i]);
        double right = ratio(s[count + i + 1], s[count + i + 1] + s[3 * count + i + 1]);
        return (left - right) * (before + after) / 2;
    }

    /// The integral of precision over recall between two thresholds, true positives growing
    /// linearly with all positives.
    private double interpolated(double[] s, int i) {
        double more = s[i] + s[count + i];
        double fewer = s[i + 1] + s[count + i + 1];
        double slope = ratio(s[i] - s[i + 1], Math.max(more - fewer, 0));
        double start = s[i + 1] - slope * fewer;
        double growth = more > 0 && fewer > 0 ? more / fewer : 1;
        double sum = slope * (s[i] - s[i + 1] + start * Math.log(growth));
        return ratio(sum, Math.max(s[i + 1] + s[2 * count + i + 1], 0));
    }
}
