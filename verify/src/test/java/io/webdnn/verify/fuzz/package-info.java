@NullMarked
package io.webdnn.verify.fuzz;

import org.jspecify.annotations.NullMarked;
