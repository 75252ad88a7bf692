/// Links: functions that own their parameters.
@NullMarked
package io.webdnn.train.link;

import org.jspecify.annotations.NullMarked;
