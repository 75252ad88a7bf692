/// From stages to kernels; sees lowerings and expressions, no operator.
@NullMarked
package io.webdnn.compiler.fuse;

import org.jspecify.annotations.NullMarked;
