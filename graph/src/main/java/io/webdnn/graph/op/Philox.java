package io.webdnn.graph.op;

import static io.webdnn.graph.expr.Binary.Operator.MULTIPLY_HIGH;
import static io.webdnn.graph.expr.Binary.Operator.SHIFT_RIGHT;
import static io.webdnn.graph.expr.Binary.Operator.XOR;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.expr.Let;
import io.webdnn.graph.expr.Literal;
import io.webdnn.graph.expr.Local;
import io.webdnn.tensor.DType;
import java.util.List;
import java.util.function.BiFunction;

/// Random numbers as expressions: Philox4×32-10, a function of a counter and a key that keeps no
/// state, so that each element of a tensor is drawn alone, in any order, and equally on every
/// target.
///
/// All words are uint32. Source: Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1,
/// 2, 3 (2011).
final class Philox {
    private static final int ROUNDS = 10;
    private static final Expr MULTIPLIER_0 = word(0xD2511F53L);
    private static final Expr MULTIPLIER_1 = word(0xCD9E8D57L);
    private static final long WEYL_0 = 0x9E3779B9L;
    private static final long WEYL_1 = 0xBB67AE85L;

    private Philox() {}

    private static Expr word(long value) {
        return Literal.of(DType.UINT32, value & 0xFFFFFFFFL);
    }

    /// {@return the first of the four words that belong to a counter}
    ///
    /// @param counter four words, lowest first
    static Expr word(Expr key0, Expr key1, List<Expr> counter) {
        return let("k0", key0, k0 -> let("k1", key1, k1 -> round(0, k0, k1, counter)));
    }

    private static Expr round(int round, Expr key0, Expr key1, List<Expr> c) {
        if (round == ROUNDS) return c.get(0);
        var roundKey0 = key0.plus(word(round * WEYL_0));
        var roundKey1 = key1.plus(word(round * WEYL_1));
        var high1 = MULTIPLIER_1.apply(MULTIPLY_HIGH, c.get(2));
        var high0 = MULTIPLIER_0.apply(MULTIPLY_HIGH, c.get(0));
        var next0 = high1.apply(XOR, c.get(1)).apply(XOR, roundKey0);
        var next2 = high0.apply(XOR, c.get(3)).apply(XOR, roundKey1);
        BiFunction<Expr, Expr, Expr> rest =
                (c0, c2) ->
                        round(
                                round + 1,
                                key0,
                                key1,
                                List.of(
                                        c0,
                                        MULTIPLIER_1.times(c.get(2)),
                                        c2,
                                        MULTIPLIER_0.times(c.get(0))));
        return let("c0", next0, c0 -> let("c2", next2, c2 -> rest.apply(c0, c2)));
    }

    private static Expr let(String name, Expr value, java.util.function.UnaryOperator<Expr> body) {
        if (value instanceof Literal) return body.apply(value);
        var local = new Local(name, value.dtype());
        return new Let(local, value, body.apply(local));
    }

    /// {@return the float32 in `[0, 1)` that the 24 high bits of a word stand for}
    static Expr uniform(Expr word) {
        return word.apply(SHIFT_RIGHT, word(8))
                .cast(DType.FLOAT32)
                .times(Expr.of(DType.FLOAT32, 0x1p-24));
    }
}
