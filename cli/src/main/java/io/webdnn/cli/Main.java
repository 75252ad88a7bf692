package io.webdnn.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ServiceLoader;
import java.util.function.IntSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line `webdnn`.
///
/// Exit codes: 0 done, 1 the job failed, 2 wrong use or something missing on the machine.
@Command(
        name = "webdnn",
        description = "Neural networks from training in Java to the web page.",
        versionProvider = Main.Version.class,
        subcommands = {
            ConvertCommand.class,
            ExerciseCommand.class,
            ExportCommand.class,
            InspectCommand.class,
            RunCommand.class,
            RuntimeCommand.class,
            ServeCommand.class
        },
        usageHelpAutoWidth = true,
        footer = {
            "",
            "Run by the launcher itself:",
            "  test     Runs every test, after installing what the tests need."
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Shows the stack trace of an error.")
    boolean verbose;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Shows this help.")
    boolean help;

    @Option(names = "--version", versionHelp = true, description = "Shows the version.")
    boolean version;

    private Main() {}

    /// Runs the command and ends the JVM with its exit code; where all is well, when the last
    /// thread of a user's program has ended.
    public static void main(String[] arguments) {
        // not the platform's default, which is ASCII where no locale is set
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = run(out, err, arguments);
        if (exitCode != 0) System.exit(exitCode);
    }

    /// Runs the command with what it says going to `out` and its errors to `err`.
    ///
    /// @return the exit code
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        var main = new Main();
        var commandLine = new CommandLine(main);
        // what follows the file of a program is the program's
        commandLine.addSubcommand(new CommandLine(new JavaCommand()).setStopAtPositional(true));
        ServiceLoader.load(AdditionalCommand.class).forEach(commandLine::addSubcommand);
        commandLine
                .setOut(out)
                .setErr(err)
                .setExpandAtFiles(false)
                .setParameterExceptionHandler(Main::wrongUse)
                .setExecutionExceptionHandler((failure, command, _) -> {
                    err.println(
                            "webdnn " + command.getCommandName() + ": " + ErrorText.of(failure));
                    if (main.verbose) {
                        failure.printStackTrace(err);
                    }
                    err.flush();
                    return failure instanceof CommandException e ? e.exitCode() : 1;
                });
        return explained(err, () -> commandLine.execute(arguments));
    }

    /// {@return the exit code of an action, 1 if memory does not suffice for it}
    static int explained(PrintWriter err, IntSupplier action) {
        try {
            return action.getAsInt();
        } catch (OutOfMemoryError e) { // no exception, so the parser's handler does not see it
            err.println("webdnn: " + ErrorText.of(e));
            err.flush();
            return 1;
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }

    private static int wrongUse(ParameterException wrong, String[] arguments) {
        var command = wrong.getCommandLine();
        var err = command.getErr();
        if (wrong instanceof UnmatchedArgumentException unmatched
                && command.getParent() == null
                && !unmatched.isUnknownOption()) {
            err.println("webdnn: unknown command: " + unmatched.getUnmatched().getFirst());
        } else {
            err.println(command.getCommandSpec().qualifiedName() + ": " + wrong.getMessage());
        }
        err.println(
                "'" + command.getCommandSpec().qualifiedName() + " --help' shows what there is.");
        err.flush();
        return 2;
    }

    /// The version in the jar's manifest or, where the classes were not packaged, a word that says
    /// so.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"webdnn " + (version == null ? "(from source)" : version)};
        }
    }
}
