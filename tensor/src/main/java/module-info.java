/// Data types, shapes, storage, npy and HDF5 files and micro-kernels; depends on no other module of
/// the project.
module io.webdnn.tensor {
    requires static transitive org.jspecify;
    requires jdk.incubator.vector;
    requires com.fasterxml.jackson.core;
    requires io.jhdf;

    // What jHDF, an automatic module, needs when it runs and cannot say.
    requires com.ning.compress.lzf;
    requires org.apache.commons.lang3;
    requires org.slf4j;

    exports io.webdnn.tensor;
    exports io.webdnn.tensor.random;
    exports io.webdnn.tensor.file;
    exports io.webdnn.tensor.hdf5;
    exports io.webdnn.tensor.kernel;
    exports io.webdnn.tensor.npy;
}
