/// Data types, shapes, storage, npy files and micro-kernels; depends on no other module of the
/// project.
module io.webdnn.tensor {
    requires static transitive org.jspecify;
    requires jdk.incubator.vector;

    exports io.webdnn.tensor;
    exports io.webdnn.tensor.random;
    exports io.webdnn.tensor.file;
    exports io.webdnn.tensor.kernel;
    exports io.webdnn.tensor.npy;
}
