package io.webdnn.train;

import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tensor that knows how it came about.
///
/// Calling a function on variables checks their types at once and records the call; nothing is
/// computed until a value is asked for ([#array], [#item]) or an optimizer updates its parameters.
/// What is then needed is compiled as one program, which is kept for the next time.
///
/// ```java
/// var x = new Variable(new float[] {1, 2, 3}, 3);
/// var y = F.sum(x.times(x));
/// y.backward();
/// y.item();          // 14.0
/// x.grad().array();  // 2, 4, 6
/// ```
public sealed class Variable permits Parameter {
    private final TensorType type;
    private final int outputIndex;
    private final boolean requiresGradient;
    private @Nullable FunctionNode creator;
    private @Nullable Tensor data;
    private @Nullable Variable gradient;
    private String name = "";
    private boolean retained;

    /// Marks of the walk that visited this variable last; see [History].
    long walk;

    int position;

    /// Holds a copy of the given tensor.
    public Variable(Tensor tensor) {
        this(tensor.copy(), tensor.dtype().isFloat());
    }

    /// Holds a copy of the given numbers, as float32.
    public Variable(float[] values, int... shape) {
        this(Tensor.of(values, shape));
    }

    /// Holds a copy of the given numbers, as int32.
    public Variable(int[] values, int... shape) {
        this(Tensor.of(values, shape));
    }

    private Variable(Tensor owned, boolean requiresGradient) {
        this.type = Types.of(owned);
        this.data = owned;
        this.outputIndex = 0;
        this.requiresGradient = requiresGradient;
    }

    /// Stands for an output of a function.
    Variable(TensorType type, FunctionNode creator, int outputIndex) {
        this.type = type;
        this.creator = creator;
        this.outputIndex = outputIndex;
        this.requiresGradient = false;
    }

    /// For parameters, whose type is known only once they are initialised.
    Variable() {
        this.type = TensorType.of(DType.FLOAT32);
        this.outputIndex = 0;
        this.requiresGradient = true;
    }

    /// {@return a variable over the tensor itself, which must not be changed from now on: for
    /// batches that are made anew for each step}
    public static Variable sharing(Tensor tensor) {
        return new Variable(tensor, tensor.dtype().isFloat());
    }

    /// {@return a float32 scalar that takes no gradient: a number which may be another one in each
    /// step}
    public static Variable scalar(double value) {
        return new Variable(Tensor.of(new float[] {(float) value}), false);
    }

    /// {@return dtype and shape}
    public TensorType type() {
        return type;
    }

    /// {@return the element type}
    public final DType dtype() {
        return type().dtype();
    }

    /// {@return the extents of the axes}
    public final Shape shape() {
        return type().shape();
    }

    /// {@return the extent of one axis}
    public final int size(int axis) {
        return shape().size(axis);
    }

    /// {@return a copy of the contents, computed now if they are not yet}
    ///
    /// @throws TrainingException if an optimizer has changed the parameters in between; call
    ///   [#retain] before
    public Tensor array() {
        return value().copy();
    }

    /// {@return the only element}
    public final double item() {
        if (!isOneElement()) {
            throw TrainingException.of("item", "variable", "one element", type());
        }
        return value().getDouble(0);
    }

    final boolean isOneElement() {
        return shape().rank() == 0 || shape().elements().is(1);
    }

    /// {@return the contents themselves}
    Tensor value() {
        var known = data;
        if (known == null) {
            Evaluation.compute(List.of(this));
            known = data;
            if (known == null) throw new AssertionError("computed variables have contents");
        }
        return known;
    }

    final boolean isComputed() {
        return data != null;
    }

    final @Nullable Tensor data() {
        return data;
    }

    final void setData(Tensor contents) {
        data = contents;
        var node = creator;
        if (node != null && !node.isDifferentiable()) creator = null;
    }

    /// {@return how this came about, or null for what was given}
    public final @Nullable FunctionNode creator() {
        return creator;
    }

    /// {@return which output of [#creator] this is}
    public final int outputIndex() {
        return outputIndex;
    }

    /// Forgets how this came about, after computing it: [#backward] stops here.
    public final Variable unchain() {
        value();
        creator = null;
        return this;
    }

    /// Has this computed together with whatever is computed next, so that it can be read after an
    /// optimizer's update.
    ///
    /// @return this
    public final Variable retain() {
        if (data == null && !retained) {
            retained = true;
            Evaluation.retain(this);
        }
        return this;
    }

    /// {@return what [#backward] found for this, or null}
    public final @Nullable Variable grad() {
        return gradient;
    }

    /// Forgets the gradient.
    public final void cleargrad() {
        gradient = null;
    }

    final boolean requiresGradient() {
        return requiresGradient;
    }

    final void addGradient(Variable addend) {
        gradient = gradient == null ? addend : F.add(gradient, addend);
    }

    /// Records the gradients of this scalar with respect to every parameter and every given float
    /// variable in its history; they are added to what [#grad] holds.
    ///
    /// @throws TrainingException if this has more than one element or no history
    public final void backward() {
        Backward.from(this);
    }

    /// {@return the name that graphs show, empty if none was given}
    public String name() {
        return name;
    }

    /// Names this for graphs.
    ///
    /// @return this
    public final Variable named(String newName) {
        name = newName;
        return this;
    }

    /// {@return this + other}
    public final Variable plus(Variable other) {
        return F.add(this, other);
    }

    /// {@return this + other}
    public final Variable plus(double other) {
        return F.add(this, scalar(other));
    }

    /// {@return this − other}
    public final Variable minus(Variable other) {
        return F.subtract(this, other);
    }

    /// {@return this − other}
    public final Variable minus(double other) {
        return F.subtract(this, scalar(other));
    }

    /// {@return this · other, elementwise}
    public final Variable times(Variable other) {
        return F.multiply(this, other);
    }

    /// {@return this · other}
    public final Variable times(double other) {
        return F.multiply(this, scalar(other));
    }

    /// {@return this / other, elementwise}
    public final Variable dividedBy(Variable other) {
        return F.divide(this, other);
    }

    /// {@return this / other}
    public final Variable dividedBy(double other) {
        return F.divide(this, scalar(other));
    }

    /// {@return −this}
    public final Variable negated() {
        return F.negate(this);
    }

    /// {@return name, type and how this came about; computes nothing}
    @Override
    public String toString() {
        var node = creator;
        return "Variable"
                + (name().isEmpty() ? "" : " '" + name() + "'")
                + " "
                + type()
                + (node == null ? "" : " of " + node)
                + (data == null ? ", not computed" : "");
    }
}
