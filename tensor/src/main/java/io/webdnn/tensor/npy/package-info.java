/// NumPy's files: `.npy` holds one tensor, `.npz` several under their names.
@NullMarked
package io.webdnn.tensor.npy;

import org.jspecify.annotations.NullMarked;
