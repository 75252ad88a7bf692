package io.webdnn.train.keras;

import io.webdnn.train.optimizer.LearningRateSchedule;
import io.webdnn.train.optimizer.LearningRateSchedule.CosineDecay;
import io.webdnn.train.optimizer.LearningRateSchedule.CosineDecayRestarts;
import io.webdnn.train.optimizer.LearningRateSchedule.ExponentialDecay;
import io.webdnn.train.optimizer.LearningRateSchedule.InverseTimeDecay;
import io.webdnn.train.optimizer.LearningRateSchedule.PiecewiseConstantDecay;
import io.webdnn.train.optimizer.LearningRateSchedule.PolynomialDecay;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Step sizes as Keras's files describe them.
final class ScheduleConfig {
    private static final String INITIAL = "initial_learning_rate";

    private ScheduleConfig() {}

    static Map<String, @Nullable Object> describe(LearningRateSchedule schedule) {
        return switch (schedule) {
            case ExponentialDecay(var initial, var steps, var rate, var stairs) ->
                    falling("ExponentialDecay", initial, steps, rate, stairs);
            case InverseTimeDecay(var initial, var steps, var rate, var stairs) ->
                    falling("InverseTimeDecay", initial, steps, rate, stairs);
            case PolynomialDecay(var initial, var steps, var end, var power, var cycle) ->
                    Settings.described(
                            "PolynomialDecay",
                            INITIAL,
                            initial,
                            "decay_steps",
                            steps,
                            "end_learning_rate",
                            end,
                            "power",
                            power,
                            "cycle",
                            cycle);
            case PiecewiseConstantDecay(var boundaries, var values) ->
                    Settings.described(
                            "PiecewiseConstantDecay", "boundaries", boundaries, "values", values);
            case CosineDecay(var initial, var steps, var alpha) ->
                    Settings.described(
                            "CosineDecay", INITIAL, initial, "decay_steps", steps, "alpha", alpha);
            case CosineDecayRestarts(var initial, var steps, var growth, var fall, var alpha) ->
                    Settings.described(
                            "CosineDecayRestarts",
                            INITIAL,
                            initial,
                            "first_decay_steps",
                            steps,
                            "t_mul",
                            growth,
                            "m_mul",
                            fall,
                            "alpha",
                            alpha);
        };
    }

    private static Map<String, @Nullable Object> falling(
            String kind, double initial, double steps, double rate, boolean stairs) {
        return Settings.described(
                kind,
                INITIAL,
                initial,
                "decay_steps",
                steps,
                "decay_rate",
                rate,
                "staircase",
                stairs);
    }

    /// {@return the schedule that stands in the place of a number, null if it is one}
    static @Nullable LearningRateSchedule read(Settings optimizer, String key) {
        if (!(optimizer.values().get(key) instanceof Map<?, ?> map)
                || map.get("class_name") == null) return null;
        var s = Settings.of(optimizer.file(), map);
        double initial = s.real(INITIAL, 0);
        double steps = s.real("decay_steps", 1);
        double rate = s.real("decay_rate", 1);
        boolean stairs = s.flag("staircase", false);
        double alpha = s.real("alpha", 0);
        if (s.real("warmup_steps", 0) != 0)
            throw s.wrong("warmup_steps", "0", s.real("warmup_steps", 0));
        return switch (s.kind()) {
            case "ExponentialDecay" -> new ExponentialDecay(initial, steps, rate, stairs);
            case "InverseTimeDecay" -> new InverseTimeDecay(initial, steps, rate, stairs);
            case "PolynomialDecay" ->
                    new PolynomialDecay(
                            initial,
                            steps,
                            s.real("end_learning_rate", 0.0001),
                            s.real("power", 1),
                            s.flag("cycle", false));
            case "PiecewiseConstantDecay" ->
                    new PiecewiseConstantDecay(
                            numbers(s, "boundaries").stream().map(Number::longValue).toList(),
                            numbers(s, "values").stream().map(Number::doubleValue).toList());
            case "CosineDecay" -> new CosineDecay(initial, steps, alpha);
            case "CosineDecayRestarts" ->
                    new CosineDecayRestarts(
                            initial,
                            s.real("first_decay_steps", 1),
                            s.real("t_mul", 2),
                            s.real("m_mul", 1),
                            alpha);
            default -> throw s.wrong("schedule", "one that Keras 2 has", s.kind());
        };
    }

    private static List<Number> numbers(Settings s, String key) {
        var list = s.list(key);
        if (!list.stream().allMatch(Number.class::isInstance)) throw s.wrong(key, "numbers", list);
        return list.stream().map(Number.class::cast).toList();
    }
}
