package io.webdnn.train.dataset;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.TrainingException;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// Goes through a dataset in batches.
///
/// When it repeats, every batch has the same size: the last one of an epoch is topped up from the
/// next epoch, which is in a new order if it shuffles. 60,000 examples in batches of 128 make 469
/// batches an epoch, of which the last begins the next epoch with 32 examples.
public final class SerialIterator {
    private final Dataset dataset;
    private final int batchSize;
    private final boolean repeat;
    private final @Nullable RandomStream random;
    private final int[] order;
    private long drawnBefore;
    private int position;
    private int epoch;
    private boolean newEpoch;
    private double previousEpochDetail = -1;

    /// Repeats and shuffles, in an order that the seed of [Configuration] decides.
    public SerialIterator(Dataset dataset, int batchSize) {
        this(dataset, batchSize, true, true);
    }

    /// @param repeat whether another epoch follows the last example
    /// @param shuffle whether the order is random, another one in each epoch
    public SerialIterator(Dataset dataset, int batchSize, boolean repeat, boolean shuffle) {
        if (batchSize < 1)
            throw TrainingException.of("SerialIterator", "batch size", ">= 1", batchSize);
        if (dataset.size() == 0)
            throw TrainingException.of("SerialIterator", "dataset", "one or more examples", 0);
        this.dataset = dataset;
        this.batchSize = batchSize;
        this.repeat = repeat;
        this.random = shuffle ? Configuration.nextStream() : null;
        this.order = new int[dataset.size()];
        reorder();
    }

    /// Where an iterator stands.
    ///
    /// @param drawnBefore the random numbers drawn before the current epoch began
    public record State(int epoch, int position, long drawnBefore) {}

    /// {@return where this stands, for [#resume]}
    public State state() {
        return new State(epoch, position, drawnBefore);
    }

    /// Goes on where an iterator of the same seed, dataset and batch size stood.
    public void resume(State state) {
        if (random != null) random.seek(state.drawnBefore);
        reorder();
        epoch = state.epoch;
        position = state.position;
        newEpoch = false;
    }

    private void reorder() {
        Arrays.setAll(order, i -> i);
        if (random == null) return;
        drawnBefore = random.position();
        random.shuffle(order);
    }

    /// {@return whether there is another batch}
    public boolean hasNext() {
        return repeat || epoch == 0;
    }

    /// {@return the next batch}
    public List<Tensor> next() {
        if (!hasNext()) throw new NoSuchElementException("the only epoch is over");
        previousEpochDetail = epochDetail();
        int end = position + batchSize;
        newEpoch = end >= order.length;
        int[] indices = new int[repeat ? batchSize : Math.min(end, order.length) - position];
        for (int i = 0; i < indices.length; i++) {
            if (position == order.length) startEpoch();
            indices[i] = order[position++];
        }
        if (position == order.length) startEpoch();
        return dataset.batch(indices);
    }

    private void startEpoch() {
        position = 0;
        epoch++;
        if (repeat) reorder();
    }

    /// Starts again at the first example of the first epoch, in a new order if it shuffles.
    public void reset() {
        position = 0;
        epoch = 0;
        newEpoch = false;
        previousEpochDetail = -1;
        reorder();
    }

    /// {@return the number of epochs that are over}
    public int epoch() {
        return epoch;
    }

    /// {@return whether the last batch ended an epoch}
    public boolean isNewEpoch() {
        return newEpoch;
    }

    /// {@return the epochs that are over and the share of the current one}
    public double epochDetail() {
        return epoch + (double) position / order.length;
    }

    /// {@return [#epochDetail] before the last batch, −1 before the first}
    public double previousEpochDetail() {
        return previousEpochDetail;
    }
}
