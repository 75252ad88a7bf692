package io.webdnn.compiler.emit.jvm;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import io.webdnn.compiler.loop.LocalArray;
import io.webdnn.compiler.loop.LoopType;
import io.webdnn.compiler.loop.ScalarType;
import io.webdnn.compiler.loop.Term;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Unary;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/// Leaves the value of a term on the stack, in the JVM's type for it ([#kind]); bool is an int of 0
/// or 1, uint32 an int of the same bits.
final class TermEmitter {
    private static final ClassDesc MATH = ClassDesc.ofDescriptor("Ljava/lang/Math;");
    private static final ClassDesc OURS = ClassDesc.ofDescriptor(JvmMath.class.descriptorString());

    private final CodeBuilder code;
    private final Frame frame;

    /// Where the method being written keeps things.
    interface Frame {
        /// {@return the slot of a declared variable, or of a loop index}
        int slot(Term.Variable variable);

        /// {@return the literal that a variable stands for while its loop is unrolled, or null}
        Term.@org.jspecify.annotations.Nullable Literal literal(Term.Variable variable);

        /// {@return the slot of a load whose value is already there, or null}
        @org.jspecify.annotations.Nullable
        Integer hoisted(Term load);

        /// {@return the slot of a parameter}
        int slot(Term.Parameter parameter);

        /// {@return the slot of a buffer's array}
        int slot(io.webdnn.compiler.loop.KernelBuffer buffer);

        /// {@return the slot of an array of the kernel's own}
        int slot(LocalArray array);
    }

    TermEmitter(CodeBuilder code, Frame frame) {
        this.code = code;
        this.frame = frame;
    }

    /// {@return the type in which the JVM holds a scalar}
    static TypeKind kind(ScalarType type) {
        return switch (type) {
            case FLOAT16 -> throw new AssertionError(type);
            case FLOAT32 -> TypeKind.FLOAT;
            case FLOAT64 -> TypeKind.DOUBLE;
            case INT64, UINT64 -> TypeKind.LONG;
            case INT32, UINT32, BOOL -> TypeKind.INT;
        };
    }

    static TypeKind kind(LoopType type) {
        if (type.lanes() != 1)
            throw new IllegalArgumentException(
                    "JvmEmitter: expected a scalar, got " + type + ": the JVM has no lanes");
        return kind(type.scalar());
    }

    private static ClassDesc desc(TypeKind kind) {
        return switch (kind) {
            case FLOAT -> CD_float;
            case DOUBLE -> CD_double;
            case LONG -> CD_long;
            default -> CD_int;
        };
    }

    void emit(Term term) {
        switch (term) {
            case Term.Literal literal -> literal(literal);
            case Term.Variable v -> {
                var literal = frame.literal(v);
                if (literal != null) literal(literal);
                else code.loadLocal(kind(v.type()), frame.slot(v));
            }
            case Term.Parameter p -> code.iload(frame.slot(p));
            case Term.Apply(var operator, var operand) -> apply(operator, operand, term);
            case Term.Combine combine -> combine(combine);
            case Term.MultiplyAdd(var a, var b, var c) -> multiplyAdd(a, b, c);
            case Term.Choose(var condition, var then, var otherwise)
                    when then.type().scalar() == ScalarType.FLOAT32
                            && !(condition instanceof Term.Literal) ->
                    chooseBits(condition, then, otherwise);
            case Term.Choose(var condition, var then, var otherwise) -> {
                var end = code.newLabel();
                var no = code.newLabel();
                branchUnless(condition, no);
                emit(then);
                code.goto_(end);
                code.labelBinding(no);
                emit(otherwise);
                code.labelBinding(end);
            }
            case Term.Convert(var to, var operand) -> {
                emit(operand);
                convert(operand.type().scalar(), to);
            }
            case Term.Reinterpret(var to, var operand) -> {
                emit(operand);
                reinterpret(operand.type().scalar(), to);
            }
            case Term.Load(var buffer, var offset, var lanes) -> {
                var kind = kind(new LoopType(buffer.scalar(), lanes));
                var hoisted = frame.hoisted(term);
                if (hoisted != null) {
                    code.loadLocal(kind, hoisted);
                    return;
                }
                code.aload(frame.slot(buffer));
                emit(offset);
                code.arrayLoad(kind(buffer.scalar()));
            }
            case Term.LocalLoad(var array, var index) -> {
                code.aload(frame.slot(array));
                emit(index);
                code.arrayLoad(kind(array.type()));
            }
            case Term.GridIndex _ ->
                    throw new IllegalArgumentException(
                            "JvmEmitter: expected loops, got " + term + ": the JVM has no grid");
            case Term.Splat _, Term.Lane _, Term.Vector _ ->
                    throw new IllegalArgumentException(
                            "JvmEmitter: expected scalars, got " + term + ": the JVM has no lanes");
        }
    }

