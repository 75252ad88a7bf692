/// The functions behind [io.webdnn.train.F] that are more than one operator.
@NullMarked
package io.webdnn.train.function;

import org.jspecify.annotations.NullMarked;
