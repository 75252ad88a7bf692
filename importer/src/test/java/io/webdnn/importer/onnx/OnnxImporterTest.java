package io.webdnn.importer.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.webdnn.graph.Graph;
import io.webdnn.graph.interpret.Interpreter;
import io.webdnn.graph.type.GraphException;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Shape;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.FileException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxImporterTest {
    @TempDir Path directory;

    private static Tensor floats(int... shape) {
        var tensor = Tensor.zeros(DType.FLOAT32, shape);
        for (int i = 0; i < tensor.size(); i++) tensor.setDouble(i, i);
        return tensor;
    }

    private Graph graph(ModelFile model) {
        return OnnxImporter.read(model.write(directory)).graph();
    }

    private void refused(ModelFile model, String message) {
        assertThatThrownBy(() -> graph(model))
                .isInstanceOf(GraphException.class)
                .hasMessage(message);
    }

    private static ModelFile conv(Tensor weight, OnnxWriter.Fields... attributes) {
        return new ModelFile()
                .input("x", "N", "3", "8", "8")
                .initializer("w", weight)
                .node("Conv", "conv1", List.of("x", "w"), List.of("y"), attributes)
                .output("y");
    }

    @Test
    void extentsKeepTheirNamesAndGetOnesOfTheirOwn() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N", "", "3")
                                .node("Relu", "", List.of("x"), List.of("y"))
                                .output("y"));
        assertThat(graph.inputs().getFirst()).hasToString("x: float32[N, x.1, 3]");
        assertThat(graph.outputNames()).containsExactly("y");
        assertThat(graph.nodes().getFirst().name()).isEqualTo("y");
    }

    @Test
    void aGivenShapeTakesThePlaceOfTheDeclaredOne() {
        var file = conv(floats(4, 3, 3, 3)).write(directory);
        var importer = OnnxImporter.read(file).shape("x", Shape.of(2, 3, 5, 7));
        assertThat(importer.graph().outputs().getFirst()).hasToString("conv1: float32[2, 4, 3, 5]");
        assertThatThrownBy(() -> importer.shape("z", Shape.of(1)))
                .hasMessage(file + ": input: expected one of [x], got 'z'");
        assertThatThrownBy(() -> OnnxImporter.read(file).shape("x", Shape.of(1)).graph())
                .hasMessage("model.onnx: input 'x': expected rank 4, got [1]");
    }

    @Test
    void errorsNameOperatorNodeFileAndArgument() {
        refused(
                conv(floats(64, 3, 7)),
                "Conv 'conv1' (model.onnx, node 0): W: expected rank 4, got float32[64, 3, 7]");
        refused(
                conv(floats(4, 2, 3, 3)),
                "Conv 'conv1' (model.onnx, node 0): W: expected C/group = 3 on axis 1, got"
                        + " float32[4, 2, 3, 3]");
        refused(
                conv(floats(4, 3, 3, 3), OnnxWriter.integers("kernel_shape", 5, 5)),
                "Conv 'conv1' (model.onnx, node 0): kernel_shape: expected W's [3, 3], got [5, 5]");
        refused(
                conv(floats(4, 3, 3, 3), OnnxWriter.integer("winograd", 1)),
                "Conv 'conv1' (model.onnx, node 0): attribute 'winograd': expected none of that"
                        + " name in opset 17, got one");
        refused(
                conv(floats(4, 3, 3, 3), ModelFile.text("group", "1")),
                "Conv 'conv1' (model.onnx, node 0): group: expected an int, got string '1'");
        refused(
                conv(floats(4, 3, 3, 3), ModelFile.text("auto_pad", "SAME")),
                "Conv 'conv1' (model.onnx, node 0): auto_pad: expected one of [NOTSET, SAME_UPPER,"
                        + " SAME_LOWER, VALID], got SAME");
        refused(
                conv(floats(4, 3, 3, 3), OnnxWriter.integers("strides", 1)),
                "Conv 'conv1' (model.onnx, node 0): strides: expected 2 ints, got [1]");
    }

    @Test
    void whatIsUnknownIsNamed() {
        refused(
                new ModelFile()
                        .input("x", "2")
                        .node("Relu", "", List.of("x"), List.of("h"))
                        .node("Frobnicate", "f", List.of("h"), List.of("y"))
                        .output("y"),
                "Frobnicate 'f' (model.onnx, node 1): unknown operator");
        refused(
                conv(floats(4, 3, 3, 3)).opset(99),
                "Conv 'conv1' (model.onnx, node 0): opset: expected 1 ... 28, got 99");
        refused(
                new ModelFile()
                        .input("x", "2")
                        .node("Relu", "r", List.of("z"), List.of("y"))
                        .output("y"),
                "Relu 'r' (model.onnx, node 0): input: expected a value that was computed before,"
                        + " got 'z'");
        refused(
                new ModelFile().input("x", "2").output("y"),
                "model.onnx: output 'y': expected a value, got none");
        refused(
                new ModelFile()
                        .input("x", "2")
                        .node("Add", "a", List.of("x", "b"), List.of("a"))
                        .node("Relu", "b", List.of("a"), List.of("b"))
                        .output("b"),
                "Relu 'b' (model.onnx, node 1): input: expected no value that depends on the node,"
                        + " got 'a'");
    }

    private static ModelFile reshape() {
        return new ModelFile()
                .input("x", "2", "3")
                .integers("shape", "2")
                .node("Reshape", "r", List.of("x", "shape"), List.of("y"))
                .output("y");
    }

    @Test
    void aShapeOperandIsBoundWhereItIsNeededAndOnlyThere() {
        var file = reshape().write(directory);
        assertThat(OnnxImporter.read(file).graph().outputs().getFirst().type())
                .hasToString("float32[r.extent.0, r.extent.1]");
        var values = Map.of("shape", Tensor.of(new long[] {3, -1}, 2), "x", floats(2, 3));
        var graph = OnnxImporter.read(file).bindWhereNeeded(values).graph();
        assertThat(graph.inputs()).hasToString("[x: float32[2, 3]]");
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[3, 2]");
        var bound = OnnxImporter.read(file).bind("shape", Tensor.of(new long[] {6}, 1));
        assertThat(bound.graph().outputs().getFirst().type()).hasToString("float32[6]");
    }

    @Test
    void shapesThatAreComputedFromSymbolsStaySymbols() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N", "3", "4")
                                .initializer("zero", Tensor.of(new long[] {0}, 1))
                                .initializer("rest", Tensor.of(new long[] {-1}, 1))
                                .node("Shape", "", List.of("x"), List.of("shape"))
                                .node("Gather", "", List.of("shape", "zero"), List.of("n"))
                                .node(
                                        "Concat",
                                        "",
                                        List.of("n", "rest"),
                                        List.of("target"),
                                        OnnxWriter.integer("axis", 0))
                                .node("Reshape", "", List.of("x", "target"), List.of("y"))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[N, 12]");
        assertThat(Interpreter.run(graph, List.of(floats(5, 3, 4))).getFirst().shape())
                .containsExactly(5, 12);
    }

    /// A model whose node `of` takes the batch size of x, joined with `rest`, for its input `at`.
    private static ModelFile sized(long[] rest, String operator, int at, OnnxWriter.Fields mode) {
        var inputs = new ArrayList<>(Collections.nCopies(at, ""));
        inputs.set(0, "x");
        inputs.add("target");
        return new ModelFile()
                .input("x", "N", "3", "4")
                .initializer("zero", Tensor.of(new long[] {0}, 1))
                .initializer("rest", Tensor.of(rest, rest.length))
                .node("Shape", "", List.of("x"), List.of("shape"))
                .node("Gather", "", List.of("shape", "zero"), List.of("n"))
                .node(
                        "Concat",
                        "",
                        List.of("n", "rest"),
                        List.of("target"),
                        OnnxWriter.integer("axis", 0))
                .node(operator, "r", inputs, List.of("y"), mode)
                .output("y");
    }

    @Test
    void anAxisThatKeepsItsSymbolIsNotResized() {
        var mode = ModelFile.text("mode", "linear");
        var graph = graph(sized(new long[] {3, 8}, "Resize", 3, mode));
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[N, 3, 8]");
        var x = Tensor.of(new float[] {0, 4, 8, 12, 0, 0, 0, 0, 1, 1, 1, 1}, 1, 3, 4);
        assertThat(Interpreter.run(graph, List.of(x)).getFirst().floats())
                .startsWith(0, 1, 3, 5, 7, 9, 11, 12, 0)
                .endsWith(0, 1, 1, 1, 1, 1, 1, 1, 1);
        var same = graph(sized(new long[] {3, 4}, "Resize", 3, mode));
        assertThat(same.nodes()).extracting(node -> node.op().name()).containsExactly("Identity");
        refused(
                sized(new long[] {4}, "Resize", 3, mode),
                "Resize 'r' (model.onnx, node 3): sizes: expected 3 entries, got [N, 4]");
        refused(
                sized(
                        new long[] {3, 8},
                        "Resize",
                        3,
                        ModelFile.text("keep_aspect_ratio_policy", "not_larger")),
                "Resize 'r' (model.onnx, node 3): sizes: expected numbers, or the input's extents,"
                        + " got [N, 3, 8]");
    }

    /// The second extent is a number, though the vector that it is taken from has a symbol too.
    @Test
    void numbersAmongSymbolsAreKnown() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "N", "3", "4")
                                .initializer("one", Tensor.of(new long[] {1}, 1))
                                .initializer("zero", Tensor.of(new long[] {0}, 1))
                                .node("Shape", "", List.of("x"), List.of("shape"))
                                .node("Gather", "", List.of("shape", "one"), List.of("three"))
                                .node(
                                        "Slice",
                                        "",
                                        List.of("x", "zero", "three", "one"),
                                        List.of("part"))
                                .node(
                                        "Concat",
                                        "",
                                        List.of("three", "three", "three"),
                                        List.of("times"),
                                        OnnxWriter.integer("axis", 0))
                                .node("Tile", "", List.of("part", "times"), List.of("y"))
                                .output("y"));
        assertThat(graph.outputs().getFirst().type()).hasToString("float32[3*N, 9, 12]");
    }

    @Test
    void nodesAreSortedAndTheLastDefinitionOfANameCounts() {
        var graph =
                graph(
                        new ModelFile()
                                .input("x", "2")
                                .node("Neg", "", List.of("h"), List.of("y"))
                                .node("Abs", "", List.of("x"), List.of("h"))
                                .node("Relu", "", List.of("x"), List.of("h"))
                                .output("y"));
        var result = Interpreter.run(graph, List.of(Tensor.of(new float[] {-2, 3}, 2)));
        assertThat(result.getFirst().floats()).containsExactly(-0f, -3);
    }

    @Test
    void paddingThatDependsOnASymbolIsRefused() {
        refused(
                new ModelFile()
                        .input("x", "1", "1", "H")
                        .initializer("w", floats(1, 1, 3))
                        .node(
                                "Conv",
                                "c",
                                List.of("x", "w"),
                                List.of("y"),
                                ModelFile.text("auto_pad", "SAME_UPPER"),
                                OnnxWriter.integers("strides", 2))
                        .output("y"),
                "Conv 'c' (model.onnx, node 0): auto_pad: expected NOTSET where the extent H is a"
                        + " symbol, got SAME");
    }

    /// Softmax before opset 13 normalizes over all axes from `axis` on; the suite has no such case.
    @Test
    void oldSoftmaxFlattens() {
        var model =
                new ModelFile()
                        .opset(11)
                        .input("x", "2", "2", "2")
                        .node("Softmax", "", List.of("x"), List.of("y"))
                        .output("y");
        var x = floats(2, 2, 2);
        var y = Interpreter.run(graph(model), List.of(x)).getFirst();
        for (int row = 0; row < 2; row++) {
            double sum = 0;
            for (int i = 0; i < 4; i++) sum += Math.exp(x.getDouble(4 * row + i));
            for (int i = 4 * row; i < 4 * row + 4; i++)
                assertThat(y.getDouble(i))
                        .isCloseTo(
                                Math.exp(x.getDouble(i)) / sum,
                                org.assertj.core.api.Assertions.within(1e-6));
        }
    }

    @Test
    void brokenFilesAreRefused() throws IOException {
        var file = directory.resolve("model.onnx");
        assertThatThrownBy(() -> OnnxImporter.read(file))
                .isInstanceOf(FileException.class)
                .hasMessage(file + ": cannot be read: no such file");
        Files.write(file, new byte[0]);
        assertThatThrownBy(() -> OnnxImporter.read(file))
                .hasMessage(
                        file + ": contents: expected an ONNX model, got a file without a graph");
        var bytes = conv(floats(4, 3, 3, 3)).bytes();
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> OnnxImporter.read(file))
                .isInstanceOf(FileException.class)
                .hasMessageStartingWith(file + ": byte ")
                .hasMessageEndingWith(": the file is truncated or no ONNX file");
    }

    private void brokenTensor(OnnxWriter.Fields tensor, String complaint) {
        var file =
                new ModelFile()
                        .initializer("w", tensor)
                        .node("Relu", "", List.of("w"), List.of("y"))
                        .output("y")
                        .write(directory);
        assertThatThrownBy(() -> OnnxImporter.read(file).graph())
                .isInstanceOf(FileException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void tensorsAreCheckedBeforeMemoryIsTaken() {
        brokenTensor(
                out -> {
                    out.writeInt64(1, 1L << 40);
                    out.writeInt32(2, 1);
                },
                "tensor 'w': shape: expected extents from 0 to 2^31 - 1, got [1099511627776]");
        brokenTensor(
                out -> {
                    out.writeInt64(1, 2_000_000_000);
                    out.writeInt32(2, 1);
                    out.writeByteArray(9, new byte[8]);
                },
                "tensor 'w': bytes: expected 8000000000 for float32[2000000000], got 8");
        brokenTensor(
                out -> {
                    out.writeInt64(1, -1);
                    out.writeInt32(2, 1);
                },
                "tensor 'w': shape: expected extents from 0 to 2^31 - 1, got [-1]");
        brokenTensor(
                out -> {
                    out.writeInt64(1, 2);
                    out.writeInt32(2, 6);
                    out.writeInt32(5, 1);
                },
                "tensor 'w': int_data: expected 2 for int32[2], got 1");
        brokenTensor(out -> out.writeInt32(2, 77), "dtype: expected a code from 1 to 26, got 77");
        brokenTensor(out -> out.writeInt64(1, 0), "tensor 'w': dtype: expected one, got none");
    }

    private static OnnxWriter.Fields external(String location) {
        return external(1, Map.of("location", location));
    }

    private static OnnxWriter.Fields external(int dtype, Map<String, String> entries) {
        return out -> {
            out.writeInt64(1, 2);
            out.writeInt32(2, dtype);
            out.writeInt32(14, 1);
            for (var each : entries.entrySet()) {
                out.writeByteArray(
                        13,
                        OnnxWriter.bytes(entry -> {
                            entry.writeString(1, each.getKey());
                            entry.writeString(2, each.getValue());
                        }));
            }
        };
    }

    @Test
    void externalDataMayLieBeyondTwoGigabytes() throws IOException {
        long offset = 3L << 30;
        try (var file = new RandomAccessFile(directory.resolve("large.bin").toFile(), "rw")) {
            file.seek(offset); // a hole, which takes no room on the disk
            file.write(new byte[] {0, 0, -128, 63, 0, 0, 0, 64});
        }
        var place = Map.of("location", "large.bin", "offset", "" + offset, "length", "8");
        var graph =
                graph(
                        new ModelFile()
                                .initializer("w", external(1, place))
                                .node("Relu", "", List.of("w"), List.of("y"))
                                .output("y"));
        assertThat(Interpreter.run(graph, List.of()).getFirst().floats()).containsExactly(1, 2);
        brokenTensor(
                external(8, place),
                "tensor 'w': contents: expected string_data, got bytes in another file");
    }

    @Test
    void externalDataStaysBelowTheModelsDirectory() throws IOException {
        Files.write(directory.resolve("weights.bin"), new byte[] {0, 0, -128, 63, 0, 0, 0, 64});
        var graph =
                graph(
                        new ModelFile()
                                .initializer("w", external("weights.bin"))
                                .node("Relu", "", List.of("w"), List.of("y"))
                                .output("y"));
        assertThat(Interpreter.run(graph, List.of()).getFirst().floats()).containsExactly(1, 2);
        for (var outside : List.of("../weights.bin", "/etc/hostname", "a/../../b", "")) {
            brokenTensor(
                    external(outside),
                    "tensor 'w': location: expected a path below the model's directory, got "
                            + outside);
        }
        var link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/etc/hostname"));
        brokenTensor(external("link"), "location: expected a path below the model's directory");
        Files.delete(link);
        Files.write(directory.resolve("short.bin"), new byte[5]);
        brokenTensor(external("short.bin"), "bytes in short.bin: expected 8 for float32[2], got 5");
        brokenTensor(external("none.bin"), "none.bin: cannot be read: no such file");
    }

    /// Whatever a file holds, reading it ends in a graph or in one of our two exceptions.
    @Test
    void damagedFilesNeverEndInAnythingElse() throws IOException {
        var bytes = conv(floats(4, 3, 3, 3), OnnxWriter.integers("pads", 1, 1, 1, 1)).bytes();
        var file = directory.resolve("model.onnx");
        var random = new Random(11);
        int refused = 0;
        for (int trial = 0; trial < 1500; trial++) {
            var damaged = bytes.clone();
            for (int i = 0; i <= trial % 3; i++)
                damaged[random.nextInt(bytes.length)] = (byte) random.nextInt();
            if (trial % 4 == 0) damaged = Arrays.copyOf(damaged, random.nextInt(bytes.length));
            Files.write(file, damaged);
            try {
                OnnxImporter.read(file).graph();
            } catch (FileException | GraphException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(300);
    }
}
