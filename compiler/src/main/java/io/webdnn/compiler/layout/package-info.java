/// Layouts of values: axis order, lane axis and padded extents.
@NullMarked
package io.webdnn.compiler.layout;

import org.jspecify.annotations.NullMarked;