    /// Masks the bits of both sides: the JVM's compiler makes a branch of a choice between floats,
    /// which costs six times as much where it cannot be foreseen (the gradient of a rectifier), but
    /// not of a choice between two ints.
    private void chooseBits(Term condition, Term then, Term otherwise) {
        var no = code.newLabel();
        var end = code.newLabel();
        branchUnless(condition, no);
        code.iconst_m1();
        code.goto_(end);
        code.labelBinding(no);
        code.iconst_0();
        code.labelBinding(end);
        boolean orZero = isPositiveZero(otherwise);
        if (!orZero) code.dup();
        emit(then);
        toBits();
        code.iand();
        if (!orZero) {
            code.swap();
            code.iconst_m1();
            code.ixor();
            emit(otherwise);
            toBits();
            code.iand();
            code.ior();
        }
        call(ClassDesc.ofDescriptor("Ljava/lang/Float;"), "intBitsToFloat", CD_float, CD_int);
    }

    private void toBits() {
        call(ClassDesc.ofDescriptor("Ljava/lang/Float;"), "floatToRawIntBits", CD_int, CD_float);
    }

    private static boolean isPositiveZero(Term term) {
        return term instanceof Term.Literal(_, Double value)
                && Double.doubleToRawLongBits(value) == 0;
    }

    private void literal(Term.Literal literal) {
        var value = literal.value();
        switch (kind(literal.type())) {
            case FLOAT -> code.loadConstant(value.floatValue());
            case DOUBLE -> code.loadConstant(value.doubleValue());
            case LONG -> code.loadConstant(value.longValue());
            default -> code.loadConstant(value.intValue());
        }
    }

    private void multiplyAdd(Term a, Term b, Term c) {
        var kind = kind(c.type());
        emit(a);
        emit(b);
        multiply(kind);
        emit(c);
        add(kind);
    }

    private void add(TypeKind kind) {
        switch (kind) {
            case FLOAT -> code.fadd();
            case DOUBLE -> code.dadd();
            case LONG -> code.ladd();
            default -> code.iadd();
        }
    }

    private void subtract(TypeKind kind) {
        switch (kind) {
            case FLOAT -> code.fsub();
            case DOUBLE -> code.dsub();
            case LONG -> code.lsub();
            default -> code.isub();
        }
    }

    private void multiply(TypeKind kind) {
        switch (kind) {
            case FLOAT -> code.fmul();
            case DOUBLE -> code.dmul();
            case LONG -> code.lmul();
            default -> code.imul();
        }
    }

    // Functions of one operand

