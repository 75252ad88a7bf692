package io.webdnn.train;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.initializer.Initializer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A variable that a link owns and an optimizer changes in place. Its shape may be left open until
/// the first call of the link.
public final class Parameter extends Variable {
    /// An extent that is known only at the first call of the link.
    public static final int OPEN = -1;

    private final Initializer initializer;
    private final int[] declared;
    private @Nullable TensorType type;
    private @Nullable Variable next;
    private @Nullable UnaryOperator<Variable> constraint;
    private long version;

    /// A parameter without contents yet.
    ///
    /// @param declared the shape, with [#OPEN] for extents that are not known yet
    public Parameter(String name, Initializer initializer, int... declared) {
        this.initializer = initializer;
        this.declared = declared.clone();
        named(name);
    }

    /// A parameter that starts with a copy of a tensor.
    public Parameter(String name, Tensor tensor) {
        this(name, Initializer.ZERO, tensor.shape());
        accept(tensor.copy());
    }

    /// {@return whether the shape is known}
    public boolean isInitialized() {
        return type != null;
    }

    /// Fixes the shape and draws the first contents; does nothing if that was done before.
    ///
    /// @throws TrainingException if the shape is not as declared
    public void initialize(int... shape) {
        if (type != null) return;
        if (!accepts(shape)) {
            throw TrainingException.of(
                    "Parameter '" + name() + "'", "shape", expected(), Arrays.toString(shape));
        }
        accept(initializer.draw(shape, Configuration.nextStream()));
    }

    /// {@return whether contents of that shape can be assigned}
    public boolean accepts(int... shape) {
        if (type != null) return Arrays.equals(type.shape().toInts(), shape);
        if (shape.length != declared.length) return false;
        for (int d = 0; d < shape.length; d++)
            if (declared[d] != OPEN && declared[d] != shape[d]) return false;
        return true;
    }

    /// {@return the shape that contents must have, such as `[8, ?, 3, 3]`}
    public String expected() {
        if (type != null) return type.shape().toString();
        return Arrays.stream(declared)
                .mapToObj(extent -> extent == OPEN ? "?" : String.valueOf(extent))
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /// Replaces the contents by a copy of a tensor.
    ///
    /// @throws TrainingException if it has another dtype or shape
    public void assign(Tensor tensor) {
        if (tensor.dtype() != DType.FLOAT32 || !accepts(tensor.shape())) {
            throw TrainingException.of(
                    "Parameter '" + name() + "'", "array", "float32" + expected(), tensor);
        }
        Evaluation.computeRetained();
        accept(tensor.copy());
    }

    /// Says what this holds after the next update of an optimizer, which need not be its doing: a
    /// moving average, a state.
    public void becomes(Variable value) {
        next = value;
    }

    /// {@return what [#becomes] said since the last time, null if nothing}
    public @Nullable Variable takeNext() {
        var taken = next;
        next = null;
        return taken;
    }

    /// Says what an optimizer's result goes through before it is kept.
    public void constrain(UnaryOperator<Variable> operator) {
        constraint = operator;
    }

    /// {@return what is kept of an optimizer's result}
    public Variable constrained(Variable updated) {
        return constraint == null ? updated : constraint.apply(updated);
    }

    private void accept(Tensor owned) {
        type = Types.of(owned);
        setData(owned);
        version++;
    }

    /// {@return how often the contents have changed}
    long version() {
        return version;
    }

    /// Says that the contents were changed in place.
    void touch() {
        version++;
    }

    @Override
    public TensorType type() {
        expectInitialized();
        return Objects.requireNonNull(type);
    }

    @Override
    Tensor value() {
        expectInitialized();
        return super.value();
    }

    private void expectInitialized() {
        if (type == null) {
            throw TrainingException.saying(
                    "Parameter '" + name() + "'",
                    "its shape is not known before the link's first call");
        }
    }

    @Override
    public String toString() {
        return "Parameter '" + name() + "' " + expected();
    }
}
