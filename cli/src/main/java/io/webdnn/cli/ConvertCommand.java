package io.webdnn.cli;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.graph.GraphViz;
import io.webdnn.tensor.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `webdnn convert MODEL`: compiles a model to a graph descriptor.
@Command(name = "convert", description = "Converts a model to a graph descriptor for web pages.")
final class ConvertCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ModelFile model;

    @Option(
            names = "--backend",
            split = ",",
            paramLabel = "NAME",
            description = "webgpu, webgl, webassembly; several with commas (default: all).")
    List<String> backends = List.of("webgpu", "webgl", "webassembly");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where to write (default: webdnn_graph_descriptor beside the model).")
    @Nullable Path directory;

    @Option(
            names = "--encoding",
            paramLabel = "NAME",
            description =
                    "How weights are stored: raw (default), float16, half the size, or eightbit, a"
                            + " quarter, each weight rounded to one of 256 values.")
    String encoding = "raw";

    @Option(
            names = "--float16-arithmetic",
            description =
                    "WebGPU: adds up products of float16 as float16, up to eight at a time, where the"
                            + " device can: faster on many, less exact.")
    boolean float16Arithmetic;

    @Option(
            names = "--visualize-ir",
            paramLabel = "FILE",
            description = "Also draws the graph, for GraphViz.")
    @Nullable Path drawing;

    @Option(
            names = "--explain",
            description = "Says for each kernel which template made it and why others did not.")
    boolean explain;

    @Override
    public Integer call() throws IOException {
        var chosen = new ArrayList<Backend>();
        for (var name : backends) chosen.add(choice(Backend.class, "--backend", name));
        var stored = choice(Encoding.class, "--encoding", encoding);
        var graph = model.graph();
        var descriptor = GraphDescriptor.generate(chosen, graph, stored, float16Arithmetic);
        var out = spec.commandLine().getOut();
        var target =
                directory == null
                        ? model.path().resolveSibling("webdnn_graph_descriptor")
                        : directory;
        if (drawing != null) {
            AtomicFile.write(drawing, GraphViz.of(graph).getBytes(StandardCharsets.UTF_8));
        }
        descriptor.save(target);
        if (explain) {
            for (var backend : chosen) {
                out.println(backend + ":");
                for (var line : Compiler.explain(Compiler.compile(graph, backend.target()))) {
                    out.println("  " + line);
                }
            }
        }
        out.println(
                target + ": " + String.join(", ", chosen.stream().map(Backend::toString).toList()));
        return 0;
    }

    private static <E extends Enum<E>> E choice(Class<E> kind, String option, String name) {
        for (var constant : kind.getEnumConstants()) {
            if (constant.toString().equals(name.strip().toLowerCase(Locale.ROOT))) return constant;
        }
        var known = List.of(kind.getEnumConstants());
        throw CommandException.wrongUse(option + ": expected one of " + known + ", got " + name);
    }
}
