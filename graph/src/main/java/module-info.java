/// Operators, graphs, passes, gradients and the reference interpreter; knows no target and no file
/// format.
module io.webdnn.graph {
    requires java.desktop; // reads image files
    requires static transitive org.jspecify;
    requires transitive io.webdnn.tensor;

    exports io.webdnn.graph;
    exports io.webdnn.graph.expr;
    exports io.webdnn.graph.gradient;
    exports io.webdnn.graph.interpret;
    exports io.webdnn.graph.op;
    exports io.webdnn.graph.pass;
    exports io.webdnn.graph.type;
}
