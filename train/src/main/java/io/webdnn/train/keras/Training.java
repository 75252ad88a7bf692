package io.webdnn.train.keras;

import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Configuration;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.dataset.Dataset;
import io.webdnn.train.dataset.SerialIterator;
import io.webdnn.train.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a model was compiled with, and the loops that use it: a step records loss and metrics and
/// lets the optimizer update, which computes all of it in one program.
///
/// @param goals one for each output
/// @param fixed the parameters that keep what they hold
record Training(Model model, Optimizer optimizer, List<Goal> goals, Set<Parameter> fixed) {
    /// {@return the names of what is measured, the loss first}
    List<String> names() {
        var names = new ArrayList<String>();
        names.add("loss");
        if (goals.size() > 1) for (var goal : goals) names.add(goal.name() + "_loss");
        for (var goal : goals) {
            var prefix = goals.size() > 1 ? goal.name() + "_" : "";
            for (var metric : goal.metrics()) names.add(prefix + metric.metric().name());
        }
        return names;
    }

    /// Sums over batches, from which the figures follow: of each loss the mean times the number of
    /// examples, then what each metric adds up.
    private static final class Totals {
        private final List<String> names;
        private final List<Metric.Measure> measures;
        private final List<double[]> sums = new ArrayList<>();
        private long examples;

        Totals(List<String> names, List<Metric.Measure> measures) {
            this.names = names;
            this.measures = measures;
        }

        private boolean isLoss(int figure) {
            return figure < names.size() - measures.size();
        }

        void add(List<Variable> figures, int count) {
            for (int i = 0; i < figures.size(); i++) {
                float[] batch = figures.get(i).array().floats();
                if (sums.size() == i) sums.add(new double[batch.length]);
                double[] sum = sums.get(i);
                for (int k = 0; k < sum.length; k++)
                    sum[k] += isLoss(i) ? (double) batch[k] * count : batch[k];
            }
            examples += count;
        }

        double[] figures() {
            double[] figures = new double[sums.size()];
            int losses = names.size() - measures.size();
            for (int i = 0; i < figures.length; i++)
                figures[i] =
                        isLoss(i)
                                ? sums.get(i)[0] / examples
                                : measures.get(i - losses)
                                        .figure()
                                        .applyAsDouble(sums.get(i), examples);
            return figures;
        }

        void putInto(Map<String, Double> logs, String prefix) {
            double[] figures = figures();
            for (int i = 0; i < figures.length; i++) logs.put(prefix + names.get(i), figures[i]);
        }
    }

    private Totals totals() {
        var measures = new ArrayList<Metric.Measure>();
        for (var goal : goals) for (var metric : goal.metrics()) measures.add(metric.measure());
        return new Totals(names(), measures);
    }

    /// {@return the weights that the optimizer changes, in the order of the layers}
    List<Weight> trained() {
        return model.weights().stream()
                .filter(weight -> !fixed.contains(weight.parameter()))
                .toList();
    }

    History fit(Dataset given, Fit fit) {
        int size = given.size();
        int held = fit.validation() == null ? (int) (size * fit.validationSplit()) : 0;
        var examples = held == 0 ? given : new Subset(given, 0, size - held);
        var validation = held == 0 ? fit.validation() : new Subset(given, size - held, held);
        if (examples.size() == 0)
            throw TrainingException.of(model.toString(), "fit: x", "one or more examples", 0);
        model.expectBatches("fit", examples.size(), fit.batchSize());
        if (validation != null)
            model.expectBatches("fit: validation data", validation.size(), fit.batchSize());
        var history = new History();
        var told = new ArrayList<Callback>();
        told.add(history);
        if (fit.verbosity() != Fit.Verbosity.SILENT) {
            fit.out().println(sizes(examples, validation));
            told.add(
                    new ProgressLog(
                            fit.out(),
                            ProgressLog.showsBar(fit.verbosity()),
                            examples.size(),
                            fit.batchSize(),
                            fit.epochs(),
                            System::nanoTime));
        }
        // those of the user first, since they may add to what is printed
        told.addAll(0, fit.callbacks());
        if (!fit.classWeight().isEmpty() && goals.size() > 1) {
            throw TrainingException.of(
                    model.toString(), "fit: class weight", "a model with one output", goals.size());
        }
        model.goOn();
        int first = fit.initialEpoch();
        for (var callback : told) first = callback.firstEpoch(model, first);
        for (var callback : told) callback.onTrainBegin(model);
        for (int epoch = first; epoch < fit.epochs() && !model.isStopped(); epoch++) {
            for (var callback : told) callback.onEpochBegin(epoch);
            // each epoch has a stream of its own, so that a fit may begin with any of them
            var iterator = new SerialIterator(examples, fit.batchSize(), false, fit.shuffle());
            var logs = epoch(iterator, fit.classWeight(), told);
            if (validation != null) measure(validation, fit.batchSize()).putInto(logs, "val_");
            for (var callback : told) callback.onEpochEnd(epoch, logs);
        }
        for (var callback : told) callback.onTrainEnd();
        return history;
    }

    private static String sizes(Dataset examples, @Nullable Dataset validation) {
        return "Train on "
                + examples.size()
                + " samples"
                + (validation == null ? "" : ", validate on " + validation.size() + " samples");
    }

