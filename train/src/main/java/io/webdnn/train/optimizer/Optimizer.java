package io.webdnn.train.optimizer;

import io.webdnn.graph.op.Clip;
import io.webdnn.graph.op.Min;
import io.webdnn.graph.op.Operand;
import io.webdnn.graph.op.Operators;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.Evaluation;
import io.webdnn.train.F;
import io.webdnn.train.Function;
import io.webdnn.train.Link;
import io.webdnn.train.Parameter;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Changes the parameters of a link so that a loss sinks.
///
/// An update is a boundary: it computes the new parameters, the loss that [Variable#backward]
/// started from and all that was retained or reported, in one program and in place. Whatever else
/// was recorded before can no longer be read.
///
/// ```java
/// var optimizer = new Adam();
/// optimizer.setup(model);
/// optimizer.update(model::call, x, t);
/// ```
public abstract class Optimizer {
    private final IdentityHashMap<Parameter, List<Parameter>> states = new IdentityHashMap<>();
    private @Nullable Link target;
    private double learningRate;
    private @Nullable LearningRateSchedule schedule;
    private double weightDecay;
    private double decay;
    private double clipNorm;
    private double clipValue;
    private long t;

    /// For subclasses.
    ///
    /// @param learningRate the step size
    protected Optimizer(double learningRate) {
        this.learningRate = learningRate;
    }

    /// {@return the step size of the next update, but for [#decay]}
    public final double learningRate() {
        return schedule == null ? learningRate : schedule.at(t);
    }

    /// Changes the step size from the next update on; in the place of a schedule, if there was one.
    public final void learningRate(double newRate) {
        learningRate = newRate;
        schedule = null;
    }

    /// Lets each update have a step size of its own.
    ///
    /// @return this
    public final Optimizer learningRate(LearningRateSchedule rates) {
        schedule = rates;
        return this;
    }

    /// {@return what says the step size of each update, null if it is one number}
    public final @Nullable LearningRateSchedule learningRateSchedule() {
        return schedule;
    }

    /// {@return which share of the parameters each update takes away, times the step size}
    public final double weightDecay() {
        return weightDecay;
    }

    /// Lets each update first take `rate · share` of every parameter away.
    ///
    /// Source: Loshchilov, Hutter 2019 (AdamW); Keras 2.11.
    ///
    /// @param share 0 for none
    /// @return this
    public final Optimizer weightDecay(double share) {
        weightDecay = expectLimit("weight decay", share);
        return this;
    }

    /// {@return how fast the step size falls}
    public final double decay() {
        return decay;
    }

    /// Lets the step size fall: after `t` updates it is `rate / (1 + decay · t)`.
    ///
    /// @return this
    public final Optimizer decay(double newDecay) {
        decay = newDecay;
        return this;
    }

    /// {@return the norm that gradients are shortened to, 0 for none}
    public final double clipNorm() {
        return clipNorm;
    }

    /// Shortens all gradients together where the norm of all their numbers is larger, as Keras 2
    /// does.
    ///
    /// @param norm the largest norm, 0 for none
    /// @return this
    public final Optimizer clipNorm(double norm) {
        clipNorm = expectLimit("clip norm", norm);
        return this;
    }

    /// {@return the magnitude that gradients are limited to, 0 for none}
    public final double clipValue() {
        return clipValue;
    }

    /// Limits each number of the gradients to `−value … value`, after [#clipNorm].
    ///
    /// @param value the largest magnitude, 0 for none
    /// @return this
    public final Optimizer clipValue(double value) {
        clipValue = expectLimit("clip value", value);
        return this;
    }

    private double expectLimit(String argument, double limit) {
        if (limit >= 0) return limit;
        throw TrainingException.of(getClass().getSimpleName(), argument, ">= 0", limit);
    }

    /// {@return the step size of update `t`, counted from 1}
    protected final double rate(long update) {
        double rate = schedule == null ? learningRate : schedule.at(update - 1);
        return decay == 0 ? rate : rate / (1 + decay * (update - 1));
    }

    /// The new contents of one parameter and of its state, in terms of the old.
    protected interface Rule {
        /// {@return the new parameter, then its new state}
        ///
        /// @param hyper the numbers of [#hyperparameters]
        List<? extends Operand> apply(
                Operators g,
                Operand parameter,
                Operand gradient,
                List<? extends Operand> state,
                List<? extends Operand> hyper);
    }

    /// {@return the rule; equal optimizers give equal rules, so use a record}
    protected abstract Rule rule();

    /// {@return how many tensors of the parameter's shape are kept between updates, zeros at first}
    protected abstract int stateCount();

