package io.webdnn.train.keras;

import io.webdnn.train.optimizer.Adadelta;
import io.webdnn.train.optimizer.Adagrad;
import io.webdnn.train.optimizer.Adam;
import io.webdnn.train.optimizer.Adamax;
import io.webdnn.train.optimizer.Lion;
import io.webdnn.train.optimizer.MomentumSGD;
import io.webdnn.train.optimizer.Nadam;
import io.webdnn.train.optimizer.Optimizer;
import io.webdnn.train.optimizer.RMSprop;
import io.webdnn.train.optimizer.SGD;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An optimizer as Keras's files describe it.
///
/// @param describe its class and arguments
/// @param countsUpdates whether Keras keeps the number of updates before the state
/// @param states how many arrays Keras keeps of each weight
record OptimizerConfig(Map<String, @Nullable Object> describe, boolean countsUpdates, int states) {
    /// What later versions of Keras can be told, and is not known here.
    private static final List<String> NOT_KNOWN =
            List.of("centered", "use_ema", "global_clipnorm", "gradient_accumulation_steps");

    /// {@return the description, or null for an optimizer that Keras does not have}
    static @Nullable OptimizerConfig of(Optimizer optimizer) {
        var said = plain(optimizer);
        if (said == null) return null;
        if (optimizer instanceof Adam adam && adam.isAmsGrad())
            said = said.with("amsgrad", true, 3);
        var schedule = optimizer.learningRateSchedule();
        if (schedule != null)
            said = said.with("lr", ScheduleConfig.describe(schedule), said.states);
        if (optimizer.weightDecay() > 0) {
            said = said.with("weight_decay", optimizer.weightDecay(), said.states);
            if (optimizer instanceof Adam) said = said.called("AdamW");
        }
        if (optimizer.clipNorm() > 0)
            said = said.with("clipnorm", optimizer.clipNorm(), said.states);
        if (optimizer.clipValue() > 0)
            said = said.with("clipvalue", optimizer.clipValue(), said.states);
        return said;
    }

    /// {@return the same with another argument}
    private OptimizerConfig with(String argument, Object value, int kept) {
        var described = new LinkedHashMap<String, @Nullable Object>(describe);
        var config = new LinkedHashMap<Object, @Nullable Object>();
        if (describe.get("config") instanceof Map<?, ?> before) config.putAll(before);
        config.put(argument, value);
        described.put("config", config);
        return new OptimizerConfig(described, countsUpdates, kept);
    }

    private OptimizerConfig called(String kind) {
        var described = new LinkedHashMap<String, @Nullable Object>(describe);
        described.put("class_name", kind);
        return new OptimizerConfig(described, countsUpdates, states);
    }

    private static @Nullable OptimizerConfig plain(Optimizer optimizer) {
        double rate = optimizer.learningRate();
        double decay = optimizer.decay();
        return switch (optimizer) {
            case RMSprop it ->
                    new OptimizerConfig(
                            Settings.described(
                                    "RMSprop",
                                    "lr",
                                    rate,
                                    "rho",
                                    it.rho(),
                                    "decay",
                                    decay,
                                    "epsilon",
                                    it.epsilon()),
                            false,
                            1);
            case Adam it -> moments("Adam", rate, it.beta1(), it.beta2(), decay, it.epsilon());
            case Adamax it -> moments("Adamax", rate, it.beta1(), it.beta2(), decay, it.epsilon());
            case Nadam it ->
                    new OptimizerConfig(
                            Settings.described(
                                    "Nadam",
                                    "lr",
                                    rate,
                                    "beta_1",
                                    it.beta1(),
                                    "beta_2",
                                    it.beta2(),
                                    "epsilon",
                                    it.epsilon(),
                                    "schedule_decay",
                                    it.schedule()),
                            true,
                            2);
            case Adagrad it ->
                    new OptimizerConfig(
                            Settings.described(
                                    "Adagrad", "lr", rate, "decay", decay, "epsilon", it.epsilon()),
                            false,
                            1);
            case Adadelta it ->
                    new OptimizerConfig(
                            Settings.described(
                                    "Adadelta",
                                    "lr",
                                    rate,
                                    "rho",
                                    it.rho(),
                                    "decay",
                                    decay,
                                    "epsilon",
                                    it.epsilon()),
                            false,
                            2);
            case Lion it ->
                    new OptimizerConfig(
                            Settings.described(
                                    "Lion", "lr", rate, "beta_1", it.beta1(), "beta_2", it.beta2()),
                            true,
                            1);
            case SGD _ -> descent(rate, 0, decay, false);
            case MomentumSGD it -> descent(rate, it.momentum(), decay, it.nesterov());
            default -> null;
        };
    }

