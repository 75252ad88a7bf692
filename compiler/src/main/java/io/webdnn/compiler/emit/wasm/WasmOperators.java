package io.webdnn.compiler.emit.wasm;

import static io.webdnn.compiler.emit.wasm.WasmOp.*;

import io.webdnn.compiler.loop.Build;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// The operators as instructions, with the rules of `graph.expr`; what has no instruction is a call
/// of the library, and what has none for four lanes is done lane by lane.
final class WasmOperators {
    private final WasmFunction function;
    private final WasmLibrary library;

    WasmOperators(WasmFunction function, WasmLibrary library) {
        this.function = function;
        this.library = library;
    }

    void unary(Unary.Operator operator, Term a) {
        var type = a.type();
        boolean wide = type.lanes() == 4;
        boolean isFloat = type.scalar().isFloat();
        switch (operator) {
            case NOT -> {
                function.value(a);
                function.op(wide ? V128_NOT : I32_EQZ);
            }
            case BIT_NOT -> {
                function.value(a);
                if (wide) {
                    function.op(V128_NOT);
                } else {
                    function.value(new Term.Literal(type, -1L));
                    function.op(type.scalar().isWide() ? I64_XOR : I32_XOR);
                }
            }
            case NEGATE -> {
                if (isFloat) plain(of(type, F32X4_NEG, F32_NEG, F64_NEG), a);
                else
                    function.value(
                            new Term.Combine(Binary.Operator.SUBTRACT, Build.constant(type, 0), a));
            }
            case ABS -> {
                if (isFloat) plain(of(type, F32X4_ABS, F32_ABS, F64_ABS), a);
                else if (type.scalar().isUnsigned()) function.value(a);
                else if (wide) plain(I32X4_ABS, a);
                else call(operator, a);
            }
            case SQRT -> plain(of(type, F32X4_SQRT, F32_SQRT, F64_SQRT), a);
            case FLOOR -> rounding(of(type, F32X4_FLOOR, F32_FLOOR, F64_FLOOR), isFloat, a);
            case CEIL -> rounding(of(type, F32X4_CEIL, F32_CEIL, F64_CEIL), isFloat, a);
            case ROUND -> rounding(of(type, F32X4_NEAREST, F32_NEAREST, F64_NEAREST), isFloat, a);
            case IS_NAN -> {
                function.value(a);
                var kept = function.keep(type);
                function.value(kept);
                function.value(kept);
                function.op(of(type, F32X4_NE, F32_NE, F64_NE));
            }
            case IS_INFINITE -> {
                plain(of(type, F32X4_ABS, F32_ABS, F64_ABS), a);
                function.value(Build.constant(type, Double.POSITIVE_INFINITY));
                function.op(of(type, F32X4_EQ, F32_EQ, F64_EQ));
            }
            case SIGN,
                    EXP,
                    LOG,
                    LOG1P,
                    SIN,
                    COS,
                    TAN,
                    ASIN,
                    ACOS,
                    ATAN,
                    SINH,
                    COSH,
                    ASINH,
                    ACOSH,
                    ATANH,
                    TANH,
                    ERF ->
                    call(operator, a);
        }
    }

    /// {@return the instruction for floats of a type}
    private static WasmOp of(LoopType type, WasmOp lanes, WasmOp single, WasmOp wide) {
        return type.lanes() == 4 ? lanes : type.scalar().isWide() ? wide : single;
    }

    private void rounding(WasmOp op, boolean isFloat, Term a) {
        if (isFloat) plain(op, a);
        else function.value(a);
    }

    private void plain(WasmOp op, Term a) {
        function.value(a);
        function.op(op);
    }

    private void call(Unary.Operator operator, Term a) {
        function.value(a);
        function.call(
                function.defines(operator)
                        ? library.given(operator, a.type())
                        : library.unary(operator, a.type()));
    }