    /// {@return the numbers that the rule needs at update `t`, counted from 1; they may change from
    /// one update to the next}
    protected abstract double[] hyperparameters(long t);

    /// Says whose parameters are updated.
    ///
    /// @return this
    public final Optimizer setup(Link link) {
        target = link;
        t = 0;
        states.clear();
        return this;
    }

    /// {@return the link whose parameters are updated}
    public final Link target() {
        if (target == null) {
            throw TrainingException.saying(
                    getClass().getSimpleName(), "no link to update: call setup(link) first");
        }
        return target;
    }

    /// {@return how many updates were made}
    public final long t() {
        return t;
    }

    /// Goes on behind so many updates that were made before; what was kept between them is assigned
    /// to [#state].
    public final void resume(long updates) {
        t = updates;
    }

    /// Computes a loss, its gradients and the update.
    public final void update(Loss loss, Variable x, Variable label) {
        update(() -> loss.call(x, label));
    }

    /// Computes a loss, its gradients and the update.
    public final void update(Supplier<Variable> loss) {
        var value = loss.get();
        target().cleargrads();
        value.backward();
        update();
    }

    /// Updates every parameter that has a gradient, and gives those their next contents that said
    /// so ([Parameter#becomes]).
    public final void update() {
        var targets = new ArrayList<Parameter>();
        var values = new ArrayList<Variable>();
        var step = new Step(rule(), stateCount());
        double[] numbers = hyperparameters(t + 1);
        var hyper = new Variable[numbers.length];
        for (int i = 0; i < hyper.length; i++) hyper[i] = Variable.scalar(numbers[i]);
        var gradients = gradients();
        for (var parameter : target().params()) {
            var gradient = gradients.get(parameter);
            if (gradient == null) continue;
            var inputs = new ArrayList<Variable>();
            inputs.add(
                    weightDecay == 0 ? parameter : parameter.times(1 - weightDecay * rate(t + 1)));
            inputs.add(gradient);
            inputs.addAll(state(parameter));
            inputs.addAll(List.of(hyper));
            targets.add(parameter);
            targets.addAll(state(parameter));
            var updated = new ArrayList<>(F.applyAll(step, "", inputs.toArray(Variable[]::new)));
            updated.set(0, parameter.constrained(updated.getFirst()));
            values.addAll(updated);
        }
        if (targets.isEmpty()) {
            throw TrainingException.saying(
                    getClass().getSimpleName(),
                    "no parameter of "
                            + target()
                            + " has a gradient: call backward() on a loss that depends on them");
        }
        for (var parameter : target().params()) {
            var next = parameter.takeNext();
            if (next == null) continue;
            targets.add(parameter);
            values.add(next);
        }
        Evaluation.assign(targets, values);
        t++;
    }

    /// {@return the gradients, limited}
    private Map<Parameter, Variable> gradients() {
        var gradients = new LinkedHashMap<Parameter, Variable>();
        for (var parameter : target().params()) {
            var gradient = parameter.grad();
            if (gradient != null) gradients.put(parameter, gradient);
        }
        if (clipNorm > 0 && !gradients.isEmpty()) {
            var squares =
                    gradients.values().stream()
                            .map(gradient -> F.sum(gradient.times(gradient)))
                            .reduce(F::add)
                            .orElseThrow();
            var longer = Variable.scalar(clipNorm).dividedBy(F.sqrt(squares));
            var factor = F.apply(new Min(), longer, Variable.scalar(1));
            gradients.replaceAll((_, gradient) -> gradient.times(factor));
        }
        if (clipValue > 0) {
            var least = Variable.scalar(-clipValue);
            var most = Variable.scalar(clipValue);
            gradients.replaceAll((_, gradient) -> F.apply(new Clip(), gradient, least, most));
        }
        return gradients;
    }

    /// {@return what is kept of a parameter between updates, zeros before the first}
    public final List<Parameter> state(Parameter parameter) {
        return states.computeIfAbsent(
                parameter,
                p -> {
                    var made = new ArrayList<Parameter>();
                    for (int i = 0; i < stateCount(); i++) {
                        var zeros = Tensor.zeros(p.dtype(), p.shape().toInts());
                        made.add(new Parameter("state of " + p.name(), zeros));
                    }
                    return List.copyOf(made);
                });
    }

    private record Step(Rule rule, int stateCount) implements Function {
        @Override
        public String name() {
            return "Update";
        }

        @Override
        public List<? extends Operand> build(Operators g, List<? extends Operand> inputs) {
            return rule.apply(
                    g,
                    inputs.get(0),
                    inputs.get(1),
                    inputs.subList(2, 2 + stateCount),
                    inputs.subList(2 + stateCount, inputs.size()));
        }
    }
}
