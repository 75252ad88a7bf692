package io.webdnn.graph.expr;

import io.webdnn.tensor.Dimension;
import java.util.List;
import java.util.function.Function;

/// The pull step: for each point of a domain, each output's element there is the value of its
/// expression. Several outputs share one domain (value and index; the gates of an LSTM).
public record Stage(List<Index> domain, List<Output> outputs) implements Step {
    /// `buffer[domain] = value`; the buffer's shape is the domain's extents.
    public record Output(Buffer buffer, Expr value) {
        public Output {
            if (buffer.type().dtype() != value.dtype()) {
                throw new IllegalArgumentException(
                        "Stage: "
                                + buffer
                                + ": expected "
                                + buffer.type().dtype()
                                + ", got "
                                + value.dtype());
            }
        }
    }

    public Stage {
        domain = List.copyOf(domain);
        outputs = List.copyOf(outputs);
        var extents = domain.stream().map(Index::extent).toList();
        for (var output : outputs) {
            if (!output.buffer.type().shape().dimensions().equals(extents)) {
                throw new IllegalArgumentException(
                        "Stage: "
                                + output.buffer
                                + ": expected the domain "
                                + extents
                                + ", got "
                                + output.buffer.type());
            }
        }
    }

    /// {@return a stage that writes one buffer, from a function of the indices of its axes}
    public static Stage each(Buffer buffer, Function<List<Index>, Expr> value) {
        var domain = indices("o", buffer.type().shape().dimensions());
        return new Stage(domain, List.of(new Output(buffer, value.apply(domain))));
    }

    /// {@return fresh indices `prefix0, prefix1, …` over the given extents}
    public static List<Index> indices(String prefix, List<Dimension> extents) {
        var indices = new Index[extents.size()];
        for (int d = 0; d < indices.length; d++) indices[d] = new Index(prefix + d, extents.get(d));
        return List.of(indices);
    }

    @Override
    public List<Buffer> writes() {
        return outputs.stream().map(Output::buffer).toList();
    }
}
