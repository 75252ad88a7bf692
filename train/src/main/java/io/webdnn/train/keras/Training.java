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
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a model was compiled with, and the loops that use it: a step records loss and metrics and
/// lets the optimizer update, which computes all of it in one program.
///
/// @param fixed the parameters that keep what they hold
record Training(
        Model model,
        Optimizer optimizer,
        Objective loss,
        List<Metric> metrics,
        List<Parameter> fixed) {
    /// {@return the names of what is measured, the loss first}
    List<String> names() {
        var names = new ArrayList<String>();
        names.add("loss");
        for (var metric : metrics) names.add(metric.name());
        return names;
    }

    /// Sums of figures over examples.
    private static final class Totals {
        private final List<String> names;
        private final double[] sums;
        private long examples;

        Totals(List<String> names) {
            this.names = names;
            this.sums = new double[names.size()];
        }

        void add(List<Variable> means, int count) {
            for (int i = 0; i < sums.length; i++) sums[i] += means.get(i).item() * count;
            examples += count;
        }

        double[] means() {
            return Arrays.stream(sums).map(sum -> sum / examples).toArray();
        }

        void putInto(Map<String, Double> logs, String prefix) {
            double[] means = means();
            for (int i = 0; i < means.length; i++) logs.put(prefix + names.get(i), means[i]);
        }
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
        var iterator = new SerialIterator(examples, fit.batchSize(), false, fit.shuffle());
        model.goOn();
        for (var callback : told) callback.onTrainBegin(model);
        for (int epoch = fit.initialEpoch(); epoch < fit.epochs() && !model.isStopped(); epoch++) {
            for (var callback : told) callback.onEpochBegin(epoch);
            if (epoch > fit.initialEpoch()) iterator.reset();
            var logs = epoch(iterator, told);
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

    private Map<String, Double> epoch(SerialIterator iterator, List<Callback> told) {
        var totals = new Totals(names());
        var logs = new LinkedHashMap<String, Double>();
        for (int batch = 0; iterator.hasNext(); batch++) {
            var tensors = iterator.next();
            var figures = figures(tensors);
            for (var figure : figures) figure.retain();
            model.cleargrads();
            figures.getFirst().backward();
            for (var parameter : fixed) parameter.cleargrad();
            optimizer.update();
            totals.add(figures, tensors.getFirst().shape()[0]);
            totals.putInto(logs, "");
            for (var callback : told) callback.onBatchEnd(batch, logs);
        }
        return logs;
    }

    /// {@return the means over all examples, the loss first}
    double[] evaluate(Dataset examples, int batchSize) {
        return measure(examples, batchSize).means();
    }

    private Totals measure(Dataset examples, int batchSize) {
        var totals = new Totals(names());
        try (var _ = Configuration.training(false);
                var _ = Configuration.backprop(false)) {
            var iterator = new SerialIterator(examples, batchSize, false, false);
            while (iterator.hasNext()) {
                var tensors = iterator.next();
                var figures = figures(tensors);
                for (var figure : figures) figure.retain();
                totals.add(figures, tensors.getFirst().shape()[0]);
            }
        }
        return totals;
    }

    /// {@return the means over a batch, the loss first}
    private List<Variable> figures(List<Tensor> batch) {
        var x = Variable.sharing(batch.get(0));
        var t = Variable.sharing(batch.get(1));
        expect("x", "[N" + Model.extents(model.inputExtents()) + "]", x, model.inputExtents());
        var y = model.apply(Signal.of(x)).channelsLast();
        int[] target = model.outputExtents();
        if (loss.takesLabels()) target = Arrays.copyOf(target, target.length - 1);
        expect("y", "[N" + Model.extents(target) + "]" + hint(t), t, target);
        var figures = new ArrayList<Variable>();
        figures.add(F.mean(loss.perExample(y, t)));
        for (var metric : metrics) figures.add(F.mean(metric.perExample().apply(y, t)));
        return figures;
    }

    private String hint(Variable t) {
        return loss == Objective.CATEGORICAL_CROSSENTROPY && t.shape().rank() == 1
                ? " (Categorical.toCategorical makes such rows of class numbers)"
                : "";
    }

    private void expect(String argument, String form, Variable actual, int[] example) {
        int[] shape = actual.shape().toInts();
        boolean labels = argument.equals("y") && loss.takesLabels();
        boolean fits =
                actual.dtype() == (labels ? DType.INT32 : DType.FLOAT32)
                        && shape.length == example.length + 1;
        for (int d = 0; fits && d < example.length; d++) fits = shape[d + 1] == example[d];
        if (!fits) {
            throw TrainingException.of(
                    model.toString(),
                    argument,
                    (labels ? "int32" : "float32") + form,
                    actual.type());
        }
    }
}
