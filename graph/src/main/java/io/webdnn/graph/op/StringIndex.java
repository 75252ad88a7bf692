package io.webdnn.graph.op;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Where strings stand in a list, elementwise: `Y = 1 + i` for the first i with `vocabulary[i] =
/// X`, 0 if there is none.
///
/// X: string; Y: int64, the same shape. It is the one thing that operators on words (label
/// encoders, n-gram counters) do with strings; the rest is arithmetic. Runs on the host. Source:
/// ours.
public record StringIndex(List<String> vocabulary) implements HostOperator {
    public StringIndex {
        vocabulary = List.copyOf(vocabulary);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(Expect.of(in).count(1, 1).input(0, "X").strings().type().with(DType.INT64));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var places = new HashMap<String, Long>();
        for (int i = 0; i < vocabulary.size(); i++) places.putIfAbsent(vocabulary.get(i), i + 1L);
        var y = Tensor.zeros(DType.INT64, x.shape());
        for (int i = 0; i < x.size(); i++) y.longs()[i] = places.getOrDefault(x.strings()[i], 0L);
        return List.of(y);
    }
}
