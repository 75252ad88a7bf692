/// What becomes of each layer of Keras: a small model of each, and the table that the docs show.
@NullMarked
package io.webdnn.verify.layers;

import org.jspecify.annotations.NullMarked;
