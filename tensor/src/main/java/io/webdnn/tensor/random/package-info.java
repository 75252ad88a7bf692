/// Random numbers that are a function of seed and position, the same on every machine and target.
@NullMarked
package io.webdnn.tensor.random;

import org.jspecify.annotations.NullMarked;
