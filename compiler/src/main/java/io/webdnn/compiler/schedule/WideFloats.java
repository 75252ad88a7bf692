package io.webdnn.compiler.schedule;

import io.webdnn.graph.expr.Binary;
import io.webdnn.graph.expr.Bits;
import io.webdnn.graph.expr.Cast;
import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Extent;
import io.webdnn.graph.expr.Fold;
import io.webdnn.graph.expr.Index;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Load;
import io.webdnn.graph.expr.Local;
import io.webdnn.graph.expr.Reduce;
import io.webdnn.graph.expr.Select;
import io.webdnn.graph.expr.Unary;
import io.webdnn.tensor.DType;
import java.util.HashMap;
import java.util.Map;

/// Says of float16 and bfloat16 what is done with them anyway: they are computed with as float32
/// and rounded where they are cast or stored. So a sum of products of float16 becomes one of
/// float32, for which there are templates.
final class WideFloats {
    private final Map<Local, Local> locals = new HashMap<>();

    private WideFloats() {}

    static boolean isNarrow(DType dtype) {
        return dtype == DType.FLOAT16 || dtype == DType.BFLOAT16;
    }

    /// {@return the value, computed in float32, then rounded}
    ///
    /// @param value without a [Fold]
    static Expr rounded(Expr value) {
        var wide = new WideFloats().wide(value);
        return wide.dtype() == value.dtype() ? wide : new Cast(value.dtype(), wide, true);
    }

    /// {@return the expression, float32 where it is narrower}
    private Expr wide(Expr e) {
        return switch (e) {
            case Literal l when isNarrow(l.dtype()) ->
                    Literal.of(DType.FLOAT32, l.value().doubleValue());
            case Load load when isNarrow(load.dtype()) -> new Cast(DType.FLOAT32, load, true);
            case Literal _, Load _, Index _, Extent _, Fold _ -> e;
            case Local local -> locals.getOrDefault(local, local);
            case Unary(var operator, var a) -> wide(a).apply(operator);
            case Bits(var dtype, var a) -> new Bits(dtype, wide(a));
            case Binary(var operator, var a, var b) -> wide(a).apply(operator, wide(b));
            case Select(var condition, var then, var otherwise) ->
                    wide(condition).select(wide(then), wide(otherwise));
            case Cast(var dtype, var a, var saturate) -> {
                var operand = wide(a);
                if (operand.dtype() == dtype) yield operand;
                var cast = new Cast(dtype, operand, saturate);
                yield isNarrow(dtype) ? new Cast(DType.FLOAT32, cast, true) : cast;
            }
            case Let(var local, var value, var body) -> {
                var bound = wide(value);
                var fresh = new Local(local.name(), bound.dtype());
                locals.put(local, fresh);
                yield new Let(fresh, bound, wide(body));
            }
            case Reduce(var operator, var indices, var body) ->
                    new Reduce(operator, indices, wide(body));
        };
    }
}
