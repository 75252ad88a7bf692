/// A real browser and the server of its pages, for tests that need no mouse.
@NullMarked
package io.webdnn.verify.browser;

import org.jspecify.annotations.NullMarked;
