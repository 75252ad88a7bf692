package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Strings to one of some bins by a hash of their UTF-8 bytes, elementwise: `Y = hash(X) mod bins`,
/// the hash being taken for a number without sign.
///
/// X: string; Y: int64, the same shape. Without a key the hash is FarmHash's Fingerprint64, with
/// one it is SipHash-2-4. Runs on the host.
///
/// Source: ours, for Keras's Hashing; Pike, Alakuijala 2014 (FarmHash); Aumasson, Bernstein 2012.
///
/// @param bins how many there are
/// @param key none, or both halves of SipHash's key
public record StringHash(long bins, List<Long> key) implements HostOperator {
    public StringHash {
        if (bins < 1) throw GraphException.of("StringHash", "bins", ">= 1", bins);
        key = List.copyOf(key);
        if (!key.isEmpty() && key.size() != 2)
            throw GraphException.of("StringHash", "key", "none, or two numbers", key);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(Expect.of(in).count(1, 1).input(0, "X").strings().type().with(DType.INT64));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var y = Tensor.zeros(DType.INT64, x.shape());
        for (int i = 0; i < x.size(); i++) {
            byte[] bytes = x.strings()[i].getBytes(StandardCharsets.UTF_8);
            long hash =
                    key.isEmpty()
                            ? Fingerprint.of(bytes)
                            : SipHash.of(key.get(0), key.get(1), bytes);
            y.longs()[i] = Long.remainderUnsigned(hash, bins);
        }
        return List.of(y);
    }
}
