package io.webdnn.importer.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.HdfFile;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KerasImporterTest {
    private static final float[][] KERNEL = {{1, 2}, {3, 4}, {5, 6}};

    @TempDir Path folder = Path.of("");

    private Path write(String config) {
        var file = folder.resolve("model.h5");
        try (var hdf = HdfFile.write(file)) {
            hdf.putAttribute("model_config", config.replace('\'', '"'));
            hdf.putAttribute("keras_version", "2.1.0");
            var layer = hdf.putGroup("model_weights").putGroup("d");
            layer.putDataset("kernel", KERNEL);
            layer.putDataset("bias", new float[] {10, 20});
            layer.putAttribute("weight_names", new String[] {"kernel", "bias"});
        }
        return file;
    }

    private static String sequential(String... layers) {
        return "{'class_name': 'Sequential', 'config': [{'class_name': 'InputLayer', 'config': {'name':"
                + " 'x', 'batch_input_shape': [null, 3]}}, "
                + String.join(", ", layers)
                + "]}";
    }

    private static String dense(String attributes) {
        return "{'class_name': 'Dense', 'config': {'name': 'd', %s}}".formatted(attributes);
    }

    private String complaint(String config) {
        var file = write(config);
        var e = assertThrows(GraphException.class, () -> KerasImporter.read(file).graph());
        return String.valueOf(e.getMessage());
    }

    @Test
    void batchBecomesN() {
        var graph = KerasImporter.read(write(sequential(dense("'units': 2")))).graph();
        assertEquals("[x: float32[N, 3]]", graph.inputs().toString());
        var y = Interpreter.run(graph, List.of(Tensor.of(new float[] {1, 1, 1}, 1, 3)));
        assertEquals("[19.0, 32.0]", Arrays.toString(y.getFirst().floats()));
    }

    @Test
    void layerThatIsCalledTwiceSharesWeights() {
        var config =
                "{'class_name': 'Model', 'config': {'name': 'm', 'layers': ["
                        + input("a")
                        + ", "
                        + input("b")
                        + ", {'class_name': 'Dense', 'name': 'd', 'config': {'name': 'd', 'units': 2},"
                        + " 'inbound_nodes': [[['a', 0, 0, {}]], [['b', 0, 0, {}]]]},"
                        + " {'class_name': 'Subtract', 'name': 's', 'config': {'name': 's'},"
                        + " 'inbound_nodes': [[['d', 0, 0, {}], ['d', 1, 0, {}]]]}],"
                        + " 'input_layers': [['a', 0, 0], ['b', 0, 0]],"
                        + " 'output_layers': [['s', 0, 0], ['d', 1, 0]]}}";
        var graph = KerasImporter.read(write(config)).graph();
        assertEquals(List.of("s", "d"), graph.outputNames());
        var one = Tensor.of(new float[] {1, 1, 1}, 1, 3);
        var unit = Tensor.of(new float[] {1, 0, 0}, 1, 3);
        var y = Interpreter.run(graph, List.of(one, unit));
        assertEquals("[8.0, 10.0]", Arrays.toString(y.get(0).floats()));
        assertEquals("[11.0, 22.0]", Arrays.toString(y.get(1).floats()));
    }

    private static String input(String name) {
        return ("{'class_name': 'InputLayer', 'name': '%s', 'config': {'name': '%s',"
                        + " 'batch_input_shape': [null, 3]}, 'inbound_nodes': []}")
                .formatted(name, name);
    }

    @Test
    void shapeMustFitTheDeclaredOne() {
        var importer = KerasImporter.read(write(sequential(dense("'units': 2"))));
        var graph = importer.shape("x", Shape.of(5, 3)).graph();
        assertEquals("[x: float32[5, 3]]", graph.inputs().toString());
        var e = assertThrows(GraphException.class, () -> importer.shape("x", Shape.of(5, 4)));
        assertEquals("model.h5: input 'x': expected [N, 3], got [5, 4]", e.getMessage());
        var none = assertThrows(GraphException.class, () -> importer.shape("x", Shape.of(0, 3)));
        assertTrue(
                String.valueOf(none.getMessage())
                        .endsWith("input 'x': expected extents >= 1, got [0, 3]"));
        var other = assertThrows(GraphException.class, () -> importer.shape("y", Shape.of(5, 3)));
        assertEquals("model.h5: input: expected one of [x], got 'y'", other.getMessage());
    }

    @Test
    void weightsThatDoNotFit() {
        assertEquals(
                "Dense 'd' (model.h5): weight 'kernel': expected kernel [3, 4], got [3, 2]",
                complaint(sequential(dense("'units': 4"))));
        assertEquals(
                "Dense 'd' (model.h5): weights: expected 1 weights, got 2",
                complaint(sequential(dense("'units': 2, 'use_bias': false"))));
        assertEquals(
                "Dense 'e' (model.h5): weights: expected kernel [2, 2] at place 0, got 0 weights",
                complaint(
                        sequential(
                                dense("'units': 2"), dense("'units': 2").replace("'d'", "'e'"))));
    }

    @Test
    void whatIsNotKnown() {
        assertEquals(
                "Spiral 'd' (model.h5): layer: expected a layer of Keras, or one that a CustomLayer"
                        + " knows, got Spiral",
                complaint(sequential(dense("'units': 2").replace("Dense", "Spiral"))));
        assertEquals(
                "Dense 'd' (model.h5): attribute 'twist': expected one that this layer is known to"
                        + " have, got 3",
                complaint(sequential(dense("'units': 2, 'twist': 3"))));
        assertEquals(
                "Dense 'd' (model.h5): activation: expected an activation function of Keras, got"
                        + " 'wave'",
                complaint(sequential(dense("'units': 2, 'activation': 'wave'"))));
        assertEquals(
                "Dense 'd' (model.h5): units: expected an integer, got two",
                complaint(sequential(dense("'units': 'two'"))));
        assertEquals(
                "Lambda 'd' (model.h5): layer: expected one that says what it computes (write the"
                        + " function as a layer that Keras has, or as a class of a layer and a"
                        + " CustomLayer for it), got Python code",
                complaint(sequential(dense("'function': 'x'").replace("Dense", "Lambda"))));
    }

    @Test
    void cycle() {
        var config =
                "{'class_name': 'Model', 'config': {'name': 'm', 'layers': ["
                        + input("a")
                        + ", {'class_name': 'Add', 'name': 's', 'config': {'name': 's'},"
                        + " 'inbound_nodes': [[['a', 0, 0, {}], ['s', 0, 0, {}]]]}],"
                        + " 'input_layers': [['a', 0, 0]], 'output_layers': [['s', 0, 0]]}}";
        assertEquals(
                "Add 's' (model.h5): inbound_nodes: expected outputs of layers before, got output 0"
                        + " of call 0 of 's', which waits for it or is not there",
                complaint(config));
    }

    @Test
    void filesThatAreNone() throws IOException {
        var file = write(sequential(dense("'units': 2")));
        var bytes = Files.readAllBytes(file);
        for (int length : new int[] {0, 7, 40, 200, bytes.length / 2}) {
            Files.write(file, Arrays.copyOf(bytes, length));
            var e = assertThrows(FileException.class, () -> KerasImporter.read(file).graph());
            var message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(file + ": no HDF5 file, or a broken one: "), message);
            assertEquals(1, message.lines().count());
        }
        var none = assertThrows(FileException.class, () -> KerasImporter.read(folder.resolve("y")));
        assertEquals(folder.resolve("y") + ": cannot be read: no such file", none.getMessage());
    }

    @Test
    void fileOfSomethingElse() {
        var file = folder.resolve("other.h5");
        try (var hdf = HdfFile.write(file)) {
            hdf.putDataset("measured", new float[] {1, 2});
        }
        var e = assertThrows(FileException.class, () -> KerasImporter.read(file));
        assertEquals(
                file
                        + ": attribute 'model_config': expected Keras's model (a file of save_weights"
                        + " alone has none; write it with model.save), got none",
                e.getMessage());
        var torn = write("{'class_name': ");
        var json = assertThrows(FileException.class, () -> KerasImporter.read(torn));
        assertTrue(
                String.valueOf(json.getMessage())
                        .startsWith(torn + ": model_config: expected JSON, got "),
                json.getMessage());
    }
}
