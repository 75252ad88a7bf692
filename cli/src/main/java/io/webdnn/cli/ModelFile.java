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
public final class ModelFile {
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

    /// For picocli, which sets the fields.
    public ModelFile() {}

    /// {@return where it is}
    public Path path() {
        return path;
    }

    /// {@return the model's graph}
    Graph graph() {
        return graph(List.of());
    }

    /// {@return the model's graph}
    ///
    /// @param actual the shapes of what its inputs are given, where that is known
    /// @throws CommandException if `--input-shape` says more than the model has inputs
    public Graph graph(List<Shape> actual) {
        return path.toString().toLowerCase(Locale.ROOT).matches(".*\\.(h5|hdf5|keras)")
                ? keras(actual)
                : onnx(actual);
    }

    private Graph onnx(List<Shape> actual) {
        if (!plugins.isEmpty())
            throw CommandException.wrongUse("--plugin: expected a model of Keras, got " + path);
        var importer = OnnxImporter.read(path);
        var inputs = importer.inputs().stream().map(OnnxImporter.Input::name).toList();
        given(inputs, actual).forEach(importer::shape);
        return importer.graph();
    }

    private Graph keras(List<Shape> actual) {
        var importer = KerasImporter.read(path);
        for (var plugin : plugins) importer.layers(CustomLayers.in(plugin));
        given(importer.inputs(), actual).forEach(importer::shape);
        return importer.graph();
    }

    /// {@return the shapes that the command line gives to inputs}
    private Map<String, Shape> given(List<String> inputs, List<Shape> actual) {
        if (shapes.size() > inputs.size()) {
            throw CommandException.wrongUse(
                    "--input-shape: expected at most one for each of the "
                            + inputs.size()
                            + " inputs, got "
                            + shapes.size());
        }
        var given = new LinkedHashMap<String, Shape>();
        for (int i = 0; i < Math.min(actual.size(), inputs.size()); i++)
            given.put(inputs.get(i), actual.get(i));
        for (int i = 0; i < shapes.size(); i++) given.put(inputs.get(i), shape(shapes.get(i)));
        return given;
    }

    /// {@return the shape that a text such as `(1, 3, N, 224)` says}
    ///
    /// @throws CommandException if it says none
    public static Shape shape(String text) {
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
