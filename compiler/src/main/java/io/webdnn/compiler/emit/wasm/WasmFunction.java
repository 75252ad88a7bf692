package io.webdnn.compiler.emit.wasm;

import static io.webdnn.compiler.emit.wasm.WasmOp.*;

import io.webdnn.compiler.emit.ShaderFunction;
import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.Kernel;
import io.webdnn.compiler.loop.KernelBuffer;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.SharedLoop;
import io.webdnn.compiler.loop.Stmt;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.tensor.Dimension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes the code of one function: locals and instructions.
///
/// int32, uint32 and bool are i32, int64 and uint64 i64, floats f32 and f64, four lanes are v128 (a
/// bool lane is all ones or all zeros). A loop counts its index up in a local; loads and stores put
/// the constant part of their offset into the instruction where the rest cannot be negative.
final class WasmFunction {
    private static final int F64 = 0x7C;
    private static final int F32 = 0x7D;
    private static final int I64 = 0x7E;
    private static final int I32 = 0x7F;
    private static final int V128 = 0x7B;
    private static final int VOID = 0x40;

    private final WasmLibrary library;
    private final WasmBytes code = new WasmBytes();
    private final Map<Term.Variable, Integer> variables = new HashMap<>();
    private final Set<Term.Variable> natural = new HashSet<>();
    private final Set<Term.Variable> assigned = new HashSet<>();
    private final Map<KernelBuffer, Integer> addresses = new HashMap<>();
    private final Map<Dimension, Integer> parameters = new HashMap<>();
    private final List<Integer> localTypes = new ArrayList<>();
    private final int arguments;

    /// What a library function defines: inside, it means what is given.
    private @Nullable Object own;

    /// The loop of which a kernel computes a range: its last two arguments.
    private @Nullable SharedLoop shared;

    private WasmFunction(WasmLibrary library, int arguments) {
        this.library = library;
        this.arguments = arguments;
    }

    /// {@return the code of a kernel}
    ///
    /// @param expanded the kernel after [Expand]
    /// @param shared its loop that threads share, or null
    static WasmBytes ofKernel(Kernel expanded, @Nullable SharedLoop shared, WasmLibrary library) {
        if (!expanded.arrays().isEmpty()) {
            throw new IllegalArgumentException(
                    "WasmFunction: "
                            + expanded.name()
                            + ": expected register arrays with literal indices, got "
                            + expanded.arrays());
        }
        int buffers = expanded.buffers().size();
        int range = shared == null ? 0 : 2;
        var function = new WasmFunction(library, buffers + expanded.parameters().size() + range);
        function.shared = shared;
        for (int i = 0; i < buffers; i++) function.addresses.put(expanded.buffers().get(i), i);
        for (int i = 0; i < expanded.parameters().size(); i++) {
            function.parameters.put(expanded.parameters().get(i), buffers + i);
        }
        function.findAssigned(expanded.body());
        if (shared == null) function.block(expanded.body());
        else function.shared(expanded.body(), shared);
        return function.finish();
    }

    /// {@return the code of a library function}
    static WasmBytes ofLibrary(ShaderFunction definition, WasmLibrary library) {
        var function = new WasmFunction(library, definition.parameters().size());
        function.own = definition.operator();
        for (int i = 0; i < definition.parameters().size(); i++) {
            function.variables.put(definition.parameters().get(i), i);
        }
        function.findAssigned(definition.body());
        function.block(definition.body());
        function.push(definition.result());
        return function.finish();
    }

    private WasmBytes finish() {
        var locals = new WasmBytes();
        int runs = 0;
        for (int i = 0; i < localTypes.size(); ) {
            int end = i;
            while (end < localTypes.size() && localTypes.get(end).equals(localTypes.get(i))) end++;
            locals.u32(end - i).u8(localTypes.get(i));
            runs++;
            i = end;
        }
        END.write(code);
        return new WasmBytes().u32(runs).raw(locals).raw(code);
    }

