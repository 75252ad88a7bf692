package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Strings cut into parts: `Y[…, i]` is part `i` of `X[…]`, Z the number of its parts.
///
/// X: string; Y: string, X with one axis more, as long as the most parts, filled up with `""`; Z:
/// int64, as X. An empty `delimiter` stands for any run of white space, which then also vanishes at
/// both ends. At most `maxsplit` cuts are made if it is not negative; the last part is the rest.
/// How long the new axis is depends on data, so it is a symbol. Runs on the host.
///
/// Source: ONNX StringSplit-20, with the rules of Python's `str.split`.
///
/// @param parts the name of the symbol
public record StringSplit(String delimiter, long maxsplit, String parts) implements HostOperator {
    public StringSplit {
        if (parts.isEmpty())
            throw GraphException.of("StringSplit", "parts", "a name for the number of parts", "''");
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var x = Expect.of(in).count(1, 1).input(0, "X").strings().type();
        var shape = new ArrayList<>(x.shape().dimensions());
        shape.add(Dimension.symbol(parts));
        return List.of(
                x.with(new io.webdnn.tensor.Shape(shape)), new TensorType(DType.INT64, x.shape()));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var cut = Arrays.stream(x.strings()).map(this::cut).toList();
        int most = cut.stream().mapToInt(List::size).max().orElse(0);
        int[] shape = Arrays.copyOf(x.shape(), x.rank() + 1);
        shape[x.rank()] = most;
        var y = Tensor.zeros(DType.STRING, shape);
        var z = Tensor.zeros(DType.INT64, x.shape());
        for (int i = 0; i < cut.size(); i++) {
            z.longs()[i] = cut.get(i).size();
            for (int p = 0; p < cut.get(i).size(); p++)
                y.strings()[i * most + p] = cut.get(i).get(p);
        }
        return List.of(y, z);
    }

    private List<String> cut(String text) {
        var found = new ArrayList<String>();
        boolean blank = delimiter.isEmpty();
        var rest = blank ? text.stripLeading() : text;
        while (maxsplit < 0 || found.size() < maxsplit) {
            int end = blank ? firstBlank(rest) : rest.indexOf(delimiter);
            if (end < 0) break;
            found.add(rest.substring(0, end));
            rest = rest.substring(blank ? end : end + delimiter.length());
            if (blank) rest = rest.stripLeading();
        }
        if (!blank || !rest.isEmpty()) found.add(rest);
        return found;
    }

    private static int firstBlank(String text) {
        for (int i = 0; i < text.length(); i++)
            if (Character.isWhitespace(text.charAt(i))) return i;
        return -1;
    }
}