    void binary(Binary.Operator operator, Term a, Term b) {
        var type = a.type();
        if (isBound(operator, type) && (isNumber(a) || isNumber(b))) {
            // b < a ? b : a, and a < b ? b : a: one instruction of x86-64, where the others are six
            // because of NaN and of the sign of 0; a NaN in a stays
            function.value(isNumber(a) ? b : a);
            function.value(isNumber(a) ? a : b);
            function.op(operator == Binary.Operator.MIN ? F32X4_PMIN : F32X4_PMAX);
            return;
        }
        var op = op(operator, type);
        if (op != null) {
            function.value(a);
            function.value(b);
            function.op(op);
            return;
        }
        if (function.defines(operator)) {
            given(operator, a, b);
            return;
        }
        if (type.lanes() == 4 && isShift(operator)) {
            lanesOrShift(operator, a, b);
            return;
        }
        if (isDivision(operator)
                && type.lanes() == 1
                && !type.scalar().isFloat()
                && isSafeDivisor(b)) {
            var direct = division(operator, type.scalar());
            if (direct != null) {
                function.value(a);
                function.value(b);
                function.op(direct);
                return;
            }
        }
        if (type.lanes() == 1 && !type.scalar().isFloat()) {
            if (operator == Binary.Operator.MIN || operator == Binary.Operator.MAX) {
                extreme(operator, kept(a), kept(b));
                return;
            }
            if (isFloor(operator) && type.equals(LoopType.INT32) && isPositive(b)) {
                floored(operator, kept(a), b);
                return;
            }
        }
        if (type.lanes() == 4 && !library.hasLanes(operator, type)) {
            byLane(i -> new Term.Combine(operator, lane(a, i), lane(b, i)), a, b);
            return;
        }
        function.value(a);
        function.value(b);
        function.call(library.binary(operator, type));
    }

    private static boolean isBound(Binary.Operator operator, LoopType type) {
        return type.equals(LoopType.FLOAT32X4)
                && (operator == Binary.Operator.MIN || operator == Binary.Operator.MAX);
    }

    private static boolean isNumber(Term term) {
        return term instanceof Term.Splat(Term.Literal(_, var value))
                && !Double.isNaN(value.doubleValue());
    }

    /// Inside the library's definition of an operator: what the definition takes as given. The
    /// divisor is not 0 there.
    private void given(Binary.Operator operator, Term a, Term b) {
        var type = a.type();
        if (operator == Binary.Operator.POWER && type.scalar().isFloat()) {
            function.value(a);
            function.value(b);
            function.call(library.givenPower(type));
            return;
        }
        var op = division(operator, type.scalar());
        if (op == null || operator != Binary.Operator.DIVIDE) {
            throw new IllegalArgumentException(
                    "WasmOperators: expected a definition without " + operator + " of " + type);
        }
        Runnable divide =
                () -> {
                    function.value(a);
                    function.value(b);
                    function.op(op);
                };
        if (type.scalar().isUnsigned()) {
            divide.run();
        } else { // the lowest integer divided by −1 would trap
            var isMinusOne = new Term.Combine(Binary.Operator.EQUAL, b, Build.constant(type, -1));
            function.block(
                    isMinusOne,
                    type,
                    new Term.Combine(Binary.Operator.SUBTRACT, Build.constant(type, 0), a),
                    divide);
        }
    }

    /// {@return a term that may be pushed several times}
    private Term kept(Term a) {
        if (a instanceof Term.Variable || a instanceof Term.Literal) return a;
        function.value(a);
        return function.keep(a.type());
    }

    private void extreme(Binary.Operator operator, Term a, Term b) {
        boolean least = operator == Binary.Operator.MIN;
        var isFirst = new Term.Combine(Binary.Operator.LESS, least ? a : b, least ? b : a);
        function.value(new Term.Choose(isFirst, a, b));
    }

    /// `⌊a / b⌋ = −1 − ⌊(−1 − a) / b⌋` for negative a, and `−1 − a` are a's bits turned over.
    private void floored(Binary.Operator operator, Term a, Term b) {
        if (operator == Binary.Operator.FLOOR_MODULO) {
            var quotient = new Term.Combine(Binary.Operator.FLOOR_DIVIDE, a, b);
            var multiple = new Term.Combine(Binary.Operator.MULTIPLY, quotient, b);
            function.value(new Term.Combine(Binary.Operator.SUBTRACT, a, multiple));
            return;
        }
        var sign = kept(new Term.Combine(Binary.Operator.SHIFT_RIGHT, a, Build.constant(31)));
        var turned = new Term.Combine(Binary.Operator.XOR, a, sign);
        var quotient = new Term.Combine(Binary.Operator.DIVIDE, turned, b);
        function.value(new Term.Combine(Binary.Operator.XOR, quotient, sign));
    }