    /// {@return the code of the value type that a loop type has}
    static int valueType(LoopType type) {
        if (type.lanes() == 4) return V128;
        return switch (type.scalar()) {
            case FLOAT16 -> throw new AssertionError(type);
            case FLOAT32 -> F32;
            case INT32, UINT32, BOOL -> I32;
            case FLOAT64 -> F64;
            case INT64, UINT64 -> I64;
        };
    }

    private int newLocal(LoopType type) {
        localTypes.add(valueType(type));
        return arguments + localTypes.size() - 1;
    }

    // Statements

    private void block(Stmt.Block block) {
        for (var statement : block.statements()) statement(statement);
    }

    /// A block on the way to the loop that threads share: who computes its last iteration does what
    /// must be done once.
    private void shared(Stmt.Block block, SharedLoop shared) {
        for (var statement : block.statements()) {
            boolean isOnce = shared.isOnce(statement);
            if (isOnce) {
                local(LOCAL_GET, arguments - 1);
                push(extent(shared));
                I32_EQ.write(code);
                IF.write(code);
                code.u8(VOID);
            }
            statement(statement);
            if (isOnce) END.write(code);
        }
    }

    private static Term extent(SharedLoop shared) {
        var extent = shared.extent();
        return extent.isFixed() ? Build.constant(extent.value()) : new Term.Parameter(extent);
    }

    private void statement(Stmt statement) {
        switch (statement) {
            case Stmt.Block block -> block(block);
            case Stmt.Declare(var variable, var value) -> {
                push(value);
                if (!assigned.contains(variable) && isNatural(value)) natural.add(variable);
                local(LOCAL_SET, variables.computeIfAbsent(variable, v -> newLocal(v.type())));
            }
            case Stmt.Assign(var variable, var value) -> {
                push(value);
                local(LOCAL_SET, index(variable));
            }
            case Stmt.Store store -> store(store);
            case Stmt.For loop -> loop(loop);
            case Stmt.If(var condition, var then, var otherwise) -> {
                push(condition);
                IF.write(code);
                code.u8(VOID);
                block(then);
                if (!otherwise.statements().isEmpty()) {
                    ELSE.write(code);
                    block(otherwise);
                }
                END.write(code);
            }
            case Stmt.LocalStore _, Stmt.Barrier _, Stmt.Call _ ->
                    throw new IllegalArgumentException("WasmFunction: expected no " + statement);
        }
    }

    /// `index = 0; block { loop { if (index >= extent) leave; body; index++; again } }`.
    private void loop(Stmt.For loop) {
        var way = shared != null && shared.path().contains(loop.index()) ? shared : null;
        boolean isRange = way != null && loop.index() == way.index();
        int index = newLocal(LoopType.INT32);
        variables.put(loop.index(), index);
        natural.add(loop.index());
        if (isRange) {
            local(LOCAL_GET, arguments - 2);
        } else {
            I32_CONST.write(code);
            code.s64(0);
        }
        local(LOCAL_SET, index);
        boolean runs =
                !isRange
                        && loop.extent() instanceof Term.Literal(_, var value)
                        && value.longValue() > 0;
        if (!runs) {
            BLOCK.write(code);
            code.u8(VOID);
            local(LOCAL_GET, index);
            end(loop, isRange);
            I32_GE_S.write(code);
            BR_IF.write(code);
            code.u32(0);
        }
        LOOP.write(code);
        code.u8(VOID);
        if (way == null || isRange) block(loop.body());
        else shared(loop.body(), way);
        local(LOCAL_GET, index);
        I32_CONST.write(code);
        code.s64(1);
        I32_ADD.write(code);
        local(LOCAL_TEE, index);
        end(loop, isRange);
        I32_LT_S.write(code);
        BR_IF.write(code);
        code.u32(0);
        END.write(code);
        if (!runs) END.write(code);
    }

