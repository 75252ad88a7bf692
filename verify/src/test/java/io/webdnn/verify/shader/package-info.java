/// Tests of the shading languages: small kernels, printed and run in a real browser, against values
/// computed in double.
@NullMarked
package io.webdnn.verify.shader;

import org.jspecify.annotations.NullMarked;
