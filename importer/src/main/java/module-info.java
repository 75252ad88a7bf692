/// Readers for models that were trained elsewhere; one public entry for each format.
module io.webdnn.importer {
    requires static transitive org.jspecify;
    requires transitive io.webdnn.graph;
    requires com.google.protobuf;

    exports io.webdnn.importer.chainer;
    exports io.webdnn.importer.keras;
    exports io.webdnn.importer.onnx;

    uses io.webdnn.importer.keras.CustomLayer;
}
