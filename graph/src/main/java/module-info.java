/// Operators, graphs, passes, gradients and the reference interpreter; knows no target and no file
/// format.
module io.webdnn.graph {
    requires static transitive org.jspecify;
    requires transitive io.webdnn.tensor;
}
