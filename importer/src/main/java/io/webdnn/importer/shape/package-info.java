/// Shapes that a model computes, as far as they are known when importing.
@NullMarked
package io.webdnn.importer.shape;

import org.jspecify.annotations.NullMarked;
