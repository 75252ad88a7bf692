package io.webdnn.compiler.loop;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.HashSet;
import java.util.Set;

/// Checks that a kernel is well formed, so that a mistake of a template is found where it was made,
/// not in a browser.
///
/// Types agree, variables are declared before they are used and indices not assigned, buffers and
/// parameters are the kernel's own, buffers that are only read are not written, lanes fit.
public final class LoopVerifier {
    private final Kernel kernel;
    private final Set<KernelBuffer> buffers;
    private final Set<LocalArray> arrays;

    private LoopVerifier(Kernel kernel) {
        this.kernel = kernel;
        buffers = new HashSet<>(kernel.buffers());
        arrays = new HashSet<>(kernel.arrays());
    }

    /// {@return the kernel}
    ///
    /// @throws IllegalStateException naming kernel, template, statement and what is wrong
    public static Kernel verified(Kernel kernel) {
        new LoopVerifier(kernel).block(kernel.body(), new HashSet<>(), new HashSet<>());
        return kernel;
    }

    private void check(boolean holds, Object place, String expected, Object actual) {
        if (!holds) {
            throw new IllegalStateException(
                    "Kernel '"
                            + kernel.name()
                            + "' ("
                            + kernel.template()
                            + "): "
                            + place
                            + ": expected "
                            + expected
                            + ", got "
                            + actual);
        }
    }

    private void block(
            Stmt.Block block, Set<Term.Variable> outer, Set<Term.Variable> outerIndices) {
        var known = new HashSet<>(outer);
        var indices = new HashSet<>(outerIndices);
        for (var statement : block.statements()) statement(statement, known, indices);
    }

    private void statement(Stmt statement, Set<Term.Variable> known, Set<Term.Variable> indices) {
        switch (statement) {
            case Stmt.Block block -> block(block, known, indices);
            case Stmt.Declare(var variable, var value) -> {
                term(value, known);
                check(
                        variable.type().equals(value.type()),
                        variable,
                        variable.type().toString(),
                        value.type());
                known.add(variable);
            }
            case Stmt.Assign(var variable, var value) -> {
                term(value, known);
                check(
                        known.contains(variable) && !indices.contains(variable),
                        variable,
                        "a declared variable",
                        "none");
                check(
                        variable.type().equals(value.type()),
                        variable,
                        variable.type().toString(),
                        value.type());
            }
            case Stmt.Store(var buffer, var offset, var value) -> {
                term(offset, known);
                term(value, known);
                check(buffers.contains(buffer), buffer, "a buffer of the kernel", "another");
                check(
                        buffer.access() != KernelBuffer.Access.READ,
                        buffer,
                        "a buffer that may be written",
                        buffer.access());
                check(
                        offset.type().equals(LoopType.INT32),
                        buffer,
                        "an int32 offset",
                        offset.type());
                check(
                        value.type().scalar() == buffer.scalar(),
                        buffer,
                        buffer.scalar().toString(),
                        value.type());
                check(
                        value.type().lanes() >= buffer.lanes(),
                        buffer,
                        buffer.lanes() + " lanes",
                        value.type());
            }
            case Stmt.LocalStore(var array, var index, var value) -> {
                term(index, known);
                term(value, known);
                check(arrays.contains(array), array, "an array of the kernel", "another");
                check(
                        array.type().equals(value.type()),
                        array,
                        array.type().toString(),
                        value.type());
            }
            case Stmt.For(var index, var extent, var kind, var body) -> {
                term(extent, known);
                check(
                        extent.type().equals(LoopType.INT32),
                        index,
                        "an int32 extent",
                        extent.type());
                check(
                        kind != Stmt.For.Kind.UNROLLED || extent instanceof Term.Literal,
                        index,
                        "a literal extent of an unrolled loop",
                        extent);
                var inner = new HashSet<>(known);
                inner.add(index);
                var innerIndices = new HashSet<>(indices);
                innerIndices.add(index);
                block(body, inner, innerIndices);
            }
            case Stmt.If(var condition, var then, var otherwise) -> {
                term(condition, known);
                check(condition.type().equals(LoopType.BOOL), "If", "a bool", condition.type());
                block(then, known, indices);
                block(otherwise, known, indices);
            }
            case Stmt.Barrier _ -> {}
            case Stmt.Call(var name, var arguments) -> {
                for (var argument : arguments) {
                    switch (argument) {
                        case Stmt.Argument.Whole(var buffer) ->
                                check(
                                        buffers.contains(buffer),
                                        name,
                                        "a buffer of the kernel",
                                        buffer);
                        case Stmt.Argument.Scalar(var scalar) -> term(scalar, known);
                    }
                }
            }
        }
    }

