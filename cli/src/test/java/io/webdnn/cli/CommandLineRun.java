package io.webdnn.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/// One run of the command line inside the test's JVM.
record CommandLineRun(int exitCode, String out, String err) {
    static CommandLineRun of(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), arguments);
        return new CommandLineRun(exitCode, out.toString(), err.toString());
    }
}
