package io.webdnn.graph.op;

import io.webdnn.graph.expr.Expr;
import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/// Reorders axes: axis `d` of the result is axis `permutation[d]` of data.
///
/// `transposed[o…] = data[i…]` with `i[permutation[d]] = o[d]`. data: any dtype, its rank the
/// length of the permutation.
///
/// Source: ONNX Transpose-24.
public record Transpose(List<Integer> permutation) implements Primitive {
    public Transpose {
        permutation = List.copyOf(permutation);
        if (!permutation.stream().sorted().toList().equals(Axes.all(permutation.size()))) {
            throw GraphException.of(
                    "Transpose",
                    "permutation",
                    "each of 0 ... " + (permutation.size() - 1) + " once",
                    permutation);
        }
    }

    /// {@return a transposition by the given axes}
    public static Transpose of(int... permutation) {
        return new Transpose(IntStream.of(permutation).boxed().toList());
    }

    /// {@return the transposition that reverses all axes}
    public static Transpose reversing(int rank) {
        return new Transpose(Axes.all(rank).reversed());
    }

    /// {@return the transposition that does this one and then another}
    public Transpose then(Transpose next) {
        return new Transpose(next.permutation.stream().map(permutation::get).toList());
    }

    /// {@return the transposition that undoes this one}
    public Transpose inverse() {
        return new Transpose(
                Axes.all(permutation.size()).stream().map(permutation::indexOf).toList());
    }

    /// {@return whether every axis stays}
    public boolean isIdentity() {
        return permutation.equals(Axes.all(permutation.size()));
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var data = Expect.of(in).count(1, 1).input(0, "data").rank(permutation.size()).type();
        return List.of(data.with(new Shape(permutation.stream().map(data.shape()::get).toList())));
    }

    @Override
    public Lowering lower(Operands in) {
        return Compute.each(
                infer(in).getFirst(),
                o -> in.load(0, inverse().permutation.stream().<Expr>map(o::get).toList()));
    }
}
