/// Types of values, the checks of inference, and the exception that every wrong graph ends in.
@NullMarked
package io.webdnn.graph.type;

import org.jspecify.annotations.NullMarked;
