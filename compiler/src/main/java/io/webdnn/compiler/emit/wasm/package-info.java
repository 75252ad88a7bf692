/// The WebAssembly emitter: kernels to the bytes of a module.
@NullMarked
package io.webdnn.compiler.emit.wasm;

import org.jspecify.annotations.NullMarked;
