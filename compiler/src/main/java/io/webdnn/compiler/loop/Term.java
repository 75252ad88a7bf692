package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.Dimension;
import java.util.List;

/// An expression of the loop IR: typed, over memory that is already laid out. (It is not called
/// `Expr` so that the one place that reads both languages, `schedule`, stays readable. The
/// arithmetic vocabulary, with its rules for overflow, NaN and division by zero, is that of
/// `graph.expr`.)
///
/// Operators work lane by lane on ×4 operands; both operands have one type.
public sealed interface Term {
    /// {@return the type of the value}
    LoopType type();

    /// A constant; [Long] for integers and bool, [Double] for floats (±∞ and NaN included).
    record Literal(LoopType type, Number value) implements Term {}

    /// A local variable or loop index. Two are the same only if they are the same object.
    final class Variable implements Term {
        private final String name;
        private final LoopType type;

        public Variable(String name, LoopType type) {
            this.name = name;
            this.type = type;
        }

        /// {@return the name, for readers; emitters make it unique}
        public String name() {
            return name;
        }

        @Override
        public LoopType type() {
            return type;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /// A symbolic size, an int32 parameter of the kernel; the host evaluates the dimension before
    /// the run.
    record Parameter(Dimension dimension) implements Term {
        @Override
        public LoopType type() {
            return LoopType.INT32;
        }
    }

    /// Which invocation this is, on targets with a grid: over the whole grid, within the workgroup,
    /// or of the workgroup.
    record GridIndex(Scope scope, int axis) implements Term {
        /// What the index counts.
        public enum Scope {
            GLOBAL,
            LOCAL,
            GROUP
        }

        @Override
        public LoopType type() {
            return LoopType.INT32;
        }
    }

    /// A function of one operand.
    record Apply(Unary.Operator operator, Term operand) implements Term {
        @Override
        public LoopType type() {
            return switch (operator) {
                case IS_NAN, IS_INFINITE -> new LoopType(ScalarType.BOOL, operand.type().lanes());
                default -> operand.type();
            };
        }
    }

    /// A function of two operands.
    record Combine(Binary.Operator operator, Term left, Term right) implements Term {
        @Override
        public LoopType type() {
            return operator.isComparison()
                    ? new LoopType(ScalarType.BOOL, left.type().lanes())
                    : left.type();
        }
    }

    /// `a · b + c`, fused or not as the target does it faster.
    record MultiplyAdd(Term a, Term b, Term c) implements Term {
        @Override
        public LoopType type() {
            return c.type();
        }
    }

    /// `condition ? then : otherwise`, lane by lane; both sides may be evaluated.
    record Choose(Term condition, Term then, Term otherwise) implements Term {
        @Override
        public LoopType type() {
            return then.type();
        }
    }

    /// A conversion between scalar types with the rules of `graph.expr.Cast`; lanes stay.
    record Convert(ScalarType to, Term operand) implements Term {
        @Override
        public LoopType type() {
            return new LoopType(to, operand.type().lanes());
        }
    }

    /// The same bits under another scalar type of the same width.
    record Reinterpret(ScalarType to, Term operand) implements Term {
        @Override
        public LoopType type() {
            return new LoopType(to, operand.type().lanes());
        }
    }

    /// A scalar in all four lanes.
    record Splat(Term scalar) implements Term {
        @Override
        public LoopType type() {
            return scalar.type().withLanes(4);
        }
    }

    /// One lane of a ×4 value; the lane is an int32 term in 0 … 3.
    record Lane(Term vector, Term lane) implements Term {
        @Override
        public LoopType type() {
            return vector.type().withLanes(1);
        }
    }

    /// Four scalars side by side.
    record Vector(List<Term> lanes) implements Term {
        public Vector {
            lanes = List.copyOf(lanes);
            if (lanes.size() != 4)
                throw new IllegalArgumentException("Vector: expected 4 lanes, got " + lanes.size());
        }

        @Override
        public LoopType type() {
            return lanes.getFirst().type().withLanes(4);
        }
    }

    /// Elements of a buffer from an offset that counts in the buffer's unit. Four lanes from a
    /// buffer of scalars need a target with unaligned vectors (WebAssembly).
    record Load(KernelBuffer buffer, Term offset, int lanes) implements Term {
        @Override
        public LoopType type() {
            return new LoopType(buffer.scalar(), lanes);
        }
    }

    /// An element of an array of the kernel's own.
    record LocalLoad(LocalArray array, Term index) implements Term {
        @Override
        public LoopType type() {
            return array.type();
        }
    }
}
