/// The few shape-generic micro-kernels behind one seam, in plain Java and with the Vector API; only
/// this package imports `jdk.incubator.vector`.
@NullMarked
package io.webdnn.tensor.kernel;

import org.jspecify.annotations.NullMarked;
