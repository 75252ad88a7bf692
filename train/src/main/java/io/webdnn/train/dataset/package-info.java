/// Examples: where they come from and in which order they are met.
@NullMarked
package io.webdnn.train.dataset;

import org.jspecify.annotations.NullMarked;
