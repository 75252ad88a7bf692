/// The command line: arguments to pipeline, exit codes and progress; nothing is computed here.
@NullMarked
package io.webdnn.cli;

import org.jspecify.annotations.NullMarked;
