/// Rules by which parameters learn.
@NullMarked
package io.webdnn.train.optimizer;

import org.jspecify.annotations.NullMarked;
