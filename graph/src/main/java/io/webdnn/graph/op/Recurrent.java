package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A recurrent layer whose part of the input is already computed: a cell that goes over a sequence,
/// as Keras describes it. Steps may be masked: these leave the state as it is, and give the output
/// of the step before, 0 before the first that counts.
///
/// With S the cell's sums `G[t] + (F·H)·R + B`, by gates, and · the elementwise product:
///
/// - SIMPLE, one gate: `H' = g(S)`
/// - GRU, gates z, r, h: `z = f(S_z)`, `r = f(S_r)`, `H' = z·H + (1 − z)·g(G_h + (r·H)·R_h + B_h)`
/// - GRU_RESET_AFTER: the same, but `g(G_h + r·(H·R_h + B_h))`
/// - LSTM, gates i, f, c, o: `C' = f(S_f)·C + f(S_i)·g(S_c)`, `H' = f(S_o)·g(C')`
///
/// | | shape | dtype |
/// |---|---|---|
/// | G, input times weights | `[N, T, gates·hidden]` | float |
/// | R | `[hidden, gates·hidden]` | as G |
/// | B (may be absent: 0) | `[gates·hidden]` | as G |
/// | mask, the steps that count (may be absent: all) | `[N, T]` | bool |
/// | initial_h, and for LSTM initial_c (may be absent: 0) | `[N, hidden]` | as G |
/// | F at place 6, a factor of what meets R (may be absent: 1) | `[N, hidden]` | as G |
/// | Y, in the order of reading | `[N, T, hidden]` | as G |
/// | Y_last, the last output | `[N, hidden]` | as G |
/// | Y_h, for LSTM Y_c, the last states | `[N, hidden]` | as G |
///
/// Source: ours; Keras's SimpleRNN, GRU and LSTM; Cho 2014; Hochreiter, Schmidhuber 1997.
///
/// @param hidden the extent of the state
/// @param gate f
/// @param activation g
/// @param reversed whether the sequence is read from its end
public record Recurrent(
        Cell cell, int hidden, Elementwise gate, Elementwise activation, boolean reversed)
        implements Primitive {
    /// What a step computes.
    public enum Cell {
        SIMPLE(1, 1),
        GRU(3, 1),
        GRU_RESET_AFTER(3, 1),
        LSTM(4, 2);

        private final int gates;
        private final int states;

        Cell(int gates, int states) {
            this.gates = gates;
            this.states = states;
        }

        /// {@return how many sums each element of the state has}
        public int gates() {
            return gates;
        }

        /// {@return how many tensors are carried over}
        public int states() {
            return states;
        }
    }

    public Recurrent {
        if (hidden < 1) throw GraphException.of("Recurrent", "hidden", ">= 1", hidden);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(2, 7);
        var g = expect.input(0, "G").floating().rank(3).type();
        var dtype = g.dtype();
        var n = g.shape().get(0);
        var t = g.shape().get(1);
        long width = (long) cell.gates() * hidden;
        expect.input(0, "G").shape(Shape.of(n, t, dimension(width)));
        expect.input(1, "R").dtype(dtype).shape(Shape.of(dimension(hidden), dimension(width)));
        expect.optional(2, "B").dtype(dtype).shape(Shape.of(dimension(width)));
        expect.optional(3, "mask").dtype(DType.BOOL).shape(Shape.of(n, t));
        var state = Shape.of(n, dimension(hidden));
        expect.optional(4, "initial_h").dtype(dtype).shape(state);
        expect.optional(5, "initial_c").dtype(dtype).shape(state);
        if (in.has(5) && cell.states() < 2)
            throw GraphException.of("Recurrent", "initial_c", "none for " + cell, in.type(5));
        expect.optional(6, "F").dtype(dtype).shape(state);
        var types = new ArrayList<TensorType>();
        types.add(g.with(Shape.of(n, t, dimension(hidden))));
        types.addAll(Collections.nCopies(1 + cell.states(), g.with(state)));
        return types;
    }

    private static Dimension dimension(long extent) {
        return Dimension.of(extent);
    }

    @Override
    public Lowering lower(Operands in) {
        return new RecurrentSteps(this, in).lower(infer(in));
    }
}
