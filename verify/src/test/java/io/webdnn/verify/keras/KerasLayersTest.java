package io.webdnn.verify.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jhdf.HdfFile;
import io.webdnn.compiler.CompileException;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.verify.TestData;
import io.webdnn.verify.browser.Chromium;
import io.webdnn.verify.conformance.Target;
import io.webdnn.verify.conformance.Targets;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layers, and small networks of them, against the outputs of real Keras, which keras-js kept with
/// inputs and weights.
///
/// The files of keras-js hold no attributes; its notebooks (`notebooks/` at commit 7713c55), which
/// made the files, do. `layers.tsv` lists for each case what the notebook gave to Keras: file,
/// case, layers with their numbers of weights, runs (the second of a stateful layer is the one that
/// was kept), and the layers of a chain or the configuration of a functional model, in the order in
/// which Keras has them.
final class KerasLayersTest {
    private static final double TOLERANCE = 1e-4;
    private static final int CASES = 266;

    @TempDir Path folder = Path.of("");

    /// @param runs how often the model ran on the input before its output was kept
    private record Case(String file, String name, String weightCounts, int runs, String layers) {
        static Case of(String line) {
            var parts = List.of(line.split("\t"));
            return new Case(
                    parts.get(0),
                    parts.get(1),
                    parts.get(2),
                    Integer.parseInt(parts.get(3)),
                    parts.get(4));
        }
    }

    private static List<Case> cases() throws IOException {
        try (InputStream in = KerasLayersTest.class.getResourceAsStream("layers.tsv")) {
            var text =
                    new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().map(Case::of).toList();
        }
    }

