/// Templates by form (contraction, row reduction, generic) that turn a kernel into loops.
@NullMarked
package io.webdnn.compiler.schedule;

import org.jspecify.annotations.NullMarked;
