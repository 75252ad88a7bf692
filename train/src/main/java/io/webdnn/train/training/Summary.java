package io.webdnn.train.training;

import io.webdnn.train.Observation;
import java.util.LinkedHashMap;
import java.util.Map;

/// Means of figures over several observations, each over those that have it.
final class Summary {
    private final Map<String, double[]> sums = new LinkedHashMap<>(); // sum, count

    void add(Observation observation) {
        for (var name : observation.names()) {
            double[] sum = sums.computeIfAbsent(name, _ -> new double[2]);
            sum[0] += observation.get(name);
            sum[1]++;
        }
    }

    Map<String, Double> means() {
        var means = new LinkedHashMap<String, Double>();
        sums.forEach((name, sum) -> means.put(name, sum[0] / sum[1]));
        return means;
    }
}
