/// The networks of the exercise, from a graph to the answer in a real browser.
@NullMarked
package io.webdnn.verify.exercise;

import org.jspecify.annotations.NullMarked;
