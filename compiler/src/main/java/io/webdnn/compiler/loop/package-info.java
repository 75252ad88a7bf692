/// The loop IR: sealed statements and expressions, their builder and their verifier; knows no graph
/// and no target.
@NullMarked
package io.webdnn.compiler.loop;

import org.jspecify.annotations.NullMarked;
