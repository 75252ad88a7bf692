@NullMarked
package io.webdnn.verify.bench;

import org.jspecify.annotations.NullMarked;
