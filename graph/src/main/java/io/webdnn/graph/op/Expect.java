package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.function.Predicate;

/// Says what an operator expects of its operands, in sentences; each one throws [GraphException]
/// with expected and actual.
public final class Expect {
    private final Operands in;

    private Expect(Operands in) {
        this.in = in;
    }

    /// {@return expectations on the given operands}
    public static Expect of(Operands in) {
        return new Expect(in);
    }

    /// Expects between `low` and `high` inputs.
    public Expect count(int low, int high) {
        if (in.count() < low || in.count() > high) {
            throw GraphException.of(
                    in.operation(),
                    "inputs",
                    low == high ? String.valueOf(low) : low + " to " + high,
                    in.count());
        }
        return this;
    }

    /// Expects two inputs, A and B, of one dtype. {@return expectations on A}
    public Input pair() {
        var a = count(2, 2).input(0, "A");
        input(1, "B").dtype(a.type().dtype());
        return a;
    }

    /// Expects one or more inputs of one dtype. {@return expectations on the first}
    public Input alike() {
        if (in.count() < 1) throw GraphException.of(in.operation(), "inputs", "1 or more", 0);
        var first = input(0, "input 0");
        for (int i = 1; i < in.count(); i++) input(i, "input " + i).dtype(first.type().dtype());
        return first;
    }

    /// {@return expectations on an input that must be given}
    public Input input(int i, String name) {
        if (!in.has(i))
            throw GraphException.of(in.operation(), name, "an input at position " + i, "none");
        return new Input(name, in.type(i), in.operation());
    }

    /// {@return expectations on an optional input; they hold if it is absent}
    public Input optional(int i, String name) {
        return new Input(name, in.has(i) ? in.type(i) : null, in.operation());
    }

    /// One input.
    public static final class Input {
        private final String name;
        private final @org.jspecify.annotations.Nullable TensorType type;
        private final String operation;

        private Input(
                String name, @org.jspecify.annotations.Nullable TensorType type, String operation) {
            this.name = name;
            this.type = type;
            this.operation = operation;
        }

        private Input that(Predicate<TensorType> holds, String expected) {
            if (type != null && !holds.test(type))
                throw GraphException.of(operation, name, expected, type);
            return this;
        }

        /// Expects a floating point dtype.
        public Input floating() {
            return that(t -> t.dtype().isFloat(), "a float tensor");
        }

        /// Expects an integer dtype.
        public Input integer() {
            return that(t -> t.dtype().isInteger(), "an integer tensor");
        }

        /// Expects a float or integer dtype.
        public Input numeric() {
            return that(t -> t.dtype().isNumeric(), "a float or integer tensor");
        }

        /// Expects a float, integer or bool dtype.
        public Input numericOrBool() {
            return that(
                    t -> t.dtype().isNumeric() || t.dtype() == DType.BOOL,
                    "a float, integer or bool tensor");
        }

        /// Expects strings.
        public Input strings() {
            return that(t -> t.dtype() == DType.STRING, "a string tensor");
        }

        /// Expects int32 or int64, the dtypes of data that are indices.
        public Input index() {
            return that(
                    t -> t.dtype() == DType.INT32 || t.dtype() == DType.INT64,
                    "an int32 or int64 tensor");
        }

        /// Expects one element: a scalar, or a tensor of extents 1.
        public Input single() {
            return that(t -> t.shape().elements().is(1), "one element");
        }

        /// Expects one dtype.
        public Input dtype(DType dtype) {
            return that(t -> t.dtype() == dtype, dtype.toString());
        }

        /// Expects a number of axes.
        public Input rank(int rank) {
            return that(t -> t.rank() == rank, "rank " + rank);
        }

        /// Expects at most so many axes.
        public Input rankAtMost(int rank) {
            return that(t -> t.rank() <= rank, "rank <= " + rank);
        }

        /// Expects at least so many axes.
        public Input rankAtLeast(int rank) {
            return that(t -> t.rank() >= rank, "rank >= " + rank);
        }

        /// Expects a shape.
        public Input shape(Shape shape) {
            return that(t -> t.shape().equals(shape), "shape " + shape);
        }

        /// Expects the extent of one axis, named by what it is: `C/group = 4`.
        public Input extent(int axis, Dimension extent, String what) {
            return that(
                    t -> axis < t.rank() && t.shape().get(axis).equals(extent),
                    what + " = " + extent + " on axis " + axis);
        }

        /// Expects a shape that broadcasts to another (numpy's rule, this operand never growing the
        /// other).
        public Input broadcastsTo(Shape target) {
            if (type != null && !Broadcast.reaches(type.shape(), target)) {
                throw GraphException.of(
                        operation, name, "a shape that broadcasts to " + target, type.shape());
            }
            return this;
        }

        /// {@return the type of an input that is given}
        public TensorType type() {
            if (type == null) throw GraphException.of(operation, name, "an input", "none");
            return type;
        }

        /// {@return the axis counted from 0, a negative one from the end}
        public int axis(int axis) {
            int rank = type().rank();
            if (axis < -rank || axis >= rank) {
                throw GraphException.of(
                        operation,
                        "axis",
                        "-" + rank + " ... " + (rank - 1) + " for " + type(),
                        axis);
            }
            return axis < 0 ? axis + rank : axis;
        }
    }
}
