/// Passes that hold for every target, a file for each under its verb.
@NullMarked
package io.webdnn.graph.pass;

import org.jspecify.annotations.NullMarked;
