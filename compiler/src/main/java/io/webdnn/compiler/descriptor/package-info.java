/// The graph descriptor: the only package that writes the output directory.
@NullMarked
package io.webdnn.compiler.descriptor;

import org.jspecify.annotations.NullMarked;
