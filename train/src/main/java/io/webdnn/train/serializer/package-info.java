/// Parameters in files.
@NullMarked
package io.webdnn.train.serializer;

import org.jspecify.annotations.NullMarked;