    private Map<String, Double> epoch(
            SerialIterator iterator, Map<Integer, Double> classWeight, List<Callback> told) {
        var totals = totals();
        var logs = new LinkedHashMap<String, Double>();
        for (int batch = 0; iterator.hasNext(); batch++) {
            var tensors = iterator.next();
            var figures = figures(tensors, classWeight);
            for (var figure : figures) figure.retain();
            model.cleargrads();
            figures.getFirst().backward();
            for (var parameter : fixed) parameter.cleargrad();
            optimizer.update();
            totals.add(figures, tensors.getFirst().shape()[0]);
            model.settleStates();
            totals.putInto(logs, "");
            for (var callback : told) callback.onBatchEnd(batch, logs);
            if (model.isStopped()) break;
        }
        return logs;
    }

    /// {@return the figures over all examples, the loss first}
    double[] evaluate(Dataset examples, int batchSize) {
        return measure(examples, batchSize).figures();
    }

    private Totals measure(Dataset examples, int batchSize) {
        var totals = totals();
        try (var _ = Configuration.training(false);
                var _ = Configuration.backprop(false)) {
            var iterator = new SerialIterator(examples, batchSize, false, false);
            while (iterator.hasNext()) {
                var tensors = iterator.next();
                var figures = figures(tensors, Map.of());
                for (var figure : figures) figure.retain();
                totals.add(figures, tensors.getFirst().shape()[0]);
                model.settleStates();
            }
        }
        return totals;
    }

    /// {@return the losses' means over a batch, then the sums of metrics, in the order of [#names]}
    private List<Variable> figures(List<Tensor> batch, Map<Integer, Double> classWeight) {
        int inputs = model.inputs().size();
        if (batch.size() < inputs + goals.size() || batch.size() > inputs + goals.size() + 1) {
            throw TrainingException.of(
                    model.toString(),
                    "examples",
                    inputs + " inputs and " + goals.size() + " outputs, perhaps a weight",
                    batch.size() + " arrays");
        }
        var given = new ArrayList<Signal>();
        for (int i = 0; i < inputs; i++) {
            var x = Variable.sharing(batch.get(i));
            expect("x", model.inputs().get(i).shape(), DType.FLOAT32, "", x);
            given.add(Signal.of(x));
        }
        var penalties = new ArrayList<Variable>();
        var said = model.run(given, penalties);
        for (var weight : model.weights()) {
            var regularizer = weight.role().regularizer();
            var cost = regularizer == null ? null : regularizer.of(weight.parameter());
            if (cost != null) penalties.add(cost);
        }
        var extra = batch.size() > inputs + goals.size() ? batch.getLast() : null;
        var losses = new ArrayList<Variable>();
        var metrics = new ArrayList<Variable>();
        for (int i = 0; i < goals.size(); i++) {
            var goal = goals.get(i);
            var mask = said.get(i).mask();
            var y = said.get(i).channelsLast();
            var t = Variable.sharing(batch.get(inputs + i));
            var dtype = goal.loss().takesLabels() ? DType.INT32 : DType.FLOAT32;
            expect("y", goal.target(), dtype, hint(goal, t), t);
            var weights = ExampleWeights.of(model, extra, classWeight, batch.get(inputs + i));
            losses.add(mean(goal.loss().perExample(y, t, mask), weights));
            for (var metric : goal.metrics()) metrics.add(metric.measure().sums().of(y, t, mask));
        }
        var figures = new ArrayList<Variable>();
        figures.add(total(losses, penalties));
        if (goals.size() > 1) figures.addAll(losses);
        figures.addAll(metrics);
        return figures;
    }

    private Variable total(List<Variable> losses, List<Variable> penalties) {
        Variable total = null;
        for (int i = 0; i < losses.size(); i++) {
            double weight = goals.get(i).weight();
            var loss = weight == 1 ? losses.get(i) : losses.get(i).times(weight);
            total = total == null ? loss : total.plus(loss);
        }
        if (total == null) throw new AssertionError("a model has outputs");
        for (var penalty : penalties) total = total.plus(penalty);
        return total;
    }

    /// {@return the mean; examples of weight 0 do not count, as in Keras}
    private static Variable mean(Variable perExample, @Nullable Tensor weights) {
        if (weights == null) return F.mean(perExample);
        int counting = 0;
        for (float weight : weights.floats()) if (weight != 0) counting++;
        var sum = F.sum(perExample.times(Variable.sharing(weights)));
        return sum.dividedBy(Math.max(1, counting));
    }

    private static String hint(Goal goal, Variable t) {
        return goal.loss().isCategorical() && t.shape().rank() == 1
                ? " (Categorical.toCategorical makes such rows of class numbers)"
                : "";
    }

    private void expect(String argument, int[] example, DType dtype, String hint, Variable actual) {
        int[] shape = actual.shape().toInts();
        boolean fits = actual.dtype() == dtype && shape.length == example.length + 1;
        for (int d = 0; fits && d < example.length; d++) fits = shape[d + 1] == example[d];
        if (!fits) {
            throw TrainingException.of(
                    model.toString(),
                    argument,
                    (dtype == DType.INT32 ? "int32" : "float32")
                            + "[N"
                            + Model.extents(example)
                            + "]"
                            + hint,
                    actual.type());
        }
    }
}
