/// The compiler: from a graph to code for WebGPU, WebGL, WebAssembly and the JVM.
@NullMarked
package io.webdnn.compiler;

import org.jspecify.annotations.NullMarked;
