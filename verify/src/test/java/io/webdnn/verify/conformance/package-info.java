@NullMarked
package io.webdnn.verify.conformance;

import org.jspecify.annotations.NullMarked;
