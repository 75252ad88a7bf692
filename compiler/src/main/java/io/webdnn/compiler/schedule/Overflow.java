package io.webdnn.compiler.schedule;

import io.webdnn.compiler.lower.Lowered;
import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Bits;
import io.webdnn.graph.expr.Buffer;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.HostCall;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Measure;
import io.webdnn.graph.expr.Push;
import io.webdnn.graph.expr.Range;
import io.webdnn.graph.expr.Recurrence;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Stage;
import io.webdnn.graph.expr.Step;
import io.webdnn.graph.expr.Unary;
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;
import org.jspecify.annotations.Nullable;

/// What may leave the low 32 bits of int64 and uint64: where nothing does, they are held in int32
/// and uint32.
///
/// What comes in is taken to fit; the border refuses what does not. Choosing among values,
/// comparing and indexing are safe then, and arithmetic is where [Range.held] shows its result to
/// fit. What a float is cast to saturates at the 32 bits.
public final class Overflow {
    private Overflow() {}

    static boolean isWide(DType dtype) {
        return dtype == DType.INT64 || dtype == DType.UINT64;
    }

    /// {@return whether any step may}
    public static boolean isIn(Lowered lowered) {
        return lowered.operations().stream().anyMatch(operation -> isIn(operation.step()));
    }

    private static boolean isIn(Step step) {
        return switch (step) {
            case Stage stage -> stage.outputs().stream().anyMatch(o -> isIn(o.value()));
            case Push push ->
                    of(push) != null
                            || isIn(push.initial())
                            || isIn(push.condition())
                            || isIn(push.value())
                            || push.target().stream().anyMatch(Overflow::isIn);
            case Recurrence recurrence ->
                    recurrence.states().stream().anyMatch(state -> isIn(state.initial()))
                            || recurrence.body().stream().anyMatch(Overflow::isIn);
            case Measure _, HostCall _ -> false;
        };
    }

    private static boolean isIn(Expr e) {
        boolean[] found = {false};
        Visit.all(e, part -> found[0] |= of(part) != null);
        return found[0] || Visit.buffers(e).stream().anyMatch(Overflow::isLarge);
    }

    /// {@return whether a buffer holds numbers that are known and do not fit}
    private static boolean isLarge(Buffer buffer) {
        var constant = buffer.constant();
        if (constant == null || !isWide(constant.dtype())) return false;
        var held = Range.ofBits(constant.dtype());
        for (int i = 0; i < constant.size(); i++) {
            long value = constant.getLong(i);
            if (value < held.low() || value > held.high()) return true;
        }
        return false;
    }

    /// {@return what a push combines, or null}
    static @Nullable String of(Push push) {
        boolean isArithmetic =
                push.combine() == Push.Combine.ADD || push.combine() == Push.Combine.MULTIPLY;
        return isArithmetic && isWide(push.output().type().dtype())
                ? push.combine() + " of values that are not known"
                : null;
    }

    /// {@return what an expression itself does, not its parts, that may leave 32 bits, or null}
    static @Nullable String of(Expr e) {
        return switch (e) {
            case Literal(var dtype, var value) when isWide(dtype) -> fits(e) ? null : value + "";
            case Binary b when isWide(b.dtype()) ->
                    switch (b.operator()) {
                        case ADD, SUBTRACT, MULTIPLY, POWER, SHIFT_LEFT -> unless(e, b.operator());
                        default -> null;
                    };
            case Reduce r when isWide(r.dtype()) ->
                    switch (r.operator()) {
                        case SUM, PRODUCT -> unless(e, r.operator());
                        default -> null;
                    };
            case Unary(var operator, var a) when a.dtype() == DType.UINT64 ->
                    switch (operator) {
                        case BIT_NOT, NEGATE -> operator + " of values that are not known";
                        default -> null;
                    };
            case Cast(var dtype, var a, _) when isWide(dtype) && a.dtype().isInteger() -> {
                var held = Range.ofBits(dtype);
                yield Range.held(a).isWithin(held.low(), held.high())
                        ? null
                        : "a cast of " + a.dtype() + " values that are not known";
            }
            case Bits(var dtype, var a) when isWide(dtype) || isWide(a.dtype()) ->
                    "the bits of " + a.dtype();
            default -> null;
        };
    }

    private static @Nullable String unless(Expr e, Enum<?> operator) {
        return fits(e) ? null : operator + " of values that are not known";
    }

    private static boolean fits(Expr e) {
        var held = Range.ofBits(e.dtype());
        return Range.held(e).isWithin(held.low(), held.high());
    }
}
