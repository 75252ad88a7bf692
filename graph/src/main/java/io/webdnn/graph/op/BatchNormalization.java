package io.webdnn.graph.op;

import io.webdnn.graph.type.GraphException;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.Shape;
import java.util.List;

/// Normalizes each channel by given statistics, as in inference.
///
/// `Y[n, c, d…] = (X[n, c, d…] − mean[c]) · scale[c] / √(var[c] + ε) + B[c]`.
///
/// | | shape | dtype |
/// |---|---|---|
/// | X, Y | `[N, C, d…]` | float |
/// | scale, B, input_mean, input_var | `[C]` | as X |
///
/// Source: ONNX BatchNormalization-15 with `training_mode = 0`; Ioffe, Szegedy 2015.
public record BatchNormalization(float epsilon) implements Composed {
    private static final List<String> PARAMETERS = List.of("scale", "B", "input_mean", "input_var");

    public BatchNormalization {
        if (!(epsilon >= 0))
            throw GraphException.of("BatchNormalization", "epsilon", ">= 0", epsilon);
    }

    @Override
    public List<TensorType> infer(Operands in) {
        var expect = Expect.of(in).count(5, 5);
        var x = expect.input(0, "X").floating().rankAtLeast(2).type();
        for (var parameter : PARAMETERS) {
            expect.input(PARAMETERS.indexOf(parameter) + 1, parameter)
                    .dtype(x.dtype())
                    .shape(Shape.of(x.shape().get(1)));
        }
        return List.of(x);
    }

    @Override
    public Compose lower(Operands in) {
        var x = in.type(0);
        var spatial = new long[x.rank() - 2]; // the axes behind C, which parameters repeat along
        for (int d = 0; d < spatial.length; d++) spatial[d] = d + 1L;
        return Compose.of((g, v) -> {
            var variance = g.add(v.get(4), g.scalar(x.dtype(), epsilon));
            var factor = g.div(v.get(1), g.apply(new Sqrt(), variance));
            var centred = g.sub(v.get(0), channels(g, v.get(3), spatial));
            var scaled = g.mul(centred, channels(g, factor, spatial));
            return List.of(g.add(scaled, channels(g, v.get(2), spatial)));
        });
    }

    private static Operand channels(Operators g, Operand parameter, long[] spatial) {
        return g.apply(new Unsqueeze(), parameter, g.vector(spatial));
    }
}
