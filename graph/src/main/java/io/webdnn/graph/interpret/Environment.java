package io.webdnn.graph.interpret;

import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.type.Sizes;
import io.webdnn.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/// What steps run over: the tensor of each buffer, and what symbols stand for.
public final class Environment {
    private final Map<Buffer, Tensor> tensors = new HashMap<>();
    private final Sizes sizes;
    private final Bounds bounds;

    /// An environment without tensors.
    public Environment(Sizes sizes, Bounds bounds) {
        this.sizes = sizes;
        this.bounds = bounds;
    }

    /// An environment for steps without symbols; loads are checked.
    public Environment() {
        this(new Sizes(), Bounds.CHECKED);
    }

    /// Gives a buffer its contents; they are not copied.
    ///
    /// @throws io.webdnn.graph.type.GraphException if the shape contradicts the buffer's
    public Environment bind(Buffer buffer, Tensor tensor) {
        if (tensor.dtype() != buffer.type().dtype()) {
            throw io.webdnn.graph.type.GraphException.of(
                    "Interpreter", buffer.name(), buffer.type().dtype().toString(), tensor.dtype());
        }
        sizes.bind("Interpreter", buffer.name(), buffer.type().shape(), tensor.shape());
        tensors.put(buffer, tensor);
        return this;
    }

    /// {@return the contents of a buffer}
    ///
    /// @throws IllegalStateException if nothing has written it
    public Tensor get(Buffer buffer) {
        var constant = buffer.constant();
        if (constant != null) return constant;
        var tensor = tensors.get(buffer);
        if (tensor == null) {
            throw new IllegalStateException(
                    "Interpreter: "
                            + buffer
                            + ": expected a buffer that an earlier step wrote or that is bound, got"
                            + " neither");
        }
        return tensor;
    }

    /// {@return what the symbols stand for}
    public Sizes sizes() {
        return sizes;
    }

    /// {@return what happens on loads outside a tensor}
    public Bounds bounds() {
        return bounds;
    }

    /// {@return a new tensor of zeros for a buffer that a step is about to write}
    Tensor allocate(Buffer buffer) {
        var tensor = Tensor.zeros(buffer.type().dtype(), sizes.of(buffer.type().shape()));
        tensors.put(buffer, tensor);
        return tensor;
    }
}
