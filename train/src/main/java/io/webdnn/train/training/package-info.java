/// The training loop and its extensions, in Chainer's formats.
@NullMarked
package io.webdnn.train.training;

import org.jspecify.annotations.NullMarked;
