package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Long short-term memory over a sequence, in one or both directions.
///
/// With `(f, g, h)` the activations and · the elementwise product, at each step of each direction:
///
/// - `i = f(X·Wᵢᵀ + H·Rᵢᵀ + Pᵢ·C + Wbᵢ + Rbᵢ)`, the input gate
/// - `f = f(X·W_fᵀ + H·R_fᵀ + P_f·C + Wb_f + Rb_f)`, the forget gate, or `1 − i` with `inputForget`
/// - `c = g(X·W_cᵀ + H·R_cᵀ + Wb_c + Rb_c)`, and `C' = f·C + i·c`
/// - `o = f(X·Wₒᵀ + H·Rₒᵀ + Pₒ·C' + Wbₒ + Rbₒ)`, and `H' = o · h(C')`
///
/// | | shape (`batchFirst` in brackets) | dtype |
/// |---|---|---|
/// | X | `[T, N, I]` (`[N, T, I]`) | float |
/// | W | `[D, 4·H, I]`, gates in the order i, o, f, c | as X |
/// | R | `[D, 4·H, H]` | as X |
/// | B (may be absent: 0) | `[D, 8·H]`: Wb, then Rb | as X |
/// | sequence_lens (may be absent: T) | `[N]` | int32 |
/// | initial_h, initial_c (may be absent: 0) | `[D, N, H]` (`[N, D, H]`) | as X |
/// | P (may be absent: 0) | `[D, 3·H]`, order i, o, f | as X |
/// | Y | `[T, D, N, H]` (`[N, T, D, H]`) | as X |
/// | Y_h, Y_c, the last state | as initial_h | as X |
///
/// A sequence that is shorter than T keeps its state behind its end, where Y is 0; reversed, it
/// starts at its own end. Source: ONNX LSTM-22; Hochreiter, Schmidhuber 1997.
///
/// @param hidden H
/// @param activations f, g, h of each direction
/// @param clip limit of what goes into activations, to both sides; null for none
/// @param inputForget whether the forget gate is `1 − i`
/// @param batchFirst whether ONNX's `layout` is 1
public record LSTM(
        int hidden,
        Direction direction,
        List<Elementwise> activations,
        @Nullable Float clip,
        boolean inputForget,
        boolean batchFirst)
        implements Primitive {
    /// In which direction the sequence is read; D is 2 for both, the first being forwards.
    public enum Direction {
        FORWARD,
        REVERSE,
        BIDIRECTIONAL;

        int count() {
            return this == BIDIRECTIONAL ? 2 : 1;
        }
    }

    public LSTM {
        activations = List.copyOf(activations);
        if (hidden < 1) throw GraphException.of("LSTM", "hidden", ">= 1", hidden);
        if (activations.size() != 3 * direction.count()) {
            throw GraphException.of(
                    "LSTM", "activations", 3 * direction.count() + " functions", activations);
        }
    }

    /// {@return the usual one: sigmoid gates, tanh for cell and output}
    public static LSTM of(int hidden, Direction direction) {
        var activations = new ArrayList<Elementwise>();
        for (int d = 0; d < direction.count(); d++) {
            activations.add(new Sigmoid());
            activations.add(new Tanh());
            activations.add(new Tanh());
        }
        return new LSTM(hidden, direction, activations, null, false, false);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(3, 8);
        var x = expect.input(0, "X").floating().rank(3).type();
        var dtype = x.dtype();
        var t = x.shape().get(batchFirst ? 1 : 0);
        var n = x.shape().get(batchFirst ? 0 : 1);
        var d = Dimension.of(direction.count());
        var h = Dimension.of(hidden);
        var w = Shape.of(d, h.times(4), x.shape().get(2));
        var state = batchFirst ? Shape.of(n, d, h) : Shape.of(d, n, h);
        expect.input(1, "W").dtype(dtype).shape(w);
        expect.input(2, "R").dtype(dtype).shape(Shape.of(d, h.times(4), h));
        expect.optional(3, "B").dtype(dtype).shape(Shape.of(d, h.times(8)));
        expect.optional(4, "sequence_lens").dtype(DType.INT32).shape(Shape.of(n));
        expect.optional(5, "initial_h").dtype(dtype).shape(state);
        expect.optional(6, "initial_c").dtype(dtype).shape(state);
        expect.optional(7, "P").dtype(dtype).shape(Shape.of(d, h.times(3)));
        var y = batchFirst ? Shape.of(n, t, d, h) : Shape.of(t, d, n, h);
        return List.of(x.with(y), x.with(state), x.with(state));
    }

    @Override
    public Lowering lower(Operands in) {
        return new LongShortTermMemory(this, in).lower(infer(in));
    }
}
