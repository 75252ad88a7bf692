package io.webdnn.train;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The types that training meets, each made once: dimensions are polynomials, too dear to build
/// anew for every batch.
final class Types {
    private static final int BOUND = 4096;
    private static final Map<Key, TensorType> FIXED = new HashMap<>();
    private static final Map<TensorType, TensorType> BATCHED = new HashMap<>();

    private Types() {}

    private static final class Key {
        private final DType dtype;
        private final int[] shape;

        Key(DType dtype, int[] shape) {
            this.dtype = dtype;
            this.shape = shape;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key k && dtype == k.dtype && Arrays.equals(shape, k.shape);
        }

        @Override
        public int hashCode() {
            return 31 * dtype.hashCode() + Arrays.hashCode(shape);
        }
    }

    static synchronized TensorType of(Tensor tensor) {
        if (FIXED.size() > BOUND) FIXED.clear();
        return FIXED.computeIfAbsent(
                new Key(tensor.dtype(), tensor.shape()),
                k -> new TensorType(k.dtype, Shape.of(k.shape)));
    }

    /// {@return the type with its leading axis replaced by the symbol `N`}
    static synchronized TensorType batched(TensorType type) {
        if (BATCHED.size() > BOUND) BATCHED.clear();
        return BATCHED.computeIfAbsent(type, t -> t.with(t.shape().with(0, Dimension.symbol("N"))));
    }

    static Tensor zeros(TensorType type) {
        return Tensor.zeros(type.dtype(), type.shape().toInts());
    }
}
