/// GLSL ES 3.00: fragment shaders for WebGL 2.
@NullMarked
package io.webdnn.compiler.emit.glsl;

import org.jspecify.annotations.NullMarked;
