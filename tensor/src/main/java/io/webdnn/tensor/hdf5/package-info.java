/// HDF5 files, as far as models of Keras need them: groups, texts in attributes, arrays of numbers.
@NullMarked
package io.webdnn.tensor.hdf5;

import org.jspecify.annotations.NullMarked;