    private void end(Stmt.For loop, boolean isRange) {
        if (isRange) local(LOCAL_GET, arguments - 1);
        else push(loop.extent());
    }

    private void store(Stmt.Store store) {
        int displacement = address(store.buffer(), store.offset());
        push(store.value());
        var type = store.value().type();
        var op =
                switch (type.scalar()) {
                    case FLOAT16 -> throw new AssertionError(type);
                    case FLOAT32 -> F32_STORE;
                    case FLOAT64 -> F64_STORE;
                    case INT64, UINT64 -> I64_STORE;
                    case INT32, UINT32, BOOL -> I32_STORE;
                };
        (type.lanes() == 4 ? V128_STORE : op).write(code);
        code.u32(2).u32(displacement);
    }

    private void local(WasmOp op, int index) {
        op.write(code);
        code.u32(index);
    }

    private int index(Term.Variable variable) {
        var index = variables.get(variable);
        if (index == null)
            throw new IllegalArgumentException(
                    "WasmFunction: " + variable + ": expected a declared variable");
        return index;
    }

    /// Whether an offset cannot be negative. What lies within a memory does not overflow.
    private boolean isNatural(Term term) {
        return switch (term) {
            case Term.Literal(_, var value) -> value.longValue() >= 0;
            case Term.Parameter _ -> true;
            case Term.Variable variable -> natural.contains(variable);
            case Term.Combine(var operator, var a, var b) ->
                    switch (operator) {
                        case ADD, MULTIPLY, DIVIDE, REMAINDER, MAX, MIN ->
                                isNatural(a) && isNatural(b);
                        default -> false;
                    };
            default -> false;
        };
    }

    private void findAssigned(Stmt statement) {
        switch (statement) {
            case Stmt.Block(var statements) -> statements.forEach(this::findAssigned);
            case Stmt.Assign(var variable, _) -> assigned.add(variable);
            case Stmt.For loop -> findAssigned(loop.body());
            case Stmt.If(_, var then, var otherwise) -> {
                findAssigned(then);
                findAssigned(otherwise);
            }
            case Stmt.Declare _, Stmt.Store _, Stmt.LocalStore _, Stmt.Barrier _, Stmt.Call _ -> {}
        }
    }

    /// Pushes the address of an element, but for the constant part that it gives back.
    private int address(KernelBuffer buffer, Term offset) {
        int unit = buffer.scalar().bytes() * buffer.lanes();
        local(LOCAL_GET, addresses.getOrDefault(buffer, -1));
        long constant = 0;
        Term rest = offset;
        if (offset instanceof Term.Literal(_, var value) && value.longValue() >= 0) {
            return Math.toIntExact(value.longValue() * unit);
        }
        if (offset instanceof Term.Combine(var operator, var x, Term.Literal(_, var value))
                && operator == Binary.Operator.ADD
                && value.longValue() >= 0
                && isNatural(x)) {
            constant = value.longValue();
            rest = x;
        }
        push(rest);
        I32_CONST.write(code);
        code.s64(Integer.numberOfTrailingZeros(unit));
        I32_SHL.write(code);
        I32_ADD.write(code);
        return Math.toIntExact(constant * unit);
    }

    // Terms

