/// Define-by-run training in Java.
module io.webdnn.train {
    requires static transitive org.jspecify;
    requires transitive io.webdnn.graph;
    requires io.webdnn.compiler;
    requires java.net.http;

    exports io.webdnn.train;
    exports io.webdnn.train.dataset;
    exports io.webdnn.train.initializer;
    exports io.webdnn.train.keras;
    exports io.webdnn.train.link;
    exports io.webdnn.train.optimizer;
    exports io.webdnn.train.serializer;
    exports io.webdnn.train.training;
}
