/// The reference interpreter: runs lowerings as they stand, slowly and obviously, and so defines
/// the semantics.
@NullMarked
package io.webdnn.graph.interpret;

import org.jspecify.annotations.NullMarked;
