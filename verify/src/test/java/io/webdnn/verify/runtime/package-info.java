/// The browser runtime and the exercise's page in a real Chromium, on descriptors that were made by
/// hand: nothing here depends on the compiler.
@NullMarked
package io.webdnn.verify.runtime;

import org.jspecify.annotations.NullMarked;