    private static boolean isFloor(Binary.Operator operator) {
        return operator == Binary.Operator.FLOOR_DIVIDE || operator == Binary.Operator.FLOOR_MODULO;
    }

    private static boolean isPositive(Term b) {
        return b instanceof Term.Literal(_, Long value) && value > 0;
    }

    private static boolean isShift(Binary.Operator operator) {
        return operator == Binary.Operator.SHIFT_LEFT || operator == Binary.Operator.SHIFT_RIGHT;
    }

    private static boolean isDivision(Binary.Operator operator) {
        return switch (operator) {
            case DIVIDE, REMAINDER, FLOOR_DIVIDE, FLOOR_MODULO -> true;
            default -> false;
        };
    }

    private static boolean isSafeDivisor(Term b) {
        return b instanceof Term.Literal(_, Long value) && value != 0 && value != -1;
    }

    private static @Nullable WasmOp division(Binary.Operator operator, ScalarType type) {
        boolean wide = type.isWide();
        boolean unsigned = type.isUnsigned();
        return switch (operator) {
            case DIVIDE -> unsigned ? (wide ? I64_DIV_U : I32_DIV_U) : wide ? I64_DIV_S : I32_DIV_S;
            case REMAINDER ->
                    unsigned ? (wide ? I64_REM_U : I32_REM_U) : wide ? I64_REM_S : I32_REM_S;
            case FLOOR_DIVIDE -> unsigned ? (wide ? I64_DIV_U : I32_DIV_U) : null;
            case FLOOR_MODULO -> unsigned ? (wide ? I64_REM_U : I32_REM_U) : null;
            default -> null;
        };
    }

    /// Shifts of all lanes by one distance are an instruction.
    private void lanesOrShift(Binary.Operator operator, Term a, Term b) {
        if (!(b instanceof Term.Splat(var distance))) {
            byLane(i -> new Term.Combine(operator, lane(a, i), lane(b, i)), a, b);
            return;
        }
        function.value(a);
        function.value(distance);
        boolean unsigned = a.type().scalar() == ScalarType.UINT32;
        function.op(
                operator == Binary.Operator.SHIFT_LEFT
                        ? I32X4_SHL
                        : unsigned ? I32X4_SHR_U : I32X4_SHR_S);
    }

    private static Term lane(Term a, int i) {
        return a instanceof Term.Splat(var scalar) ? scalar : new Term.Lane(a, Build.constant(i));
    }

    /// Computes four scalars; operands are kept in locals first.
    private void byLane(IntFunction<Term> scalar, Term... operands) {
        var kept = new ArrayList<Term>();
        for (var operand : operands) {
            if (operand instanceof Term.Splat || operand instanceof Term.Variable) {
                kept.add(operand);
            } else {
                function.value(operand);
                kept.add(function.keep(operand.type()));
            }
        }
        var lanes = new ArrayList<Term>();
        for (int i = 0; i < 4; i++) lanes.add(rebuilt(scalar.apply(i), List.of(operands), kept));
        function.value(new Term.Vector(lanes));
    }

    private static Term rebuilt(Term scalar, List<Term> from, List<Term> to) {
        return switch (scalar) {
            case Term.Combine(var operator, var a, var b) ->
                    new Term.Combine(operator, rebuilt(a, from, to), rebuilt(b, from, to));
            case Term.Apply(var operator, var a) -> new Term.Apply(operator, rebuilt(a, from, to));
            case Term.Lane(var vector, var i) -> {
                for (int k = 0; k < from.size(); k++) {
                    if (from.get(k).equals(vector)) yield new Term.Lane(to.get(k), i);
                }
                yield scalar;
            }
            default -> scalar;
        };
    }

