/// Speed in a real browser, side by side with other runtimes.
@NullMarked
package io.webdnn.verify.bench;

import org.jspecify.annotations.NullMarked;
