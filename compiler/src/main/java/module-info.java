/// From a graph to code for each target; knows no importer and no training.
module io.webdnn.compiler {
    requires static transitive org.jspecify;
    requires transitive io.webdnn.graph;
    requires com.fasterxml.jackson.core;

    exports io.webdnn.compiler;
    exports io.webdnn.compiler.descriptor;
    exports io.webdnn.compiler.layout;
    exports io.webdnn.compiler.emit;
    exports io.webdnn.compiler.emit.glsl;
    exports io.webdnn.compiler.emit.wgsl;
    exports io.webdnn.compiler.loop;
    exports io.webdnn.compiler.lower;
    exports io.webdnn.compiler.memory;
    exports io.webdnn.compiler.schedule;
    exports io.webdnn.compiler.weights;
}
