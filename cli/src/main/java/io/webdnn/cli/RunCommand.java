package io.webdnn.cli;

import io.webdnn.compiler.Program;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.npy.Npy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn run MODEL`: runs a model on given inputs and writes its outputs.
@Command(name = "run", description = "Runs a model on the JVM and writes its outputs as .npy.")
final class RunCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path model;

    @Option(
            names = "--input",
            arity = "1..*",
            paramLabel = "FILE.npy",
            description = "The inputs, in the model's order.")
    List<Path> inputs = new ArrayList<>();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "Where to write the outputs, under their names.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path directory;

    @Override
    public Integer call() {
        var importer = OnnxImporter.read(model);
        var names = importer.inputs().stream().map(OnnxImporter.Input::name).toList();
        if (names.size() != inputs.size()) {
            throw CommandException.wrongUse(
                    "--input: expected one file for each of " + names + ", got " + inputs.size());
        }
        var given = new LinkedHashMap<String, Tensor>();
        for (int i = 0; i < names.size(); i++) {
            var tensor = Npy.read(inputs.get(i));
            given.put(names.get(i), tensor);
            importer.shape(names.get(i), tensor.toShape());
        }
        var graph = importer.bindWhereNeeded(given).graph();
        var results =
                Program.compile(graph)
                        .run(
                                graph.inputs().stream()
                                        .map(v -> Objects.requireNonNull(given.get(v.name())))
                                        .toList());
        for (int i = 0; i < results.size(); i++) {
            var file = directory.resolve(fileName(graph.outputNames().get(i)));
            Npy.write(file, results.get(i));
            spec.commandLine().getOut().println(file + ": " + results.get(i));
        }
        return 0;
    }

    /// Names of outputs may hold anything; those of files may not.
    private static String fileName(String output) {
        return output.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.", "_") + ".npy";
    }
}
