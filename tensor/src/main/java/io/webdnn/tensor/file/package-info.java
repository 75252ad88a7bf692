/// What all file formats share: writing so that no file is ever half-written, elements as bytes,
/// and the exception for files that are not what their name promises.
@NullMarked
package io.webdnn.tensor.file;

import org.jspecify.annotations.NullMarked;
