/// What each operator must compute: named cases with expected results from plain loops in double,
/// written from the formulas; they know no target.
@NullMarked
package io.webdnn.verify.operator;

import org.jspecify.annotations.NullMarked;
