package io.webdnn.train.training;

import io.webdnn.train.Observation;
import io.webdnn.train.Reporter;
import io.webdnn.train.TrainingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The training loop: updates until enough epochs are over, and after each update the extensions
/// that are due.
///
/// ```java
/// var trainer = new Trainer(new StandardUpdater(trainIterator, optimizer), 2, Path.of("result"));
/// trainer.extend(new Evaluator(testIterator, model));
/// trainer.extend(new LogReport());
/// trainer.run();
/// ```
public final class Trainer {
    private final StandardUpdater updater;
    private final int epochs;
    private final Path out;
    private final Reporter reporter;
    private final List<Entry> entries = new ArrayList<>();
    private Observation observation = new Observation();
    private long start;
    private boolean started;

    private record Entry(Extension extension, Trigger trigger, int priority) {}

    /// @param epochs after how many epochs training is over
    /// @param out the directory that extensions write to
    public Trainer(StandardUpdater updater, int epochs, Path out) {
        if (epochs < 1) throw TrainingException.of("Trainer", "epochs", ">= 1", epochs);
        this.updater = updater;
        this.epochs = epochs;
        this.out = out;
        this.reporter = new Reporter().observe("main", updater.optimizer().target());
    }

    /// Adds an extension with its own trigger and priority.
    ///
    /// @return this
    public Trainer extend(Extension extension) {
        return extend(extension, extension.trigger(), extension.priority());
    }

    /// Adds an extension.
    ///
    /// @return this
    public Trainer extend(Extension extension, Trigger trigger, int priority) {
        entries.add(new Entry(extension, trigger, priority));
        return this;
    }

    /// Trains. A trainer runs once.
    public void run() {
        if (started) throw TrainingException.saying("Trainer", "a trainer runs only once");
        started = true;
        start = System.nanoTime();
        var inOrder = new ArrayList<>(entries);
        inOrder.sort(Comparator.comparingInt(Entry::priority).reversed()); // stable
        var end = Trigger.epochs(epochs);
        try {
            do {
                observation = new Observation();
                try (var _ = reporter.into(observation)) {
                    updater.update();
                    for (var entry : inOrder)
                        if (entry.trigger.fires(updater)) entry.extension.run(this);
                }
            } while (!end.fires(updater));
        } finally {
            for (var entry : inOrder) entry.extension.finish();
        }
    }

    /// {@return what is updated}
    public StandardUpdater updater() {
        return updater;
    }

    /// {@return the number of epochs after which training is over}
    public int epochs() {
        return epochs;
    }

    /// {@return the figures of this iteration}
    public Observation observation() {
        return observation;
    }

    /// {@return the directory that extensions write to}
    public Path out() {
        return out;
    }

    /// {@return the seconds since training began}
    public double elapsedTime() {
        return (System.nanoTime() - start) / 1e9;
    }

    /// {@return the extension of a class}
    ///
    /// @throws TrainingException if there is none
    <E extends Extension> E extension(Class<E> type, String wanting) {
        for (var entry : entries)
            if (type.isInstance(entry.extension)) return type.cast(entry.extension);
        throw TrainingException.of(
                wanting, "trainer", "an extension " + type.getSimpleName(), "none");
    }
}