    private void push(Term term) {
        switch (term) {
            case Term.Literal(var type, var value) -> literal(type, value);
            case Term.Variable variable -> local(LOCAL_GET, index(variable));
            case Term.Parameter(var dimension) ->
                    local(LOCAL_GET, parameters.getOrDefault(dimension, -1));
            case Term.Apply(var operator, var a) ->
                    new WasmOperators(this, library).unary(operator, a);
            case Term.Combine(var operator, var a, var b) ->
                    new WasmOperators(this, library).binary(operator, a, b);
            case Term.MultiplyAdd(var a, var b, var c) -> multiplyAdd(a, b, c);
            case Term.Choose(var condition, var then, var otherwise) -> {
                push(then);
                push(otherwise);
                push(condition);
                (condition.type().lanes() == 4 ? V128_BITSELECT : SELECT).write(code);
            }
            case Term.Convert(var to, var a) -> new WasmOperators(this, library).convert(to, a);
            case Term.Reinterpret(var to, var a) -> {
                push(a);
                if (term.type().lanes() == 1 && to.isFloat() != a.type().scalar().isFloat()) {
                    var wide = to.isFloat() ? F64_REINTERPRET_I64 : I64_REINTERPRET_F64;
                    var single = to.isFloat() ? F32_REINTERPRET_I32 : I32_REINTERPRET_F32;
                    (to.isWide() ? wide : single).write(code);
                }
            }
            case Term.Splat(var scalar) -> splat(scalar);
            case Term.Lane(var vector, var lane) -> lane(vector, lane);
            case Term.Vector(var lanes) -> vector(lanes);
            case Term.Load(var buffer, var offset, var lanes) -> {
                int displacement = address(buffer, offset);
                var op =
                        switch (buffer.scalar()) {
                            case FLOAT16 -> throw new AssertionError(buffer);
                            case FLOAT32 -> F32_LOAD;
                            case FLOAT64 -> F64_LOAD;
                            case INT64, UINT64 -> I64_LOAD;
                            case INT32, UINT32, BOOL -> I32_LOAD;
                        };
                (lanes == 4 ? V128_LOAD : op).write(code);
                code.u32(2).u32(displacement);
            }
            case Term.GridIndex _, Term.LocalLoad _ ->
                    throw new IllegalArgumentException("WasmFunction: expected no " + term);
        }
    }

    private static boolean isFloat(Term term) {
        return term.type().scalar() == ScalarType.FLOAT32;
    }

    private void literal(LoopType type, Number value) {
        switch (type.scalar()) {
            case FLOAT16 -> throw new AssertionError(type);
            case FLOAT32 -> {
                F32_CONST.write(code);
                code.i32(Float.floatToRawIntBits(value.floatValue()));
            }
            case FLOAT64 -> {
                F64_CONST.write(code);
                code.i64(Double.doubleToRawLongBits(value.doubleValue()));
            }
            case INT64, UINT64 -> {
                I64_CONST.write(code);
                code.s64(value.longValue());
            }
            case INT32, UINT32, BOOL -> {
                I32_CONST.write(code);
                code.s64(value.intValue());
            }
        }
    }

    /// Pushes a scalar as a lane holds it: a bool as all ones or zeros.
    private void pushBits(Term scalar) {
        if (scalar.type().scalar() == ScalarType.BOOL) {
            I32_CONST.write(code);
            code.s64(0);
            push(scalar);
            I32_SUB.write(code);
        } else {
            push(scalar);
        }
    }

    private void splat(Term scalar) {
        if (scalar instanceof Term.Literal(var type, var value)
                && type.scalar() != ScalarType.BOOL) {
            V128_CONST.write(code);
            int bits =
                    type.scalar() == ScalarType.FLOAT32
                            ? Float.floatToRawIntBits(value.floatValue())
                            : value.intValue();
            for (int k = 0; k < 4; k++) code.i32(bits);
        } else if (scalar instanceof Term.Load(var buffer, var offset, _)) {
            int displacement = address(buffer, offset);
            V128_LOAD32_SPLAT.write(code);
            code.u32(2).u32(displacement);
        } else {
            pushBits(scalar);
            (isFloat(scalar) ? F32X4_SPLAT : I32X4_SPLAT).write(code);
        }
    }

    private void vector(List<Term> lanes) {
        var first = everySecond(lanes);
        if (first != null) {
            push(new Term.Load(first.buffer(), first.offset(), 4));
            push(new Term.Load(first.buffer(), Build.add(first.offset(), 4), 4));
            I8X16_SHUFFLE.write(code);
            for (int k = 0; k < 4; k++) for (int b = 0; b < 4; b++) code.u8(8 * k + b);
            return;
        }
        if (isShuffle(lanes)) {
            shuffle(lanes);
            return;
        }
        splat(lanes.getFirst());
        for (int k = 1; k < 4; k++) {
            pushBits(lanes.get(k));
            (isFloat(lanes.get(k)) ? F32X4_REPLACE_LANE : I32X4_REPLACE_LANE).write(code);
            code.u8(k);
        }
    }

