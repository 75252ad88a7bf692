package io.webdnn.train.training;

import io.webdnn.train.Configuration;
import io.webdnn.train.Observation;
import io.webdnn.train.Reporter;
import io.webdnn.train.Variable;
import io.webdnn.train.dataset.SerialIterator;
import io.webdnn.train.link.Classifier;
import java.util.Map;

/// Measures a model on other examples at the end of each epoch, as `validation/main/loss` and
/// `validation/main/accuracy`: the means over the batches, each of which counts the same.
public final class Evaluator implements Extension {
    private final SerialIterator iterator;
    private final Classifier model;
    private final Reporter reporter;

    /// @param iterator does not repeat
    public Evaluator(SerialIterator iterator, Classifier model) {
        this.iterator = iterator;
        this.model = model;
        this.reporter = new Reporter().observe("validation/main", model);
    }

    /// {@return the means over all batches}
    public Map<String, Double> evaluate() {
        var summary = new Summary();
        try (var _ = Configuration.training(false);
                var _ = Configuration.backprop(false)) {
            for (iterator.reset(); iterator.hasNext(); ) {
                var batch = iterator.next();
                var observation = new Observation();
                try (var _ = reporter.into(observation)) {
                    model.call(Variable.sharing(batch.get(0)), Variable.sharing(batch.get(1)));
                }
                summary.add(observation);
            }
        }
        return summary.means();
    }

    @Override
    public void run(Trainer trainer) {
        evaluate().forEach(Reporter::report);
    }

    @Override
    public Trigger trigger() {
        return Trigger.EACH_EPOCH;
    }

    @Override
    public int priority() {
        return WRITER;
    }
}
