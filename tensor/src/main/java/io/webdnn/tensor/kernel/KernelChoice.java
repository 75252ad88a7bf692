package io.webdnn.tensor.kernel;

/// Decides once which implementation this virtual machine runs.
final class KernelChoice {
    static final Kernels CHOSEN = choose();

    private KernelChoice() {}

    private static Kernels choose() {
        if ("scalar".equals(System.getProperty("io.webdnn.kernels"))) return new ScalarKernels();
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            System.err.println(
                    "webdnn: the Vector API is off, so that contractions run several times slower; start"
                            + " Java with --add-modules jdk.incubator.vector");
            return new ScalarKernels();
        }
        return new VectorKernels();
    }
}
