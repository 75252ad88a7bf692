@NullMarked
package io.webdnn.verify.browser;

import org.jspecify.annotations.NullMarked;
