/// The bundled browser runtime as resources: `webdnn.js`, `webdnn.mjs` and `webdnn.d.ts`.
@NullMarked
package io.webdnn.runtime;

import org.jspecify.annotations.NullMarked;
