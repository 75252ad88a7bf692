package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Whether strings match a regular expression as a whole, elementwise.
///
/// X: string; Y: bool, the same shape. The syntax is that of RE2, read by Java's engine, which has
/// all of it but `\\C` and one-letter classes such as `\\pN` under other names. Runs on the host.
///
/// Source: ONNX RegexFullMatch-20.
public record RegexFullMatch(String pattern) implements HostOperator {
    public RegexFullMatch {
        compiled(pattern);
    }

    private static Pattern compiled(String pattern) {
        try {
            return Pattern.compile(pattern.replace("(?P<", "(?<"));
        } catch (PatternSyntaxException e) {
            throw GraphException.of(
                    "RegexFullMatch",
                    "pattern",
                    "a regular expression (" + e.getDescription() + ")",
                    "'" + pattern + "'");
        }
    }

    @Override
    public List<TensorType> infer(Operands in) {
        return List.of(Expect.of(in).count(1, 1).input(0, "X").strings().type().with(DType.BOOL));
    }

    @Override
    public List<Tensor> run(List<? extends @Nullable Tensor> in) {
        var x = Objects.requireNonNull(in.getFirst());
        var matcher = compiled(pattern);
        var y = Tensor.zeros(DType.BOOL, x.shape());
        for (int i = 0; i < x.size(); i++)
            y.bytes()[i] = (byte) (matcher.matcher(x.strings()[i]).matches() ? 1 : 0);
        return List.of(y);
    }
}
