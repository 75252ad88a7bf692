/// The graph of a network: values, the nodes that make them, and the rewriting of both.
@NullMarked
package io.webdnn.graph;

import org.jspecify.annotations.NullMarked;
