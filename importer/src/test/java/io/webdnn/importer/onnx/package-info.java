@NullMarked
package io.webdnn.importer.onnx;

import org.jspecify.annotations.NullMarked;
