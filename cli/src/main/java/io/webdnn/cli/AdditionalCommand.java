package io.webdnn.cli;

import java.util.concurrent.Callable;

/// A command from another module, found as a service: what stands in a checkout but is not
/// published, such as verification on all targets. The implementation is a picocli `@Command`; the
/// result is the exit code.
public interface AdditionalCommand extends Callable<Integer> {}
