/// Pure scalar expressions over indices, in pull form: what a lowering computes at one output
/// position.
@NullMarked
package io.webdnn.graph.expr;

import org.jspecify.annotations.NullMarked;
