package io.webdnn.cli;

import io.webdnn.importer.onnx.OnnxExporter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn export MODEL`: writes a model as ONNX, for other runtimes.
@Command(name = "export", description = "Writes a model as an ONNX file of opset 17.")
final class ExportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ModelFile model;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE.onnx",
            description = "Where to write.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path file;

    @Override
    public Integer call() {
        OnnxExporter.write(model.graph(), file);
        spec.commandLine().getOut().println(file);
        return 0;
    }
}
