package io.webdnn.cli;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.Compiler;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.compiler.weights.Encoding;
import io.webdnn.graph.Graph;
import io.webdnn.graph.GraphViz;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.file.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `webdnn convert MODEL`: compiles a model to a graph descriptor.
@Command(name = "convert", description = "Converts a model to a graph descriptor for web pages.")
final class ConvertCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "MODEL",
            description = "An ONNX file, or a model that Keras saved (.h5, .hdf5).")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path model;

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
            names = "--input-shape",
            paramLabel = "SHAPE",
            description =
                    "Shape of an input, in the model's order: \"(1,3,224,224)\"; names stay symbolic.")
    List<String> shapes = new ArrayList<>();

    @Option(
            names = "--encoding",
            paramLabel = "NAME",
            description = "How weights are stored: raw (default) or float16, half the size.")
    String encoding = "raw";

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
        var graph = graph();
        var descriptor = GraphDescriptor.generate(chosen, graph, stored);
        var out = spec.commandLine().getOut();
        var target =
                directory == null ? model.resolveSibling("webdnn_graph_descriptor") : directory;
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

    private Graph graph() {
        return model.toString().toLowerCase(Locale.ROOT).matches(".*\\.(h5|hdf5)")
                ? keras()
                : onnx();
    }

    private Graph onnx() {
        var importer = OnnxImporter.read(model);
        var inputs = importer.inputs().stream().map(OnnxImporter.Input::name).toList();
        given(inputs).forEach(importer::shape);
        return importer.graph();
    }

    private Graph keras() {
        var importer = KerasImporter.read(model);
        given(importer.inputs()).forEach(importer::shape);
        return importer.graph();
    }

    /// {@return the shapes that the command line gives to inputs}
    private Map<String, Shape> given(List<String> inputs) {
        if (shapes.size() > inputs.size()) {
            throw CommandException.wrongUse(
                    "--input-shape: expected at most one for each of the "
                            + inputs.size()
                            + " inputs, got "
                            + shapes.size());
        }
        var given = new LinkedHashMap<String, Shape>();
        for (int i = 0; i < shapes.size(); i++) given.put(inputs.get(i), shape(shapes.get(i)));
        return given;
    }

    /// Reads `(1, 3, N, 224)`.
    static Shape shape(String text) {
        var wrong =
                CommandException.wrongUse(
                        "--input-shape: expected a shape such as \"(1,3,224,224)\", got " + text);
        var inner = text.strip();
        if (!inner.matches("[(\\[].*[)\\]]")) throw wrong;
        inner = inner.substring(1, inner.length() - 1).strip();
        var extents = new ArrayList<Dimension>();
        for (var part : inner.isEmpty() ? new String[0] : inner.split(",", -1)) {
            var extent = part.strip().replaceAll("^['\"]|['\"]$", "");
            if (extent.matches("\\d{1,9}")) extents.add(Dimension.of(Long.parseLong(extent)));
            else if (extent.matches("[A-Za-z_]\\w*")) extents.add(Dimension.symbol(extent));
            else throw wrong;
        }
        return new Shape(extents);
    }

    private static <E extends Enum<E>> E choice(Class<E> kind, String option, String name) {
        for (var constant : kind.getEnumConstants()) {
            if (constant.toString().equals(name.strip().toLowerCase(Locale.ROOT))) return constant;
        }
        var known = List.of(kind.getEnumConstants());
        throw CommandException.wrongUse(option + ": expected one of " + known + ", got " + name);
    }
}