    private void apply(Unary.Operator operator, Term operand, Term whole) {
        var type = operand.type().scalar();
        var kind = kind(operand.type());
        switch (operator) {
            case NEGATE -> {
                emit(operand);
                switch (kind) {
                    case FLOAT -> code.fneg();
                    case DOUBLE -> code.dneg();
                    case LONG -> code.lneg();
                    default -> code.ineg();
                }
            }
            case ABS -> {
                emit(operand);
                if (!type.isUnsigned()) math("abs", kind);
            }
            case SIGN -> {
                emit(operand);
                switch (kind) {
                    case FLOAT, DOUBLE -> math("signum", kind);
                    case LONG -> {
                        if (type == ScalarType.UINT64) {
                            call(OURS, "signUnsigned", CD_long, CD_long);
                        } else {
                            call(
                                    ClassDesc.ofDescriptor("Ljava/lang/Long;"),
                                    "signum",
                                    CD_int,
                                    CD_long);
                            code.i2l();
                        }
                    }
                    default -> {
                        if (type == ScalarType.UINT32) call(OURS, "signUnsigned", CD_int, CD_int);
                        else
                            call(
                                    ClassDesc.ofDescriptor("Ljava/lang/Integer;"),
                                    "signum",
                                    CD_int,
                                    CD_int);
                    }
                }
            }
            case SQRT -> throughDouble(MATH, "sqrt", operand);
            case EXP -> throughDouble(MATH, "exp", operand);
            case LOG -> throughDouble(MATH, "log", operand);
            case LOG1P -> throughDouble(MATH, "log1p", operand);
            case FLOOR -> rounding("floor", operand);
            case CEIL -> rounding("ceil", operand);
            case ROUND -> rounding("rint", operand);
            case SIN -> throughDouble(MATH, "sin", operand);
            case COS -> throughDouble(MATH, "cos", operand);
            case TAN -> throughDouble(MATH, "tan", operand);
            case ASIN -> throughDouble(MATH, "asin", operand);
            case ACOS -> throughDouble(MATH, "acos", operand);
            case ATAN -> throughDouble(MATH, "atan", operand);
            case SINH -> throughDouble(MATH, "sinh", operand);
            case COSH -> throughDouble(MATH, "cosh", operand);
            case TANH -> throughDouble(MATH, "tanh", operand);
            case ASINH -> throughDouble(OURS, "asinh", operand);
            case ACOSH -> throughDouble(OURS, "acosh", operand);
            case ATANH -> throughDouble(OURS, "atanh", operand);
            case ERF -> throughDouble(OURS, "erf", operand);
            case NOT, IS_NAN, IS_INFINITE -> truth(whole);
            case BIT_NOT -> {
                emit(operand);
                if (kind == TypeKind.LONG) {
                    code.loadConstant(-1L);
                    code.lxor();
                } else {
                    code.iconst_m1();
                    code.ixor();
                }
            }
        }
    }

    private void rounding(String method, Term operand) {
        if (operand.type().scalar().isFloat()) throughDouble(MATH, method, operand);
        else emit(operand);
    }

    /// Computed in double and rounded once.
    private void throughDouble(ClassDesc owner, String method, Term operand) {
        emit(operand);
        boolean single = kind(operand.type()) == TypeKind.FLOAT;
        if (single) code.f2d();
        call(owner, method, CD_double, CD_double);
        if (single) code.d2f();
    }

    private void math(String method, TypeKind kind) {
        call(MATH, method, desc(kind), desc(kind));
    }

    private void call(ClassDesc owner, String method, ClassDesc result, ClassDesc... arguments) {
        code.invokestatic(owner, method, MethodTypeDesc.of(result, arguments));
    }

    // Functions of two operands

