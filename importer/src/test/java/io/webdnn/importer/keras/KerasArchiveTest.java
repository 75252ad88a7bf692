package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.hdf5.Hdf5File;
import io.webdnn.tensor.hdf5.Hdf5Group;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Keras 3 saves.
final class KerasArchiveTest {
    @TempDir Path folder = Path.of("");

    private static String layer(String kind, String name, String attributes, String... inputs) {
        return ("{'module': 'keras.layers', 'class_name': '%s', 'config': {'name': '%s', 'dtype':"
                        + " {'module': 'keras', 'class_name': 'DTypePolicy'}%s}, 'name': '%s',"
                        + " 'inbound_nodes': [%s]}")
                .formatted(
                        kind,
                        name,
                        attributes.isEmpty() ? "" : ", " + attributes,
                        name,
                        inputs.length == 0 ? "" : node(inputs));
    }

    private static String node(String... inputs) {
        var tensors =
                Arrays.stream(inputs)
                        .map(name ->
                                "{'class_name': '__keras_tensor__', 'config': {'shape':"
                                        + " [null, 2], 'keras_history': ['"
                                        + name
                                        + "', 0, 0]}}")
                        .toList();
        var argument = tensors.size() == 1 ? tensors.getFirst() : tensors.toString();
        return "{'args': [" + argument + "], 'kwargs': {'training': null}}";
    }

    private static final String INPUT =
            layer("InputLayer", "x", "'batch_shape': [null, 2], 'sparse': false, 'ragged': false");

    private static final String MODEL =
            "{'module': 'keras', 'class_name': 'Functional', 'config': {'name': 'f', 'layers': ["
                    + INPUT
                    + ", "
                    + layer(
                            "Dense",
                            "first",
                            "'units': 2, 'use_bias': true, 'lora_rank': null",
                            "x")
                    + ", "
                    + layer("Dense", "second", "'units': 2, 'use_bias': false", "x")
                    + ", "
                    + layer("Add", "sum", "", "first", "second")
                    + "], 'input_layers': [['x', 0, 0]], 'output_layers': [['sum', 0, 0]]}}";

    private static Hdf5Group weights() {
        var root = new Hdf5Group();
        var layers = root.putGroup("layers");
        var first = layers.putGroup("dense").putGroup("vars");
        first.put("0", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
        first.put("1", Tensor.of(new float[] {10, 20}, 2));
        var second = layers.putGroup("dense_1");
        second.putGroup("vars").put("0", Tensor.of(new float[] {5, 6, 7, 8}, 2, 2));
        second.putGroup("seed_generator")
                .putGroup("vars")
                .put("0", Tensor.of(new float[] {1, 2}, 2));
        return root;
    }

    private Path write(String config, Hdf5Group weights) throws IOException {
        var inner = folder.resolve("inner.h5");
        Hdf5File.write(inner, weights);
        var file = folder.resolve("model.keras");
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            put(zip, "metadata.json", "{\"keras_version\": \"3.5.0\"}");
            put(zip, "config.json", config.replace('\'', '"'));
            zip.putNextEntry(new ZipEntry("model.weights.h5"));
            zip.write(Files.readAllBytes(inner));
        }
        return file;
    }

    private static void put(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void layersFindTheirWeightsByClassAndNumber() throws IOException {
        var graph = KerasImporter.read(write(MODEL, weights())).graph();
        assertEquals("[x: float32[N, 2]]", graph.inputs().toString());
        var y = Interpreter.run(graph, List.of(Tensor.of(new float[] {1, 10}, 1, 2)));
        // 1 + 30 + 10 + 5 + 70, 2 + 40 + 20 + 6 + 80
        assertEquals("[116.0, 148.0]", Arrays.toString(y.getFirst().floats()));
    }

    @Test
    void modelsWithinFindTheirs() throws IOException {
        var model =
                "{'class_name': 'Sequential', 'config': {'name': 's', 'layers': ["
                        + INPUT
                        + ", "
                        + MODEL
                        + "]}}";
        var root = new Hdf5Group();
        var inner = root.putGroup("layers").putGroup("functional").putGroup("layers");
        inner.putGroup("dense")
                .putGroup("vars")
                .put("0", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
        var group = root.group("layers/functional/layers/dense/vars");
        if (group != null) group.put("1", Tensor.of(new float[] {10, 20}, 2));
        inner.putGroup("dense_1")
                .putGroup("vars")
                .put("0", Tensor.of(new float[] {5, 6, 7, 8}, 2, 2));
        var graph = KerasImporter.read(write(model, root)).graph();
        var y = Interpreter.run(graph, List.of(Tensor.of(new float[] {1, 10}, 1, 2)));
        assertEquals("[116.0, 148.0]", Arrays.toString(y.getFirst().floats()));
    }

    @Test
    void anHdf5FileOfKeras3() {
        var root = new Hdf5Group();
        root.put("model_config", MODEL.replace('\'', '"'));
        root.put("keras_version", "3.5.0");
        var all = root.putGroup("model_weights");
        var first = all.putGroup("first");
        first.put("weight_names", List.of("first/kernel", "first/bias"));
        first.putGroup("first").put("kernel", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2));
        var within = first.group("first");
        if (within != null) within.put("bias", Tensor.of(new float[] {10, 20}, 2));
        var second = all.putGroup("second");
        second.put("weight_names", List.of("second/kernel"));
        second.putGroup("second").put("kernel", Tensor.of(new float[] {5, 6, 7, 8}, 2, 2));
        var file = folder.resolve("model.h5");
        Hdf5File.write(file, root);
        var graph = KerasImporter.read(file).graph();
        var y = Interpreter.run(graph, List.of(Tensor.of(new float[] {1, 10}, 1, 2)));
        assertEquals("[116.0, 148.0]", Arrays.toString(y.getFirst().floats()));
    }

    @Test
    void whatIsWrongIsNamed() throws IOException {
        var fewer = new Hdf5Group();
        fewer.putGroup("layers").putGroup("dense").put("other", List.of("x"));
        var file = write(MODEL, fewer);
        var none = assertThrows(GraphException.class, () -> KerasImporter.read(file).graph());
        assertEquals(
                "Dense 'first' (model.keras): weights: expected kernel [2, 2] at place 0, got 0"
                        + " weights",
                none.getMessage());
        write(MODEL.replace("'training': null", "'scale': 2"), weights());
        var argument = assertThrows(GraphException.class, () -> KerasImporter.read(file).graph());
        assertEquals(
                "Dense 'first' (model.keras): call argument 'scale': expected none, got 2",
                argument.getMessage());
        write(MODEL.replace("'inbound_nodes': [{", "'inbound_nodes': [7, {"), weights());
        var node = assertThrows(GraphException.class, () -> KerasImporter.read(file).graph());
        assertEquals(
                "Dense 'first': inbound_nodes: expected a list, or args and kwargs, got 7",
                node.getMessage());
        Files.write(file, new byte[] {'P', 'K', 3, 4, 0});
        var broken = assertThrows(FileException.class, () -> KerasImporter.read(file));
        assertTrue(
                String.valueOf(broken.getMessage())
                        .startsWith(file + ": contents: expected a zip archive, got "),
                broken.getMessage());
        write("{'class_name': ", weights());
        var json = assertThrows(FileException.class, () -> KerasImporter.read(file));
        assertTrue(
                String.valueOf(json.getMessage())
                        .startsWith(file + ": config.json: model_config: expected JSON, got "),
                json.getMessage());
    }
}