    private static @Nullable WasmOp op(Binary.Operator operator, LoopType type) {
        boolean wide = type.lanes() == 4;
        return switch (type.scalar()) {
            case FLOAT16 -> null;
            case FLOAT32 ->
                    switch (operator) {
                        case ADD -> wide ? F32X4_ADD : F32_ADD;
                        case SUBTRACT -> wide ? F32X4_SUB : F32_SUB;
                        case MULTIPLY -> wide ? F32X4_MUL : F32_MUL;
                        case DIVIDE -> wide ? F32X4_DIV : F32_DIV;
                        case MIN -> wide ? F32X4_MIN : F32_MIN;
                        case MAX -> wide ? F32X4_MAX : F32_MAX;
                        case EQUAL -> wide ? F32X4_EQ : F32_EQ;
                        case LESS -> wide ? F32X4_LT : F32_LT;
                        case LESS_OR_EQUAL -> wide ? F32X4_LE : F32_LE;
                        default -> null;
                    };
            case INT32, UINT32 -> integer(operator, wide, type.scalar() == ScalarType.UINT32);
            case BOOL ->
                    switch (operator) {
                        case AND -> wide ? V128_AND : I32_AND;
                        case OR -> wide ? V128_OR : I32_OR;
                        case XOR -> wide ? V128_XOR : I32_XOR;
                        case EQUAL -> wide ? I32X4_EQ : I32_EQ;
                        default -> null;
                    };
            case FLOAT64 ->
                    switch (operator) {
                        case ADD -> F64_ADD;
                        case SUBTRACT -> F64_SUB;
                        case MULTIPLY -> F64_MUL;
                        case DIVIDE -> F64_DIV;
                        case MIN -> F64_MIN;
                        case MAX -> F64_MAX;
                        case EQUAL -> F64_EQ;
                        case LESS -> F64_LT;
                        case LESS_OR_EQUAL -> F64_LE;
                        default -> null;
                    };
            case INT64, UINT64 -> wideInteger(operator, type.scalar().isUnsigned());
        };
    }

    private static @Nullable WasmOp wideInteger(Binary.Operator operator, boolean unsigned) {
        return switch (operator) {
            case ADD -> I64_ADD;
            case SUBTRACT -> I64_SUB;
            case MULTIPLY -> I64_MUL;
            case AND -> I64_AND;
            case OR -> I64_OR;
            case XOR -> I64_XOR;
            case SHIFT_LEFT -> I64_SHL;
            case SHIFT_RIGHT -> unsigned ? I64_SHR_U : I64_SHR_S;
            case EQUAL -> I64_EQ;
            case LESS -> unsigned ? I64_LT_U : I64_LT_S;
            case LESS_OR_EQUAL -> unsigned ? I64_LE_U : I64_LE_S;
            case MIN, MAX, DIVIDE, REMAINDER, FLOOR_DIVIDE, FLOOR_MODULO, POWER, MULTIPLY_HIGH ->
                    null;
        };
    }

    private static @Nullable WasmOp integer(
            Binary.Operator operator, boolean wide, boolean unsigned) {
        return switch (operator) {
            case ADD -> wide ? I32X4_ADD : I32_ADD;
            case SUBTRACT -> wide ? I32X4_SUB : I32_SUB;
            case MULTIPLY -> wide ? I32X4_MUL : I32_MUL;
            case AND -> wide ? V128_AND : I32_AND;
            case OR -> wide ? V128_OR : I32_OR;
            case XOR -> wide ? V128_XOR : I32_XOR;
            case SHIFT_LEFT -> wide ? null : I32_SHL;
            case SHIFT_RIGHT -> wide ? null : unsigned ? I32_SHR_U : I32_SHR_S;
            case EQUAL -> wide ? I32X4_EQ : I32_EQ;
            case LESS -> unsigned ? (wide ? I32X4_LT_U : I32_LT_U) : (wide ? I32X4_LT_S : I32_LT_S);
            case LESS_OR_EQUAL ->
                    unsigned ? (wide ? I32X4_LE_U : I32_LE_U) : (wide ? I32X4_LE_S : I32_LE_S);
            case MIN -> wide ? (unsigned ? I32X4_MIN_U : I32X4_MIN_S) : null;
            case MAX -> wide ? (unsigned ? I32X4_MAX_U : I32X4_MAX_S) : null;
            case DIVIDE, REMAINDER, FLOOR_DIVIDE, FLOOR_MODULO, POWER, MULTIPLY_HIGH -> null;
        };
    }