    private void combine(Term.Combine combine) {
        var operator = combine.operator();
        if (operator.isComparison() || combine.type().scalar() == ScalarType.BOOL) {
            bool(combine);
            return;
        }
        emit(combine.left());
        emit(combine.right());
        var type = combine.left().type().scalar();
        var kind = kind(combine.left().type());
        boolean unsigned = type.isUnsigned();
        switch (operator) {
            case ADD -> add(kind);
            case SUBTRACT -> subtract(kind);
            case MULTIPLY -> multiply(kind);
            case DIVIDE -> {
                switch (kind) {
                    case FLOAT -> code.fdiv();
                    case DOUBLE -> code.ddiv();
                    case LONG -> pair(unsigned ? "divideUnsigned" : "divide", kind);
                    default -> {
                        if (unsigned) pair("divideUnsigned", kind);
                        else if (isPositive(combine.right())) code.idiv();
                        else pair("divide", kind);
                    }
                }
            }
            case REMAINDER -> {
                switch (kind) {
                    case FLOAT -> code.frem();
                    case DOUBLE -> code.drem();
                    case LONG -> pair(unsigned ? "remainderUnsigned" : "remainder", kind);
                    default -> {
                        if (unsigned) pair("remainderUnsigned", kind);
                        else if (isPositive(combine.right())) code.irem();
                        else pair("remainder", kind);
                    }
                }
            }
            case FLOOR_DIVIDE -> pair(unsigned ? "divideUnsigned" : "floorDivide", kind);
            case FLOOR_MODULO -> pair(unsigned ? "remainderUnsigned" : "floorModulo", kind);
            case MIN -> {
                if (unsigned) pair("minUnsigned", kind);
                else call(MATH, "min", desc(kind), desc(kind), desc(kind));
            }
            case MAX -> {
                if (unsigned) pair("maxUnsigned", kind);
                else call(MATH, "max", desc(kind), desc(kind), desc(kind));
            }
            case POWER -> pair(unsigned ? "powerUnsigned" : "power", kind);
            case AND -> {
                if (kind == TypeKind.LONG) code.land();
                else code.iand();
            }
            case OR -> {
                if (kind == TypeKind.LONG) code.lor();
                else code.ior();
            }
            case XOR -> {
                if (kind == TypeKind.LONG) code.lxor();
                else code.ixor();
            }
            case SHIFT_LEFT -> {
                if (kind == TypeKind.LONG) {
                    code.l2i();
                    code.lshl();
                } else {
                    code.ishl();
                }
            }
            case SHIFT_RIGHT -> {
                if (kind == TypeKind.LONG) {
                    code.l2i();
                    if (unsigned) code.lushr();
                    else code.lshr();
                } else if (unsigned) {
                    code.iushr();
                } else {
                    code.ishr();
                }
            }
            case MULTIPLY_HIGH -> pair("multiplyHigh", kind);
            case EQUAL, LESS, LESS_OR_EQUAL -> throw new AssertionError(operator);
        }
    }

    private static boolean isPositive(Term term) {
        return term instanceof Term.Literal(_, Long value) && value > 0;
    }

    private void pair(String method, TypeKind kind) {
        call(OURS, method, desc(kind), desc(kind), desc(kind));
    }

    // Truth

    /// Leaves a bool that is best known by where a branch goes.
    private void truth(Term condition) {
        var no = code.newLabel();
        var end = code.newLabel();
        branchUnless(condition, no);
        code.iconst_1();
        code.goto_(end);
        code.labelBinding(no);
        code.iconst_0();
        code.labelBinding(end);
    }

    private void bool(Term.Combine combine) {
        switch (combine.operator()) {
            case XOR -> {
                emit(combine.left());
                emit(combine.right());
                code.ixor();
            }
            case AND, OR, EQUAL, LESS, LESS_OR_EQUAL, MIN, MAX, ADD, MULTIPLY -> truth(combine);
            case SUBTRACT,
                    DIVIDE,
                    REMAINDER,
                    FLOOR_DIVIDE,
                    FLOOR_MODULO,
                    POWER,
                    SHIFT_LEFT,
                    SHIFT_RIGHT,
                    MULTIPLY_HIGH ->
                    throw new IllegalArgumentException(
                            "JvmEmitter: " + combine.operator() + ": expected numbers, got bool");
        }
    }

    /// Goes to a label if a condition is false, and goes on if it is true.
    void branchUnless(Term condition, Label no) {
        switch (condition) {
            case Term.Literal l -> {
                if (l.value().longValue() == 0) code.goto_(no);
            }
            case Term.Apply(var operator, var a) when operator == Unary.Operator.NOT ->
                    branchIf(a, no);
            case Term.Apply(var operator, var a) when operator == Unary.Operator.IS_NAN -> {
                var kind = kind(a.type());
                emit(a);
                code.invokestatic(
                        kind == TypeKind.FLOAT
                                ? ClassDesc.ofDescriptor("Ljava/lang/Float;")
                                : ClassDesc.ofDescriptor("Ljava/lang/Double;"),
                        "isNaN",
                        MethodTypeDesc.ofDescriptor(kind == TypeKind.FLOAT ? "(F)Z" : "(D)Z"));
                code.ifeq(no);
            }
            case Term.Apply(var operator, var a) when operator == Unary.Operator.IS_INFINITE -> {
                var kind = kind(a.type());
                emit(a);
                code.invokestatic(
                        kind == TypeKind.FLOAT
                                ? ClassDesc.ofDescriptor("Ljava/lang/Float;")
                                : ClassDesc.ofDescriptor("Ljava/lang/Double;"),
                        "isInfinite",
                        MethodTypeDesc.ofDescriptor(kind == TypeKind.FLOAT ? "(F)Z" : "(D)Z"));
                code.ifeq(no);
            }
            case Term.Combine c
                    when isLogic(
                            c,
                            Binary.Operator.AND,
                            Binary.Operator.MIN,
                            Binary.Operator.MULTIPLY) -> {
                branchUnless(c.left(), no);
                branchUnless(c.right(), no);
            }
            case Term.Combine c
                    when isLogic(
                            c, Binary.Operator.OR, Binary.Operator.MAX, Binary.Operator.ADD) -> {
                var yes = code.newLabel();
                branchIf(c.left(), yes);
                branchUnless(c.right(), no);
                code.labelBinding(yes);
            }
            case Term.Combine c when c.operator().isComparison() -> compare(c, no, false);
            default -> {
                emit(condition);
                code.ifeq(no);
            }
        }
    }

