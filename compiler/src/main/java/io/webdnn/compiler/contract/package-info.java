/// Contractions on the JVM: tables of offsets for one set of sizes, and the loops around the
/// micro-kernels.
@NullMarked
package io.webdnn.compiler.contract;

import org.jspecify.annotations.NullMarked;