    private static OptimizerConfig moments(
            String kind, double rate, double beta1, double beta2, double decay, double epsilon) {
        return new OptimizerConfig(
                Settings.described(
                        kind, "lr", rate, "beta_1", beta1, "beta_2", beta2, "decay", decay,
                        "epsilon", epsilon),
                true,
                2);
    }

    private static OptimizerConfig descent(
            double rate, double momentum, double decay, boolean nesterov) {
        return new OptimizerConfig(
                Settings.described(
                        "SGD",
                        "lr",
                        rate,
                        "momentum",
                        momentum,
                        "decay",
                        decay,
                        "nesterov",
                        nesterov),
                true,
                1);
    }

    /// {@return the optimizer that settings describe}
    static Optimizer read(Settings s) {
        // later versions of Keras write learning_rate
        var key = s.has("lr") ? "lr" : "learning_rate";
        var schedule = ScheduleConfig.read(s, key);
        double rate = schedule == null ? s.real(key, 0.01) : schedule.at(0);
        for (var unknown : NOT_KNOWN)
            if (s.values().get(unknown) instanceof Number number
                    ? number.doubleValue() != 0
                    : Boolean.TRUE.equals(s.values().get(unknown)))
                throw s.wrong(unknown, "none", s.values().get(unknown));
        if (s.kind().equals("RMSprop") && s.real("momentum", 0) != 0)
            throw s.wrong("momentum", "0", s.real("momentum", 0));
        double epsilon = s.real("epsilon", 1e-7);
        double rho = s.real("rho", 0.9);
        double beta1 = s.real("beta_1", 0.9);
        double beta2 = s.real("beta_2", 0.999);
        var optimizer =
                switch (s.kind()) {
                    case "RMSprop" -> new RMSprop(rate, rho, epsilon);
                    case "Adam", "AdamW" ->
                            new Adam(rate, beta1, beta2, epsilon).amsGrad(s.flag("amsgrad", false));
                    case "Adamax" -> new Adamax(rate, beta1, beta2, epsilon);
                    case "Nadam" ->
                            new Nadam(rate, beta1, beta2, epsilon, s.real("schedule_decay", 0.004));
                    case "Adagrad" -> new Adagrad(rate, epsilon);
                    case "Adadelta" -> new Adadelta(rate, rho, epsilon);
                    case "Lion" -> new Lion(rate, beta1, s.real("beta_2", 0.99));
                    case "SGD" -> {
                        double momentum = s.real("momentum", 0);
                        yield momentum == 0
                                ? new SGD(rate)
                                : new MomentumSGD(rate, momentum, s.flag("nesterov", false));
                    }
                    default ->
                            throw s.wrong(
                                    "optimizer",
                                    "SGD, RMSprop, Adagrad, Adadelta, Adam, AdamW, Adamax, Nadam or Lion",
                                    s.kind());
                };
        if (schedule != null) optimizer.learningRate(schedule);
        return optimizer
                .weightDecay(s.real("weight_decay", s.kind().equals("AdamW") ? 0.004 : 0))
                .decay(s.real("decay", 0))
                .clipNorm(s.real("clipnorm", 0))
                .clipValue(s.real("clipvalue", 0));
    }
}