    /// {@return whether lanes are those of two vectors}
    private static boolean isShuffle(List<Term> lanes) {
        return lanes.stream().allMatch(WasmFunction::isLaneOfVariable)
                && lanes.stream().map(l -> ((Term.Lane) l).vector()).distinct().count() <= 2;
    }

    private static boolean isLaneOfVariable(Term lane) {
        return lane instanceof Term.Lane(Term.Variable vector, Term.Literal _)
                && vector.type().scalar() != ScalarType.BOOL;
    }

    private void shuffle(List<Term> lanes) {
        var vectors = lanes.stream().map(l -> ((Term.Lane) l).vector()).distinct().toList();
        push(vectors.getFirst());
        push(vectors.getLast());
        I8X16_SHUFFLE.write(code);
        for (var lane : lanes) {
            var from = (Term.Lane) lane;
            int second = from.vector().equals(vectors.getFirst()) ? 0 : 4;
            int number = second + ((Term.Literal) from.lane()).value().intValue();
            for (int b = 0; b < 4; b++) code.u8(4 * number + b);
        }
    }

    /// {@return the first of four loads of every second element, or null if lanes are anything
    /// else}
    ///
    /// They are two loads of four, since so much may be read past the end of a buffer.
    private static Term.@Nullable Load everySecond(List<Term> lanes) {
        if (!(lanes.getFirst() instanceof Term.Load first)) return null;
        for (int k = 1; k < 4; k++) {
            var next = new Term.Load(first.buffer(), Build.add(first.offset(), 2L * k), 1);
            if (!lanes.get(k).equals(next)) return null;
        }
        return first;
    }

    private void lane(Term vector, Term lane) {
        if (!(lane instanceof Term.Literal(_, var value))) {
            throw new IllegalArgumentException(
                    "WasmFunction: lane: expected a literal, got " + lane);
        }
        push(vector);
        (isFloat(vector) ? F32X4_EXTRACT_LANE : I32X4_EXTRACT_LANE).write(code);
        code.u8(value.intValue());
        if (vector.type().scalar() == ScalarType.BOOL) {
            I32_CONST.write(code);
            code.s64(1);
            I32_AND.write(code);
        }
    }

    private void multiplyAdd(Term a, Term b, Term c) {
        boolean fused = library.isRelaxed() && c.type().equals(LoopType.FLOAT32X4);
        if (fused) {
            push(a);
            push(b);
            push(c);
            F32X4_RELAXED_MADD.write(code);
            return;
        }
        push(
                new Term.Combine(
                        Binary.Operator.ADD, new Term.Combine(Binary.Operator.MULTIPLY, a, b), c));
    }

    // For WasmOperators

    boolean defines(Object operator) {
        return operator.equals(own);
    }

    void block(Term condition, LoopType type, Term then, Runnable otherwise) {
        push(condition);
        IF.write(code);
        code.u8(valueType(type));
        push(then);
        ELSE.write(code);
        otherwise.run();
        END.write(code);
    }

    void value(Term term) {
        push(term);
    }

    void op(WasmOp op) {
        op.write(code);
    }

    void i32(int value) {
        I32_CONST.write(code);
        code.s64(value);
    }

    void call(int function) {
        CALL.write(code);
        code.u32(function);
    }

    /// {@return a new local that holds the value on top of the stack}
    Term.Variable keep(LoopType type) {
        var variable = new Term.Variable("kept", type);
        int index = newLocal(type);
        variables.put(variable, index);
        local(LOCAL_SET, index);
        return variable;
    }
}
