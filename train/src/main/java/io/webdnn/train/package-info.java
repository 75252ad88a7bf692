/// Define-by-run training: variables, functions, links and chains.
@NullMarked
package io.webdnn.train;

import org.jspecify.annotations.NullMarked;
