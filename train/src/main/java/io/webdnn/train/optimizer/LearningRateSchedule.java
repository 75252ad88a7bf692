package io.webdnn.train.optimizer;

import io.webdnn.train.TrainingException;
import java.util.List;

/// A step size for each update, counted from 0, as Keras 2 has them.
///
/// ```java
/// new Adam().learningRate(new LearningRateSchedule.CosineDecay(0.001, 10_000, 0))
/// ```
public sealed interface LearningRateSchedule {
    /// {@return the step size of an update}
    ///
    /// @param step how many updates were made before
    double at(long step);

    private static double positive(String schedule, String argument, double value) {
        if (value > 0) return value;
        throw TrainingException.of(schedule, argument, "> 0", value);
    }

    /// `initial · rate^(step / steps)`, the exponent being rounded down if it falls in stairs.
    ///
    /// @param initial the first step size
    /// @param steps after how many updates it is `rate` times as large
    /// @param rate by how much it falls
    /// @param staircase whether it stays for `steps` updates
    record ExponentialDecay(double initial, double steps, double rate, boolean staircase)
            implements LearningRateSchedule {
        public ExponentialDecay {
            positive("ExponentialDecay", "steps", steps);
        }

        @Override
        public double at(long step) {
            double part = step / steps;
            return initial * StrictMath.pow(rate, staircase ? Math.floor(part) : part);
        }
    }

    /// `initial / (1 + rate · step / steps)`, the quotient being rounded down if it falls in
    /// stairs.
    ///
    /// @param initial the first step size
    /// @param steps how many updates one decay takes
    /// @param rate by how much it falls
    /// @param staircase whether it stays for `steps` updates
    record InverseTimeDecay(double initial, double steps, double rate, boolean staircase)
            implements LearningRateSchedule {
        public InverseTimeDecay {
            positive("InverseTimeDecay", "steps", steps);
        }

        @Override
        public double at(long step) {
            double part = step / steps;
            return initial / (1 + rate * (staircase ? Math.floor(part) : part));
        }
    }

    /// `(initial − end) · (1 − step / steps)^power + end` until `steps` updates, then `end`; or
    /// again and again over more steps, each time the next multiple of `steps`.
    ///
    /// @param initial the first step size
    /// @param steps how many updates it falls for
    /// @param end the last step size
    /// @param power the form of the fall, 1 for a line
    /// @param cycle whether it begins again
    record PolynomialDecay(double initial, double steps, double end, double power, boolean cycle)
            implements LearningRateSchedule {
        public PolynomialDecay {
            positive("PolynomialDecay", "steps", steps);
        }

        @Override
        public double at(long step) {
            double span = cycle ? steps * Math.max(1, Math.ceil(step / steps)) : steps;
            double part = Math.min(step, span) / span;
            return (initial - end) * StrictMath.pow(1 - part, power) + end;
        }
    }

    /// One of some step sizes: the first until and with the first bound, the next until the next.
    ///
    /// @param boundaries the last updates of all sizes but the last, ascending
    /// @param values the step sizes
    record PiecewiseConstantDecay(List<Long> boundaries, List<Double> values)
            implements LearningRateSchedule {
        public PiecewiseConstantDecay {
            boundaries = List.copyOf(boundaries);
            values = List.copyOf(values);
            if (values.size() != boundaries.size() + 1)
                throw TrainingException.of(
                        "PiecewiseConstantDecay",
                        "values",
                        boundaries.size() + 1 + ", one more than boundaries",
                        values.size());
            for (int i = 1; i < boundaries.size(); i++)
                if (boundaries.get(i) <= boundaries.get(i - 1))
                    throw TrainingException.of(
                            "PiecewiseConstantDecay", "boundaries", "ascending", boundaries);
        }

        @Override
        public double at(long step) {
            int i = 0;
            while (i < boundaries.size() && step > boundaries.get(i)) i++;
            return values.get(i);
        }
    }

    /// `initial · ((1 − α) · ½ (1 + cos(π · step / steps)) + α)` until `steps` updates, then `α ·
    /// initial`.
    ///
    /// Source: Loshchilov, Hutter 2017.
    ///
    /// @param initial the first step size
    /// @param steps how many updates it falls for
    /// @param alpha which share of it stays
    record CosineDecay(double initial, double steps, double alpha) implements LearningRateSchedule {
        public CosineDecay {
            positive("CosineDecay", "steps", steps);
        }

        @Override
        public double at(long step) {
            return initial * cosine(Math.min(step, steps) / steps, alpha);
        }
    }

    private static double cosine(double part, double alpha) {
        return (1 - alpha) * 0.5 * (1 + StrictMath.cos(Math.PI * part)) + alpha;
    }

    /// [CosineDecay] again and again, each time over `growth` as many updates and from `fall` times
    /// as large a step size.
    ///
    /// Source: Loshchilov, Hutter 2017.
    ///
    /// @param initial the first step size
    /// @param steps how many updates the first fall takes
    /// @param growth by how much a fall is longer than the one before, at least 1
    /// @param fall by how much it begins lower
    /// @param alpha which share of a first step size stays
    record CosineDecayRestarts(
            double initial, double steps, double growth, double fall, double alpha)
            implements LearningRateSchedule {
        public CosineDecayRestarts {
            positive("CosineDecayRestarts", "steps", steps);
            if (!(growth >= 1))
                throw TrainingException.of("CosineDecayRestarts", "growth", ">= 1", growth);
        }

        @Override
        public double at(long step) {
            double length = steps;
            double from = 0;
            double height = initial;
            while (step >= from + length) {
                from += length;
                length *= growth;
                height *= fall;
            }
            return height * cosine((step - from) / length, alpha);
        }
    }
}
