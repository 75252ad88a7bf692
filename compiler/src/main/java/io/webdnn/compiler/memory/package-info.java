/// Memory plans from the lifetimes of values, per target.
@NullMarked
package io.webdnn.compiler.memory;

import org.jspecify.annotations.NullMarked;