    private void branchIf(Term condition, Label yes) {
        switch (condition) {
            case Term.Apply(var operator, var a) when operator == Unary.Operator.NOT ->
                    branchUnless(a, yes);
            case Term.Combine c when c.operator().isComparison() -> compare(c, yes, true);
            default -> {
                var no = code.newLabel();
                branchUnless(condition, no);
                code.goto_(yes);
                code.labelBinding(no);
            }
        }
    }

    private static boolean isLogic(Term.Combine c, Binary.Operator... operators) {
        return c.left().type().scalar() == ScalarType.BOOL
                && java.util.List.of(operators).contains(c.operator());
    }

    /// Goes to a label if a comparison has the wanted outcome. A comparison with NaN is false.
    private void compare(Term.Combine c, Label target, boolean wanted) {
        var type = c.left().type().scalar();
        var kind = kind(c.left().type());
        // the order of unsigned numbers is that of signed ones with the highest bit turned
        boolean turns = type.isUnsigned() && c.operator() != Binary.Operator.EQUAL;
        emit(c.left());
        if (turns) turnHighestBit(kind);
        emit(c.right());
        if (turns) turnHighestBit(kind);
        switch (kind) {
            case FLOAT -> code.fcmpg(); // NaN compares as greater: neither less nor equal
            case DOUBLE -> code.dcmpg();
            case LONG -> code.lcmp();
            default -> {
                switch (c.operator()) {
                    case EQUAL -> {
                        if (wanted) code.if_icmpeq(target);
                        else code.if_icmpne(target);
                    }
                    case LESS -> {
                        if (wanted) code.if_icmplt(target);
                        else code.if_icmpge(target);
                    }
                    default -> {
                        if (wanted) code.if_icmple(target);
                        else code.if_icmpgt(target);
                    }
                }
                return;
            }
        }
        switch (c.operator()) {
            case EQUAL -> {
                if (wanted) code.ifeq(target);
                else code.ifne(target);
            }
            case LESS -> {
                if (wanted) code.iflt(target);
                else code.ifge(target);
            }
            default -> {
                if (wanted) code.ifle(target);
                else code.ifgt(target);
            }
        }
    }

    private void turnHighestBit(TypeKind kind) {
        if (kind == TypeKind.LONG) {
            code.loadConstant(Long.MIN_VALUE);
            code.lxor();
        } else {
            code.loadConstant(Integer.MIN_VALUE);
            code.ixor();
        }
    }

    // Conversions

