/// Define-by-run training in Java.
module io.webdnn.train {
    requires static transitive org.jspecify;
    requires transitive io.webdnn.graph;
    requires io.webdnn.compiler;
}
