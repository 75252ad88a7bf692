/// Keras's models, whole, against what Keras itself gave.
@NullMarked
package io.webdnn.verify.keras;

import org.jspecify.annotations.NullMarked;
