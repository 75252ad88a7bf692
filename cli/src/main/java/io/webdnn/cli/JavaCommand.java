package io.webdnn.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// `webdnn java FILE.java`: runs a program of the user's. An error that the toolchain explains is a
/// line or two, as with every command; one of the program itself keeps its stack trace.
@Command(name = "java", description = "Runs a Java program with the toolchain on its path.")
final class JavaCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    Main main;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE.java",
            defaultValue = "",
            description = "Its first class has the method main; classes beside it are found.")
    String file = "";

    @Parameters(index = "1..*", paramLabel = "ARG", description = "The program's arguments.")
    List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        if (!file.endsWith(".java")) {
            throw CommandException.wrongUse(
                    "expected a Java source file (NAME.java), got "
                            + (file.isEmpty() ? "none" : file));
        }
        if (!Files.isRegularFile(Path.of(file))) {
            throw CommandException.wrongUse("no such file: " + file);
        }
        var err = spec.commandLine().getErr();
        var program = JavaProgram.compile(Path.of(file), err);
        try {
            program.run(arguments);
            return 0;
        } catch (CommandException e) {
            throw e;
        } catch (Throwable failure) {
            report(failure, program);
            return 1;
        }
    }

    private void report(Throwable failure, JavaProgram program) {
        var err = spec.commandLine().getErr();
        var words = ErrorText.explained(failure);
        program.trim(failure);
        if (words.isPresent()) {
            err.println("webdnn java: " + words.get());
            var place = program.place(failure);
            if (place != null && !main.verbose && !words.get().contains(place.getFileName() + ":"))
                err.println("  at " + place.getFileName() + ":" + place.getLineNumber());
        }
        if (words.isEmpty() || main.verbose) failure.printStackTrace(err);
        err.flush();
    }
}