    void convert(ScalarType to, Term a) {
        var from = a.type().scalar();
        boolean wide = a.type().lanes() == 4;
        if (from == to) {
            function.value(a);
        } else if (from.isWide() || to.isWide()) {
            function.value(a);
            for (var op : wideConversion(from, to)) function.op(op);
        } else if (to == ScalarType.FLOAT32) {
            function.value(from == ScalarType.BOOL && wide ? bits(a) : a);
            boolean unsigned = from == ScalarType.UINT32;
            function.op(
                    wide
                            ? (unsigned ? F32X4_CONVERT_I32X4_U : F32X4_CONVERT_I32X4_S)
                            : (unsigned ? F32_CONVERT_I32_U : F32_CONVERT_I32_S));
        } else if (from == ScalarType.FLOAT32) {
            function.value(a);
            boolean unsigned = to == ScalarType.UINT32;
            function.op(
                    wide
                            ? (unsigned ? I32X4_TRUNC_SAT_F32X4_U : I32X4_TRUNC_SAT_F32X4_S)
                            : (unsigned ? I32_TRUNC_SAT_F32_U : I32_TRUNC_SAT_F32_S));
        } else if (from == ScalarType.BOOL && wide) {
            function.value(bits(a));
        } else {
            function.value(a);
        }
    }

    /// {@return the instructions from or to a type of 64 bits; integers become float32 by way of
    /// double, as the definition has it}
    private static List<WasmOp> wideConversion(ScalarType from, ScalarType to) {
        return switch (to) {
            case FLOAT32 ->
                    switch (from) {
                        case INT64 -> List.of(F64_CONVERT_I64_S, F32_DEMOTE_F64);
                        case UINT64 -> List.of(F64_CONVERT_I64_U, F32_DEMOTE_F64);
                        default -> List.of(F32_DEMOTE_F64);
                    };
            case FLOAT64 ->
                    switch (from) {
                        case FLOAT32 -> List.of(F64_PROMOTE_F32);
                        case INT64 -> List.of(F64_CONVERT_I64_S);
                        case UINT64 -> List.of(F64_CONVERT_I64_U);
                        case UINT32 -> List.of(F64_CONVERT_I32_U);
                        default -> List.of(F64_CONVERT_I32_S);
                    };
            case INT32 -> List.of(from.isFloat() ? I32_TRUNC_SAT_F64_S : I32_WRAP_I64);
            case UINT32 -> List.of(from.isFloat() ? I32_TRUNC_SAT_F64_U : I32_WRAP_I64);
            case INT64, UINT64 ->
                    switch (from) {
                        case FLOAT32 ->
                                List.of(
                                        to.isUnsigned()
                                                ? I64_TRUNC_SAT_F32_U
                                                : I64_TRUNC_SAT_F32_S);
                        case FLOAT64 ->
                                List.of(
                                        to.isUnsigned()
                                                ? I64_TRUNC_SAT_F64_U
                                                : I64_TRUNC_SAT_F64_S);
                        case INT32 -> List.of(I64_EXTEND_I32_S);
                        case UINT32, BOOL -> List.of(I64_EXTEND_I32_U);
                        case INT64, UINT64 -> List.of();
                        case FLOAT16 -> throw new AssertionError(from);
                    };
            case FLOAT16, BOOL ->
                    throw new IllegalArgumentException("WasmOperators: expected numbers");
        };
    }

    /// {@return bool lanes as int32 0 or 1}
    private static Term bits(Term a) {
        return new Term.Combine(
                Binary.Operator.AND,
                new Term.Reinterpret(ScalarType.INT32, a),
                Build.constant(LoopType.INT32.withLanes(4), 1));
    }
}
