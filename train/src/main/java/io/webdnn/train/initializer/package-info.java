/// First contents of parameters.
@NullMarked
package io.webdnn.train.initializer;

import org.jspecify.annotations.NullMarked;
