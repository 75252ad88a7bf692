package io.webdnn.graph.pass;

import io.webdnn.graph.Graph;

/// From a graph to a graph that computes the same outputs from the same inputs, more cheaply. The
/// names of inputs and outputs stay.
@FunctionalInterface
public interface Pass {
    /// {@return the graph after the pass}
    Graph apply(Graph graph);

    /// {@return a pass that does this one and then another}
    default Pass then(Pass next) {
        return graph -> next.apply(apply(graph));
    }
}
