/// Writing files so that none is ever half-written.
@NullMarked
package io.webdnn.tensor.file;

import org.jspecify.annotations.NullMarked;
