package io.webdnn.compiler.fuse;

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
import io.webdnn.graph.expr.Visit;
import io.webdnn.tensor.DType;

/// How much work one evaluation of an expression is: what decides whether it may be done again in
/// each consumer.
enum Weight {
    /// Only chooses among loads: index arithmetic, selects, literals.
    INDEX_MAP,
    /// A few plain operations.
    CHEAP,
    /// Many operations, or ones that cost as much: transcendental functions, divisions.
    HEAVY,
    /// Loops.
    LOOP;

    private static final int CHEAP_OPERATIONS = 24;
    private static final int INDEX_MAP_CHOICES = 32;

    /// {@return whether an expression has few choices even if it stands at so many places}
    static boolean hasFewChoices(Expr e, int places) {
        int[] choices = {0};
        Visit.all(e, part -> choices[0] += part instanceof Select ? places : 0);
        return choices[0] <= INDEX_MAP_CHOICES;
    }

    /// {@return the weight of an expression}
    static Weight of(Expr e) {
        int[] operations = {0};
        int[] choices = {0};
        var weight = new Weight[] {INDEX_MAP};
        Visit.all(
                e,
                part -> {
                    var own = ofPart(part);
                    if (own != INDEX_MAP) operations[0]++;
                    if (part instanceof Select) choices[0]++;
                    if (own.compareTo(weight[0]) > 0) weight[0] = own;
                });
        boolean isLong = operations[0] > CHEAP_OPERATIONS || choices[0] > INDEX_MAP_CHOICES;
        return isLong && weight[0] != LOOP ? HEAVY : weight[0];
    }

    private static Weight ofPart(Expr part) {
        return switch (part) {
            case Reduce _, Fold _ -> LOOP;
            case Unary(var operator, _) ->
                    switch (operator) {
                        case NEGATE,
                                ABS,
                                SIGN,
                                FLOOR,
                                CEIL,
                                ROUND,
                                NOT,
                                BIT_NOT,
                                IS_NAN,
                                IS_INFINITE ->
                                CHEAP;
                        case EXP,
                                LOG,
                                LOG1P,
                                SQRT,
                                SIN,
                                COS,
                                TAN,
                                ASIN,
                                ACOS,
                                ATAN,
                                SINH,
                                COSH,
                                ASINH,
                                ACOSH ->
                                HEAVY;
                        case ATANH, TANH, ERF -> HEAVY;
                    };
            case Binary(var operator, var left, _) -> {
                if (left.dtype() == DType.INT32 || left.dtype() == DType.BOOL) yield INDEX_MAP;
                yield switch (operator) {
                    case DIVIDE, REMAINDER, FLOOR_DIVIDE, FLOOR_MODULO, POWER -> HEAVY;
                    default -> CHEAP;
                };
            }
            case Cast _, Bits _ -> CHEAP;
            case Literal _, Extent _, Index _, Local _, Load _, Select _, Let _ -> INDEX_MAP;
        };
    }
}
