/// Suites across targets, real browsers and benchmarks.
@NullMarked
package io.webdnn.verify;

import org.jspecify.annotations.NullMarked;
