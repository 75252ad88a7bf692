package io.webdnn.cli;

import io.webdnn.graph.Graph;
import io.webdnn.importer.keras.CustomLayers;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.Dimension;
import io.webdnn.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The model that a command is given, of any format that has an importer, and its input shapes.
final class ModelFile {
    @Parameters(
            paramLabel = "MODEL",
            description = "An ONNX file, or a model that Keras saved (.h5, .hdf5, .keras).")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path path;

    @Option(
            names = "--input-shape",
            paramLabel = "SHAPE",
            description =
                    "Shape of an input, in the model's order: \"(1,3,224,224)\"; names stay symbolic.")
    private List<String> shapes = new ArrayList<>();

    @Option(
            names = "--plugin",
            paramLabel = "JAR",
            description = "Classes that read layers which Keras does not have; repeatable.")
    private List<Path> plugins = new ArrayList<>();

    Path path() {
        return path;
    }

    /// {@return the model's graph}
    Graph graph() {
        return path.toString().toLowerCase(Locale.ROOT).matches(".*\\.(h5|hdf5|keras)")
                ? keras()
                : onnx();
    }

    private Graph onnx() {
        if (!plugins.isEmpty())
            throw CommandException.wrongUse("--plugin: expected a model of Keras, got " + path);
        var importer = OnnxImporter.read(path);
        var inputs = importer.inputs().stream().map(OnnxImporter.Input::name).toList();
        given(inputs).forEach(importer::shape);
        return importer.graph();
    }

    private Graph keras() {
        var importer = KerasImporter.read(path);
        for (var plugin : plugins) importer.layers(CustomLayers.in(plugin));
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
}
