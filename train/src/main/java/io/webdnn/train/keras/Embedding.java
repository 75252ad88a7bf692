package io.webdnn.train.keras;

import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Gather;
import io.webdnn.graph.op.Greater;
import io.webdnn.tensor.DType;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A row of a table for each number: `[N, steps]`, whole numbers as float32, to `[N, steps, size]`.
///
/// Weights: `embeddings` `[count, size]`.
public final class Embedding extends FluentLayer<Embedding> {
    private final WeightRole role =
            new WeightRole("embeddings", "embeddings", WeightInitializer.uniform(-0.05, 0.05));
    private final int count;
    private final int size;
    private boolean maskZero;
    private @Nullable Parameter table;

    /// @param count how many numbers there are, from 0
    /// @param size the extent of a row
    public Embedding(int count, int size) {
        this.count = positive("count", count);
        this.size = positive("size", size);
    }

    /// Sets what the rows are drawn by: uniformly within ±0.05 at first.
    public Embedding embeddingsInitializer(WeightInitializer initializer) {
        expectNotBuilt("embeddings initializer");
        role.initializer(initializer);
        return this;
    }

    /// Sets whether steps of the number 0 are hidden from the recurrent layers behind.
    public Embedding maskZero(boolean whether) {
        expectNotBuilt("mask zero");
        maskZero = whether;
        return this;
    }

    @Override
    int[] outputShape(int[] input) {
        int[] output = Arrays.copyOf(input, input.length + 1);
        output[input.length] = size;
        return output;
    }

    @Override
    void build(int[] input) {
        table = make(role, List.of(), count, size);
    }

    @Override
    Signal apply(Signal x) {
        var numbers = F.apply(new Cast(DType.INT32), x.channelsLast());
        expectKnown(x.value());
        var y = Signal.of(F.apply(new Gather(0), Objects.requireNonNull(table), numbers));
        return maskZero ? y.masked(F.apply(new Greater(), x.value(), Variable.scalar(0))) : y;
    }

    /// Checks what was given; a program would read beyond the table, or silently another row.
    private void expectKnown(Variable given) {
        if (given.creator() != null) return;
        float[] numbers = given.array().floats();
        for (int i = 0; i < numbers.length; i++) {
            if (!(numbers[i] >= 0 && numbers[i] < count)) {
                throw wrong(
                        "x",
                        "numbers 0 ... " + (count - 1),
                        numbers[i] + " at position " + i + " of a batch");
            }
        }
    }

    @Override
    void describe(Map<String, @Nullable Object> config) {
        config.put("input_dim", count);
        config.put("output_dim", size);
        WeightRole.describe(List.of(role), null, config);
        config.put("mask_zero", maskZero);
        config.put("input_length", null);
    }

    @Override
    void read(Settings settings) {
        maskZero(settings.flag("mask_zero", false));
        role.read(settings);
    }

    @Override
    Masks masks() {
        return Masks.READ;
    }
}
