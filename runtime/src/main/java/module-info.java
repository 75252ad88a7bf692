/// The bundled browser runtime, as resources.
module io.webdnn.runtime {
    requires static transitive org.jspecify;

    exports io.webdnn.runtime;
}
