package io.webdnn.train.training;

import io.webdnn.train.Link;
import io.webdnn.train.serializer.NpzSerializer;

/// Saves a link at the end of each epoch, as a file that replaces the one before.
public final class SnapshotObject implements Extension {
    private final Link target;
    private final String fileName;

    /// @param fileName such as `chainer_model.npz`
    public SnapshotObject(Link target, String fileName) {
        this.target = target;
        this.fileName = fileName;
    }

    @Override
    public void run(Trainer trainer) {
        NpzSerializer.save(trainer.out().resolve(fileName), target);
    }

    @Override
    public Trigger trigger() {
        return Trigger.EACH_EPOCH;
    }

    @Override
    public int priority() {
        return -100;
    }
}
