@NullMarked
package io.webdnn.importer.keras;

import org.jspecify.annotations.NullMarked;
