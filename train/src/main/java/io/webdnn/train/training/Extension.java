package io.webdnn.train.training;

/// Something that happens during training, besides the updates.
public interface Extension {
    /// The priority of what adds figures to the observation.
    int WRITER = 300;

    /// The priority of what changes figures of the observation.
    int EDITOR = 200;

    /// The priority of what reads figures of the observation.
    int READER = 100;

    /// Does it.
    void run(Trainer trainer);

    /// {@return when, unless [Trainer#extend] is told otherwise}
    default Trigger trigger() {
        return Trigger.EACH_ITERATION;
    }

    /// {@return the priority: of those that are due, the highest runs first, equal ones in the
    /// order in which they were added}
    default int priority() {
        return READER;
    }

    /// Runs when training is over, also if it failed.
    default void finish() {}
}
