package io.webdnn.train.training;

import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.dataset.SerialIterator;
import io.webdnn.train.optimizer.Loss;
import io.webdnn.train.optimizer.Optimizer;

/// Takes a batch from an iterator and updates an optimizer's link with it.
public final class StandardUpdater {
    private final SerialIterator iterator;
    private final Optimizer optimizer;
    private final Loss loss;
    private int iteration;

    /// The loss is the optimizer's link itself, such as a
    /// [Classifier][io.webdnn.train.link.Classifier].
    public StandardUpdater(SerialIterator iterator, Optimizer optimizer) {
        this(iterator, optimizer, loss(optimizer));
    }

    /// @param loss what is made smaller
    public StandardUpdater(SerialIterator iterator, Optimizer optimizer, Loss loss) {
        this.iterator = iterator;
        this.optimizer = optimizer;
        this.loss = loss;
    }

    private static Loss loss(Optimizer optimizer) {
        if (optimizer.target() instanceof Loss loss) return loss;
        throw TrainingException.of(
                "StandardUpdater", "link", "a Loss such as a Classifier", optimizer.target());
    }

    void update() {
        var batch = iterator.next();
        if (batch.size() != 2) {
            throw TrainingException.of(
                    "StandardUpdater", "batch", "examples and labels", batch.size() + " tensors");
        }
        optimizer.update(loss, Variable.sharing(batch.get(0)), Variable.sharing(batch.get(1)));
        iteration++;
    }

    /// {@return the optimizer}
    public Optimizer optimizer() {
        return optimizer;
    }

    /// {@return how many updates were made}
    public int iteration() {
        return iteration;
    }

    /// {@return how many epochs are over}
    public int epoch() {
        return iterator.epoch();
    }

    /// {@return the epochs that are over and the share of the current one}
    public double epochDetail() {
        return iterator.epochDetail();
    }

    /// {@return [#epochDetail] before the last update}
    public double previousEpochDetail() {
        return iterator.previousEpochDetail();
    }
}
