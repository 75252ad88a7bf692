/// Broken files for the importers.
@NullMarked
package io.webdnn.verify.fuzz;

import org.jspecify.annotations.NullMarked;
