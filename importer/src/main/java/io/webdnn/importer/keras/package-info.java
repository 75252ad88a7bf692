/// Keras models (`.h5`, `.keras`) to graphs.
@NullMarked
package io.webdnn.importer.keras;

import org.jspecify.annotations.NullMarked;
