/// Chainer's saved parameters (`.npz`) and recorded history to graphs.
@NullMarked
package io.webdnn.importer.chainer;

import org.jspecify.annotations.NullMarked;
