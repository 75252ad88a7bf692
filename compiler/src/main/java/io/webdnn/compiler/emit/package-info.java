/// What the emitters share; each target has a package below, and none sees another.
@NullMarked
package io.webdnn.compiler.emit;

import org.jspecify.annotations.NullMarked;