    private void convert(ScalarType from, ScalarType to) {
        if (from == to) return;
        if (to == ScalarType.BOOL) {
            toBool(from);
            return;
        }
        switch (from) {
            case FLOAT16 -> throw new AssertionError(from);
            case FLOAT32 -> {
                switch (to) {
                    case UINT64 -> {
                        code.f2d();
                        call(OURS, "toUnsignedLong", CD_long, CD_double);
                    }
                    case FLOAT64 -> code.f2d();
                    case INT32 -> code.f2i();
                    case INT64 -> code.f2l();
                    case UINT32 -> {
                        code.f2d();
                        call(OURS, "toUnsigned", CD_int, CD_double);
                    }
                    case FLOAT16, FLOAT32, BOOL -> throw new AssertionError(to);
                }
            }
            case FLOAT64 -> {
                switch (to) {
                    case UINT64 -> call(OURS, "toUnsignedLong", CD_long, CD_double);
                    case FLOAT32 -> code.d2f();
                    case INT32 -> code.d2i();
                    case INT64 -> code.d2l();
                    case UINT32 -> call(OURS, "toUnsigned", CD_int, CD_double);
                    case FLOAT16, FLOAT64, BOOL -> throw new AssertionError(to);
                }
            }
            case INT64 -> {
                switch (to) {
                    case FLOAT32 -> { // by way of double, as the definition has it
                        code.l2d();
                        code.d2f();
                    }
                    case FLOAT64 -> code.l2d();
                    case INT32, UINT32 -> code.l2i();
                    case UINT64 -> {} // the same bits
                    case FLOAT16, INT64, BOOL -> throw new AssertionError(to);
                }
            }
            case UINT64 -> {
                switch (to) {
                    case FLOAT32 -> {
                        call(OURS, "fromUnsigned", CD_double, CD_long);
                        code.d2f();
                    }
                    case FLOAT64 -> call(OURS, "fromUnsigned", CD_double, CD_long);
                    case INT32, UINT32 -> code.l2i();
                    case INT64 -> {} // the same bits
                    case FLOAT16, UINT64, BOOL -> throw new AssertionError(to);
                }
            }
            case INT32, BOOL -> {
                switch (to) {
                    case FLOAT32 -> code.i2f();
                    case FLOAT64 -> code.i2d();
                    case INT64, UINT64 -> code.i2l();
                    case INT32, UINT32 -> {} // the same bits
                    case FLOAT16, BOOL -> throw new AssertionError(to);
                }
            }
            case UINT32 -> {
                switch (to) {
                    case FLOAT32 -> {
                        call(OURS, "fromUnsigned", CD_double, CD_int);
                        code.d2f();
                    }
                    case FLOAT64 -> call(OURS, "fromUnsigned", CD_double, CD_int);
                    case INT64, UINT64 -> {
                        code.i2l();
                        code.loadConstant(0xffff_ffffL);
                        code.land();
                    }
                    case INT32 -> {} // the same bits
                    case FLOAT16, UINT32, BOOL -> throw new AssertionError(to);
                }
            }
        }
    }

    private void toBool(ScalarType from) {
        switch (kind(from)) {
            case FLOAT -> {
                code.fconst_0();
                code.fcmpg();
            }
            case DOUBLE -> {
                code.dconst_0();
                code.dcmpg();
            }
            case LONG -> {
                code.lconst_0();
                code.lcmp();
            }
            default -> {}
        }
        var no = code.newLabel();
        var end = code.newLabel();
        code.ifeq(no);
        code.iconst_1();
        code.goto_(end);
        code.labelBinding(no);
        code.iconst_0();
        code.labelBinding(end);
    }

    private void reinterpret(ScalarType from, ScalarType to) {
        var f = kind(from);
        var t = kind(to);
        if (f == t) return;
        if (f == TypeKind.FLOAT && t == TypeKind.INT) {
            call(
                    ClassDesc.ofDescriptor("Ljava/lang/Float;"),
                    "floatToRawIntBits",
                    CD_int,
                    CD_float);
        } else if (f == TypeKind.INT && t == TypeKind.FLOAT) {
            call(ClassDesc.ofDescriptor("Ljava/lang/Float;"), "intBitsToFloat", CD_float, CD_int);
        } else if (f == TypeKind.DOUBLE && t == TypeKind.LONG) {
            call(
                    ClassDesc.ofDescriptor("Ljava/lang/Double;"),
                    "doubleToRawLongBits",
                    CD_long,
                    CD_double);
        } else if (f == TypeKind.LONG && t == TypeKind.DOUBLE) {
            call(
                    ClassDesc.ofDescriptor("Ljava/lang/Double;"),
                    "longBitsToDouble",
                    CD_double,
                    CD_long);
        } else {
            throw new IllegalArgumentException(
                    "JvmEmitter: Reinterpret: expected types of one width, got "
                            + from
                            + " and "
                            + to);
        }
    }
}
