package io.webdnn.verify.bench;

import io.webdnn.graph.Graph;
import io.webdnn.tensor.Tensor;
import java.io.IOException;

/// Where competitors are measured: in a browser, or on the JVM.
interface Place extends AutoCloseable {
    /// Puts a network where competitors find it, in the place of the one before.
    ///
    /// @param name among the [Networks]
    void serve(String name, Graph graph, Tensor input) throws IOException;

    /// {@return what a competitor's first runs show, where nothing has run before}
    ///
    /// @throws RuntimeException telling why the competitor failed
    Sample measure(Competitor competitor, Setting setting) throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