    /// Every fourth case on WebGPU, where a software GPU takes about a second for each.
    private static List<Case> cases(String target) throws IOException {
        var all = cases();
        if (!target.equals("webgpu")) return all;
        return IntStream.range(0, all.size()).filter(i -> i % 4 == 0).mapToObj(all::get).toList();
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "jvm", "webassembly", "webgl", "webgpu"})
    void layersGiveWhatKerasGave(String name) throws Exception {
        var data = TestData.directory().resolve("keras/keras-js-layer-tests");
        boolean inBrowser = name.startsWith("web");
        assumeTrue(!inBrowser || Chromium.find().isPresent(), "no Chromium: set CHROME_PATH");
        var wrong = new ArrayList<String>();
        int passes = 0;
        try (var target = Targets.named(List.of(name)).getFirst()) {
            for (var one : cases(name)) {
                try {
                    var difference = difference(target, one, data);
                    if (difference == null) passes++;
                    else wrong.add(one.name() + ": " + difference);
                } catch (CompileException | GraphException e) {
                    wrong.add(one.name() + ": " + e.getMessage());
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(passes).isEqualTo(name.equals("webgpu") ? (CASES + 3) / 4 : CASES);
    }

    private @Nullable String difference(Target target, Case one, Path data) throws Exception {
        var json =
                (Map<?, ?>) Objects.requireNonNull(read(data.resolve(one.file())).get(one.name()));
        var inputs = new ArrayList<Tensor>();
        if (json.get("inputs") instanceof List<?> list) list.forEach(x -> inputs.add(tensor(x)));
        else inputs.add(tensor(member(json, "input")));
        var weights = new ArrayList<Tensor>();
        if (json.get("weights") instanceof List<?> list) list.forEach(w -> weights.add(tensor(w)));
        var file = folder.resolve("model.h5");
        write(file, inputs.getFirst(), one.weightCounts(), one.layers(), weights);

        var graph = KerasImporter.read(file).graph();
        var given = new ArrayList<Tensor>();
        for (var input : inputs) given.add(batchOfOne(input));
        int states = graph.inputs().size() - given.size();
        for (var state : graph.inputs().subList(given.size(), graph.inputs().size()))
            given.add(Tensor.zeros(DType.FLOAT32, 1, state.type().shape().size(1)));
        var program = target.compile(graph);
        var results = program.run(given);
        for (int run = 1; run < one.runs(); run++) {
            for (int i = 0; i < states; i++)
                given.set(inputs.size() + i, results.get(results.size() - states + i));
            results = program.run(given);
        }
        return compare(batchOfOne(tensor(member(json, "expected"))), results.getFirst());
    }

    private static @Nullable String compare(Tensor expected, Tensor actual) {
        if (!Arrays.equals(expected.shape(), actual.shape()))
            return "expected " + expected.toShape() + ", got " + actual.toShape();
        for (int i = 0; i < expected.size(); i++) {
            double difference = Math.abs(expected.getDouble(i) - actual.getDouble(i));
            if (!(difference <= TOLERANCE)) {
                return "element "
                        + i
                        + ": expected "
                        + expected.getDouble(i)
                        + ", got "
                        + actual.getDouble(i);
            }
        }
        return null;
    }

    private static Tensor batchOfOne(Tensor tensor) {
        int[] shape = new int[tensor.rank() + 1];
        shape[0] = 1;
        System.arraycopy(tensor.shape(), 0, shape, 1, tensor.rank());
        return tensor.reshape(shape);
    }

    /// Writes the model as Keras 2 does.
    private static void write(
            Path file, Tensor x, String counts, String layers, List<Tensor> weights) {
        var shape = new StringBuilder("null");
        for (int extent : x.shape()) shape.append(", ").append(extent);
        var input =
                "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"input\","
                        + " \"batch_input_shape\": ["
                        + shape
                        + "]}}";
        var config =
                layers.startsWith("[")
                        ? "{\"class_name\": \"Sequential\", \"config\": ["
                                + input
                                + ", "
                                + layers.substring(1)
                                + "}"
                        : "{\"class_name\": \"Model\", \"config\": " + layers + "}";
        int next = 0;
        try (var hdf = HdfFile.write(file)) {
            hdf.putAttribute("keras_version", "2.0.8");
            hdf.putAttribute("model_config", config);
            var group = hdf.putGroup("model_weights");
            for (var entry : List.of(counts.split(" "))) {
                var name = entry.substring(0, entry.indexOf('='));
                int count = Integer.parseInt(entry.substring(name.length() + 1));
                if (count == 0) continue; // jHDF writes no empty groups
                var layer = group.putGroup(name);
                var inside = layer.putGroup(name);
                var weightNames = new String[count];
                for (int k = 0; k < count; k++) {
                    weightNames[k] = name + "/w" + k;
                    inside.putDataset("w" + k, nested(weights.get(next++)));
                }
                layer.putAttribute("weight_names", weightNames);
            }
        }
        assertEquals(weights.size(), next, "weights used");
    }

    private static Object nested(Tensor tensor) {
        var array = Array.newInstance(float.class, tensor.shape());
        fill(array, tensor.floats(), new int[1]);
        return array;
    }

    private static void fill(Object array, float[] values, int[] next) {
        if (array instanceof float[] row) {
            for (int i = 0; i < row.length; i++) row[i] = values[next[0]++];
            return;
        }
        for (int i = 0; i < Array.getLength(array); i++) fill(Array.get(array, i), values, next);
    }

    private static Tensor tensor(Object json) {
        var map = (Map<?, ?>) json;
        var shape =
                ((List<?>) member(map, "shape"))
                        .stream().mapToInt(n -> ((Number) n).intValue()).toArray();
        var data = (List<?>) member(map, "data");
        var values = new float[data.size()];
        for (int i = 0; i < values.length; i++) values[i] = ((Number) data.get(i)).floatValue();
        return Tensor.of(values, shape);
    }

    private static Object member(Map<?, ?> object, String key) {
        return Objects.requireNonNull(object.get(key), key);
    }

    private static Map<?, ?> read(Path file) throws IOException {
        try (var parser = new JsonFactory().createParser(file.toFile())) {
            return (Map<?, ?>) value(parser, parser.nextToken());
        }
    }

    private static Object value(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.START_OBJECT) {
            var map = new LinkedHashMap<String, Object>();
            while (parser.nextToken() != JsonToken.END_OBJECT)
                map.put(parser.currentName(), value(parser, parser.nextToken()));
            return map;
        }
        if (token != JsonToken.START_ARRAY) return token.isNumeric() ? parser.getDoubleValue() : "";
        var list = new ArrayList<>();
        for (var next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken())
            list.add(value(parser, next));
        return list;
    }
}
