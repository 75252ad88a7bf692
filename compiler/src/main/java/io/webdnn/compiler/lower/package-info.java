/// From operators to stages: asks each operator for its lowering and follows `Compose` to the end.
@NullMarked
package io.webdnn.compiler.lower;

import org.jspecify.annotations.NullMarked;
