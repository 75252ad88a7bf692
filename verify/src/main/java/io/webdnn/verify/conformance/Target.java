package io.webdnn.verify.conformance;

import io.webdnn.graph.Graph;
import io.webdnn.tensor.Tensor;
import java.util.List;

/// Something that runs graphs. A case does not know its target; a target adds only its name and how
/// exact it is.
public interface Target extends AutoCloseable {
    /// A graph, ready to run.
    @FunctionalInterface
    interface Program {
        /// {@return the outputs for inputs in the graph's order}
        List<Tensor> run(List<Tensor> inputs) throws Exception;
    }

    /// {@return the name on the command line}
    String name();

    /// {@return how far results may be from what is expected}
    Tolerance tolerance();

    /// {@return the graph, compiled for this target}
    ///
    /// @throws io.webdnn.graph.type.GraphException if this target does not run such graphs
    Program compile(Graph graph) throws Exception;

    @Override
    default void close() {}
}
