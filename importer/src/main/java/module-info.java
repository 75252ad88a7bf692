/// Readers for models that were trained elsewhere; one public entry for each format.
module io.webdnn.importer {
    requires static transitive org.jspecify;
    requires transitive io.webdnn.graph;
    requires com.google.protobuf;
    requires com.fasterxml.jackson.core;
    requires io.jhdf;

    // What jHDF, an automatic module, needs when it runs and cannot say.
    requires com.ning.compress.lzf;
    requires org.apache.commons.lang3;
    requires org.slf4j;

    exports io.webdnn.importer.chainer;
    exports io.webdnn.importer.keras;
    exports io.webdnn.importer.onnx;
}
