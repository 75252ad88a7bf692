package io.webdnn.compiler.loop;

import java.util.List;

/// A statement of the loop IR.
public sealed interface Stmt {
    /// Statements in order.
    record Block(List<Stmt> statements) implements Stmt {
        public Block {
            statements = List.copyOf(statements);
        }

        /// {@return a block of the given statements}
        public static Block of(Stmt... statements) {
            return new Block(List.of(statements));
        }
    }

    /// A new variable, visible to the end of the enclosing block.
    record Declare(Term.Variable variable, Term value) implements Stmt {}

    /// A new value for a declared variable.
    record Assign(Term.Variable variable, Term value) implements Stmt {}

    /// `buffer[offset] = value`; as many lanes as the value has. On WebGL the only store is of the
    /// invocation's own texel; of a buffer in layers it is the one in layer `offset`, a literal.
    record Store(KernelBuffer buffer, Term offset, Term value) implements Stmt {}

    /// `array[index] = value`.
    record LocalStore(LocalArray array, Term index, Term value) implements Stmt {}

    /// `for (index = 0; index < extent; index++)`, extent an int32 term that the loop does not
    /// change.
    record For(Term.Variable index, Term extent, Kind kind, Block body) implements Stmt {
        /// How the iterations may be executed.
        public enum Kind {
            SERIAL,
            /// The extent is a small literal: printed once per iteration.
            UNROLLED,
            /// Iterations are independent, so that threads may share them.
            PARALLEL
        }
    }

    /// One of two blocks.
    record If(Term condition, Block then, Block otherwise) implements Stmt {}

    /// All invocations of the workgroup arrive before any goes on, and see each other's stores to
    /// shared arrays.
    record Barrier() implements Stmt {}

    /// A call of a micro-kernel that the target has in its library (the JVM's
    /// `tensor.kernel.Kernels`).
    ///
    /// @param name the method
    /// @param arguments buffers and terms, in its order
    record Call(String name, List<Argument> arguments) implements Stmt {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    /// What a micro-kernel is given.
    sealed interface Argument {
        /// A whole buffer.
        record Whole(KernelBuffer buffer) implements Argument {}

        /// A scalar.
        record Scalar(Term term) implements Argument {}
    }
}
