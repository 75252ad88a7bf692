/// WGSL: compute shaders for WebGPU.
@NullMarked
package io.webdnn.compiler.emit.wgsl;

import org.jspecify.annotations.NullMarked;