    private void term(Term term, Set<Term.Variable> known) {
        for (var operand : Terms.operands(term)) term(operand, known);
        switch (term) {
            case Term.Variable variable ->
                    check(known.contains(variable), variable, "a declared variable", "none");
            case Term.Parameter(var dimension) ->
                    check(
                            kernel.parameters().contains(dimension),
                            dimension,
                            "a parameter of the kernel",
                            "another");
            case Term.Literal(var type, var value) ->
                    check(
                            type.lanes() == 1 && type.scalar().isFloat() == value instanceof Double,
                            value,
                            "a number of one lane for " + type,
                            value.getClass().getSimpleName());
            case Term.Combine(var operator, var a, var b) -> {
                check(a.type().equals(b.type()), operator, a.type().toString(), b.type());
                boolean isShiftOrBits =
                        operator == Binary.Operator.SHIFT_LEFT
                                || operator == Binary.Operator.SHIFT_RIGHT;
                check(
                        !isShiftOrBits || !a.type().scalar().isFloat(),
                        operator,
                        "integers",
                        a.type());
            }
            case Term.Apply(var operator, var a) ->
                    check(
                            operator != Unary.Operator.NOT || a.type().scalar() == ScalarType.BOOL,
                            operator,
                            "a bool",
                            a.type());
            case Term.MultiplyAdd(var a, var b, var c) ->
                    check(
                            a.type().equals(b.type()) && a.type().equals(c.type()),
                            "MultiplyAdd",
                            a.type().toString(),
                            b.type());
            case Term.Choose(var condition, var then, var otherwise) -> {
                check(
                        condition.type().scalar() == ScalarType.BOOL,
                        "Choose",
                        "a bool",
                        condition.type());
                check(
                        condition.type().lanes() == 1
                                || condition.type().lanes() == then.type().lanes(),
                        "Choose",
                        then.type().lanes() + " lanes",
                        condition.type());
                check(
                        then.type().equals(otherwise.type()),
                        "Choose",
                        then.type().toString(),
                        otherwise.type());
            }
            case Term.Splat(var scalar) ->
                    check(scalar.type().lanes() == 1, "Splat", "one lane", scalar.type());
            case Term.Lane(var vector, var lane) -> {
                check(vector.type().lanes() == 4, "Lane", "four lanes", vector.type());
                check(lane.type().equals(LoopType.INT32), "Lane", "an int32 lane", lane.type());
            }
            case Term.Vector(var lanes) ->
                    check(
                            lanes.stream()
                                    .allMatch(l ->
                                            l.type().equals(lanes.getFirst().type())
                                                    && l.type().lanes() == 1),
                            "Vector",
                            "four scalars of one type",
                            lanes.stream().map(Term::type).toList());
            case Term.Load(var buffer, var offset, var lanes) -> {
                check(buffers.contains(buffer), buffer, "a buffer of the kernel", "another");
                check(
                        offset.type().equals(LoopType.INT32),
                        buffer,
                        "an int32 offset",
                        offset.type());
                check(lanes >= buffer.lanes(), buffer, buffer.lanes() + " lanes", lanes);
            }
            case Term.LocalLoad(var array, var index) -> {
                check(arrays.contains(array), array, "an array of the kernel", "another");
                check(index.type().equals(LoopType.INT32), array, "an int32 index", index.type());
            }
            case Term.GridIndex _, Term.Convert _, Term.Reinterpret _ -> {}
        }
    }
}
